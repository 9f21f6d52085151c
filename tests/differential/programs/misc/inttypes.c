/* SPDX-License-Identifier: Apache-2.0
 *
 * The conversion macros fit printf and sscanf; strtoimax and strtoumax.
 */
#include <inttypes.h>
#include "check.h"

int main(void) {
    int64_t a = -5;
    uint32_t b = 4000000000u;
    int8_t c = -8;
    uintptr_t p = 255;
    printf("%" PRId64 " %" PRIu32 " %" PRIx32 " %" PRId8 " %" PRIxPTR " %" PRIdMAX "\n", a, b, b, c, p, (intmax_t)-1);
    I(sscanf("77 88 ff", "%" SCNd64 " %" SCNu32 " %" SCNxPTR, &a, &b, &p));
    I(a + (int64_t)b + (int64_t)p);
    char *end;
    I(strtoimax("-123x", &end, 10));
    I(strtoumax("0x1f", &end, 0));
    S(end);
    return 0;
}
