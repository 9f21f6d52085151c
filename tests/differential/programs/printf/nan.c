/* SPDX-License-Identifier: Apache-2.0
 *
 * NaN with width and sign flags.
 */
#include "check.h"

int main(void) {
    volatile double zero = 0;
    double nan = zero / zero;
    printf("%d\n", nan != nan);
    nan = __builtin_copysign(nan, 1.0);
    printf("[%f] [%6g] [%-6e] [%06f] [%A]\n", nan, nan, nan, nan, nan);
    return 0;
}
