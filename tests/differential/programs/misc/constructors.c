/* SPDX-License-Identifier: Apache-2.0
 *
 * Constructors run before main, destructors after it.
 */
#include "check.h"

static int order[4], n;
__attribute__((constructor)) static void before(void) { order[n++] = 1; }
__attribute__((constructor(200))) static void first(void) { order[n++] = 2; }
__attribute__((destructor)) static void after(void) { puts("destructor"); }
static void at_end(void) { puts("atexit"); }

int main(void) {
    atexit(at_end);
    I(n);
    I(order[0] * 10 + order[1]);
    return 0;
}
