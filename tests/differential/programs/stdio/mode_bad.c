/* SPDX-License-Identifier: Apache-2.0
 *
 * Modes that are none.
 */
#include "check.h"

int main(void) {
    make_file("a", "x");
    P(fopen("a", ""));
    P(fopen("a", "q"));
    P(fopen("a", "+r"));
    FILE *f = fopen("a", "rb");
    I(f != NULL && fclose(f) == 0);
    f = fopen("a", "r+b");
    I(f != NULL && fclose(f) == 0);
    f = fopen("a", "rb+");
    I(f != NULL && fclose(f) == 0);
    f = fopen("a", "re");
    I(f != NULL && fclose(f) == 0);
    return 0;
}
