/* SPDX-License-Identifier: Apache-2.0
 *
 * Floating point into float and double, with what stops it.
 */
#include "check.h"

int main(void) {
    float f = 0;
    double d = 0;
    char rest[16] = "";
    I(sscanf("1.5 -2e3x", "%f%lf%s", &f, &d, rest));
    printf("%g %g %s\n", f, d, rest);
    I(sscanf("0x1.8p1 inf", "%lf%f", &d, &f));
    printf("%g %g\n", d, f);
    I(sscanf("3.14159", "%4lf%s", &d, rest));
    printf("%g %s\n", d, rest);
    I(sscanf("1e400 1e-400", "%lf%lf", &d, &d));
    I(sscanf(".5e", "%lf", &d));
    I(sscanf("e5", "%lf", &d));
    I(sscanf("nan", "%lf", &d));
    I(d != d);
    return 0;
}
