/* SPDX-License-Identifier: Apache-2.0
 *
 * The end stays until it is cleared; then what was added can be read.
 */
#include "check.h"

int main(void) {
    FILE *in, *out;
    make_file("a", "x");
    in = fopen("a", "r");
    I(fgetc(in));
    I(fgetc(in));
    out = fopen("a", "a");
    fputs("yz", out);
    fclose(out);
    I(feof(in) != 0);
    clearerr(in);
    I(feof(in));
    I(fgetc(in));
    I(fgetc(in));
    I(fgetc(in));
    fclose(in);
    return 0;
}
