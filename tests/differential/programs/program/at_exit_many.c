/* SPDX-License-Identifier: Apache-2.0
 *
 * At least 32 functions fit, and exit runs them too.
 */
#include "check.h"

static int n;
static void count(void) {
    if (++n == 32) printf("all %d\n", n);
}
int main(void) {
    for (int i = 0; i < 32; i++) {
        if (atexit(count) != 0) printf("refused %d\n", i);
    }
    exit(1);
}
