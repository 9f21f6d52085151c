/* SPDX-License-Identifier: Apache-2.0
 *
 * Recursion, deep and mutual, and through a pointer.
 */
#include "check.h"

static int odd(int n);
static int even(int n) { return n == 0 ? 1 : odd(n - 1); }
static int odd(int n) { return n == 0 ? 0 : even(n - 1); }
static long ackermann(long m, long n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }
static int depth(int n, int (*f)(int)) { return n == 0 ? f(9) : depth(n - 1, f) + 1; }

int main(void) {
    I(even(300));
    I(ackermann(2, 6));
    I(depth(200, even));
    return 0;
}
