/* SPDX-License-Identifier: Apache-2.0
 *
 * The limits of floating point.
 */
#include <float.h>
#include "check.h"

int main(void) {
    printf("%d %d %d %d\n", FLT_RADIX, FLT_MANT_DIG, DBL_MANT_DIG, DBL_DIG);
    printf("%a %a %a\n", (double)FLT_MAX, (double)FLT_MIN, (double)FLT_EPSILON);
    printf("%a %a %a\n", DBL_MAX, DBL_MIN, DBL_EPSILON);
    printf("%d %d %d %d\n", DBL_MAX_EXP, DBL_MIN_EXP, DBL_MAX_10_EXP, DBL_MIN_10_EXP);
    return 0;
}
