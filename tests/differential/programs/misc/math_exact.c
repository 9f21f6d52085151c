/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of math.h whose results are exact.
 * libs: -lm
 */
#include <math.h>
#include "check.h"

int main(void) {
    volatile double values[] = {0.0, -0.0, 1.5, -1.5, 2.5, -2.5, 0.49999999999999994, 1e300, -7.25, 4503599627370497.5, 1e-310};
    int e;
    double whole;
    for (int i = 0; i < 11; i++) {
        double v = values[i];
        printf("%g: %a %a %a %a %a %ld %lld %a\n", v, floor(v), ceil(v), trunc(v), round(v), rint(v), i == 7 ? 0L : lround(v), i == 7 ? 0LL : llrint(v), fabs(v));
        double m = frexp(v, &e);
        printf("  %a %d %a\n", m, v == 0 ? 0 : e, ldexp(v, -3));
        m = modf(v, &whole);
        printf("  %a %a %a %a %a %d\n", m, whole, sqrt(fabs(v)), fmod(v, 1.25), copysign(3, v), !!signbit(v));
    }
    F(fmax(1, NAN));
    F(fmin(-0.5, 2));
    F(fma(1e16, 1 + 1e-16, -1e16));
    F(remainder(5, 3));
    F(nextafter(1, 2));
    F(scalbn(1.5, 10));
    I(ilogb(1000.0));
    I(!!isnan(NAN) + 2 * !!isinf(INFINITY) + 4 * !!isfinite(1.0));
    I(fpclassify(1e-310) == FP_SUBNORMAL);
    F(fdim(5, 3));
    F(logb(0.1));
    return 0;
}
