/* SPDX-License-Identifier: Apache-2.0
 *
 * fread counts whole elements, and reads the rest of a broken one.
 */
#include "check.h"

int main(void) {
    FILE *f;
    char part[16];
    make_file("a", "0123456789");
    f = fopen("a", "r");
    memset(part, '#', sizeof part);
    I(fread(part, 4, 2, f));
    B(part, sizeof part);
    memset(part, '#', sizeof part);
    I(fread(part, 4, 2, f));
    B(part, 4);
    I(feof(f) != 0);
    I(fread(part, 1, 1, f));
    rewind(f);
    I(fread(part, 0, 5, f));
    I(fread(part, 5, 0, f));
    I(ftell(f));
    I(fread(part, 3, 3, f));
    I(ftell(f));
    fclose(f);
    return 0;
}
