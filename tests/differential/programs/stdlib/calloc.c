/* SPDX-License-Identifier: Apache-2.0
 *
 * calloc zeroes memory that was used before, and sees the overflow of its product.
 */
#include <stdint.h>
#include "check.h"

int main(void) {
    int bad = 0;
    for (int i = 0; i < 50; i++) {
        char *p = malloc(1000);
        memset(p, 0xee, 1000);
        free(p);
        char *q = calloc(10, 100);
        for (int k = 0; k < 1000; k++) bad += q[k] != 0;
        free(q);
    }
    I(bad);
    volatile size_t half = SIZE_MAX / 2;
    P(calloc(half, 3));
    P(malloc(half + 1));
    void *zero = calloc(0, 5);
    free(zero);
    return 0;
}
