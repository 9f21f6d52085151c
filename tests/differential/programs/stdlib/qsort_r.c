/* SPDX-License-Identifier: Apache-2.0
 *
 * qsort_r hands its argument to the comparison.
 */
#include "check.h"

static int compare(const void *a, const void *b, void *arg) {
    int direction = *(int *)arg;
    const double x = *(const double *)a, y = *(const double *)b;
    return direction * ((x > y) - (x < y));
}

int main(void) {
    double v[] = {2.5, -1, 1e300, 0, -0.5, 1e-300};
    int up = 1, down = -1;
    qsort_r(v, 6, sizeof *v, compare, &up);
    for (int i = 0; i < 6; i++) printf("%g ", v[i]);
    qsort_r(v, 6, sizeof *v, compare, &down);
    for (int i = 0; i < 6; i++) printf("%g ", v[i]);
    printf("\n");
    return 0;
}
