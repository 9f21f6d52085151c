/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of math.h whose last digits libraries may choose.
 * choice: C leaves the accuracy open; ten digits are compared.
 * libs: -lm
 */
#include <math.h>
#include "check.h"

int main(void) {
    for (volatile double x = 0.1; x < 3; x += 0.37) {
        printf("%.10g %.10g %.10g %.10g %.10g\n", sin(x), cos(x), tan(x), exp(x), log(x));
        printf("%.10g %.10g %.10g %.10g %.10g\n", pow(x, 2.5), atan2(x, 2), sinh(x), tanh(x), cbrt(x));
        printf("%.10g %.10g %.10g %.10g %.10g\n", log2(x), log10(x), exp2(x), hypot(x, 4), erf(x));
        printf("%.10g %.10g %.10g %.6g %.6g\n", asin(x / 3), acos(x / 3), atan(x), (double)sqrtf((float)x), (double)sinf((float)x));
        printf("%.10g %.10g\n", tgamma(x), lgamma(x));
    }
    return 0;
}
