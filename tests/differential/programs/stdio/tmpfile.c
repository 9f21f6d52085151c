/* SPDX-License-Identifier: Apache-2.0
 *
 * tmpfile has no name, can be written and read.
 */
#include "check.h"

int main(void) {
    FILE *f;
    char text[16] = {0};
    P(f = tmpfile());
    I(fputs("temporary", f) >= 0);
    rewind(f);
    I(fread(text, 1, 15, f));
    S(text);
    I(fclose(f));
    return 0;
}
