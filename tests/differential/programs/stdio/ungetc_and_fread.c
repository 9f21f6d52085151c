/* SPDX-License-Identifier: Apache-2.0
 *
 * fread, fgets and scanf see the byte pushed back.
 */
#include "check.h"

int main(void) {
    FILE *f;
    char part[8] = {0};
    int n = 0;
    make_file("a", "bc\n12");
    f = fopen("a", "r");
    I(ungetc('A', f));
    I(fread(part, 1, 2, f));
    S(part);
    I(ungetc('Q', f));
    I(fgets(part, sizeof part, f) == part);
    S(part);
    I(ungetc('7', f));
    I(fscanf(f, "%d", &n));
    I(n);
    fclose(f);
    return 0;
}
