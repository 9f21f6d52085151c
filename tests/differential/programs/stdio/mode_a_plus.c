/* SPDX-License-Identifier: Apache-2.0
 *
 * "a+": reads from where it stands, appends at the end.
 */
#include "check.h"

int main(void) {
    FILE *f;
    char part[16] = {0};
    make_file("a", "abcdef");
    P(f = fopen("a", "a+"));
    I(fseek(f, 2, SEEK_SET));
    I(fread(part, 1, 2, f));
    S(part);
    I(fseek(f, 0, SEEK_CUR));
    I(fputs("XYZ", f) >= 0);
    I(fflush(f));
    I(ftell(f));
    I(fseek(f, 0, SEEK_SET));
    memset(part, 0, sizeof part);
    I(fread(part, 1, 15, f));
    S(part);
    I(fclose(f));
    return 0;
}
