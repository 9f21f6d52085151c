/* SPDX-License-Identifier: Apache-2.0
 *
 * %a with precisions that round.
 */
#include "check.h"

int main(void) {
    double v[] = {1.0, 1.999999, 0.5, 3.75, 1e-310, 123456.789, 0x1.8p0, 0x1.88p0, 0x1.78p3};
    for (int i = 0; i < 9; i++) printf("%a %.0a %.1a %.3a %20.5a %-20a| %#.0a %+A\n", v[i], v[i], v[i], v[i], v[i], v[i], v[i], v[i]);
    return 0;
}
