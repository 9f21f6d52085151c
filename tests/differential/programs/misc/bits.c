/* SPDX-License-Identifier: Apache-2.0
 *
 * Bit-fields, unions, compound literals, 64-bit and 128-bit arithmetic.
 */
#include "check.h"

struct flags {
    unsigned a : 3, b : 5;
    signed c : 4;
    unsigned long long d : 40;
};
static int sum(const int *p, int n) {
    int s = 0;
    while (n--) s += *p++;
    return s;
}

int main(void) {
    struct flags f = {.b = 21, .c = -3, .d = 1ull << 39};
    volatile unsigned nine = 9;
    f.a = nine & 7;
    printf("%d %d %d %llu %zu\n", f.a, f.b, f.c, (unsigned long long)f.d, sizeof f);
    union {
        double d;
        unsigned long long u;
    } u = {1.0};
    printf("%llx\n", u.u);
    I(sum((int[]){1, 2, 3, 4}, 4));
    volatile unsigned long long big = 0xfedcba9876543210ull;
    printf("%llx %llx %lld\n", big * big, big / 12345, (long long)big % 1000);
    unsigned __int128 wide = (unsigned __int128)big * big;
    printf("%llx\n", (unsigned long long)(wide >> 64));
    return 0;
}
