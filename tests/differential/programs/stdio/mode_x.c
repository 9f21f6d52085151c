/* SPDX-License-Identifier: Apache-2.0
 *
 * "wx" makes a new file, or fails with EEXIST.
 */
#include "check.h"

int main(void) {
    FILE *f;
    P(f = fopen("a", "wx"));
    I(fclose(f));
    P(fopen("a", "wx"));
    P(f = fopen("b", "w+x"));
    I(fclose(f));
    P(fopen("b", "w+x"));
    return 0;
}
