/* SPDX-License-Identifier: Apache-2.0
 *
 * quick_exit runs its own list only.
 */
#include "check.h"

static void never(void) { printf("never\n"); }
static void quick(void) {
    printf("quick\n");
    fflush(stdout);
}
int main(void) {
    atexit(never);
    I(at_quick_exit(quick));
    fflush(stdout);
    quick_exit(4);
}
