/* SPDX-License-Identifier: Apache-2.0
 *
 * Doubles in all four forms, with infinities and zeros.
 */
#include "check.h"

int main(void) {
    volatile double zero = 0;
    printf("%f %e %g %a\n", 3.14159, 3.14159, 3.14159, 3.14159);
    printf("%F %E %G %A\n", 1e10, 1e-10, 1e-10, 0.1);
    printf("%f %e %g %a %F %G\n", 1 / zero, -1 / zero, 1 / zero, -1 / zero, 1 / zero, -1 / zero);
    printf("[%10f] [%-10g] [%010g] [%+e]\n", 1 / zero, 1 / zero, 1 / zero, 1 / zero);
    printf("%f %e %g %a %+f % g\n", -zero, -zero, -zero, -zero, zero, zero);
    printf("%.0f %.0f %.0f %.0f %#.0f %.0e %#.0e\n", 0.5, 1.5, 2.5, 3.5, 2.0, 12345.0, 12345.0);
    printf("%g %g %g %g %g %#g %#.3g\n", 100000.0, 1000000.0, 1e-4, 1e-5, 0.00012345678, 1.0, 1.0);
    printf("%.20f %.30e %.25g\n", 0.1, 0.1, 0.1);
    printf("%f\n%.3f\n", 1.7976931348623157e308, 4.9e-324);
    printf("%.400e\n", 4.9406564584124654e-324);
    return 0;
}
