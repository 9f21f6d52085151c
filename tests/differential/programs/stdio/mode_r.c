/* SPDX-License-Identifier: Apache-2.0
 *
 * "r": reads what is there, writes nothing, and needs the file.
 */
#include "check.h"

int main(void) {
    FILE *f;
    P(fopen("none", "r"));
    make_file("a", "content");
    P(f = fopen("a", "r"));
    I(fgetc(f));
    I(fputc('x', f));
    I(errno == EBADF);
    I(ferror(f) != 0);
    clearerr(f);
    I(fgetc(f));
    I(fclose(f));
    check_file("a");
    return 0;
}
