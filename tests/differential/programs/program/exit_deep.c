/* SPDX-License-Identifier: Apache-2.0
 *
 * exit from within calls; what is buffered is written.
 */
#include "check.h"

static void deep(int n) {
    if (n == 0) {
        printf("no newline at the end");
        exit(7);
    }
    deep(n - 1);
    printf("never\n");
}
int main(void) {
    deep(20);
    return 0;
}
