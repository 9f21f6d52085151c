/* SPDX-License-Identifier: Apache-2.0
 *
 * More arguments than any register or packet holds.
 */
#include "check.h"

int main(void) {
    int n = printf("%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d\n", 1, 2, 3, 4, 5, 6, 7, 8,
                   9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40);
    I(n);
    n = printf("%s%g%s%g%s%g%s%g%s%g%s%g%s%g%s%g%s%g%s%g\n", "a", 1., "b", 2., "c", 3., "d", 4., "e", 5., "f", 6., "g", 7., "h", 8., "i", 9., "j", 10.);
    I(n);
    return 0;
}
