/* SPDX-License-Identifier: Apache-2.0
 *
 * "r+": reads and writes in place, and needs the file.
 */
#include "check.h"

int main(void) {
    FILE *f;
    char part[8] = {0};
    P(fopen("none", "r+"));
    make_file("a", "0123456789");
    P(f = fopen("a", "r+"));
    I(fread(part, 1, 3, f));
    S(part);
    I(fseek(f, 0, SEEK_CUR));
    I(fputs("XY", f) >= 0);
    I(fseek(f, 0, SEEK_CUR));
    I(fgetc(f));
    I(ftell(f));
    I(fclose(f));
    check_file("a");
    return 0;
}
