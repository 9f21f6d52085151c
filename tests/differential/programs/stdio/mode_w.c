/* SPDX-License-Identifier: Apache-2.0
 *
 * "w": makes or empties the file, and reads nothing.
 */
#include "check.h"

int main(void) {
    FILE *f;
    make_file("a", "old content");
    P(f = fopen("a", "w"));
    I(fputs("new", f) >= 0);
    I(fgetc(f));
    I(errno == EBADF);
    I(ferror(f) != 0);
    I(feof(f));
    I(fclose(f));
    check_file("a");
    P(f = fopen("b", "w"));
    I(fclose(f));
    check_file("b");
    return 0;
}
