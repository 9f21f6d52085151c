/* SPDX-License-Identifier: Apache-2.0
 *
 * "w+": empties, writes, and reads back after a rewind.
 */
#include "check.h"

int main(void) {
    FILE *f;
    char part[16] = {0};
    make_file("a", "old");
    P(f = fopen("a", "w+"));
    I(fputs("hello world", f) >= 0);
    rewind(f);
    I(fread(part, 1, sizeof part - 1, f));
    S(part);
    I(feof(f) != 0);
    I(fclose(f));
    check_file("a");
    return 0;
}
