/* SPDX-License-Identifier: Apache-2.0
 *
 * Pointers, and the null pointer.
 */
#include "check.h"

int main(void) {
    printf("[%p] [%20p] [%-20p]\n", NULL, NULL, NULL);
    printf("[%p] [%20p]\n", (void *)0x1234abcd, (void *)0xffffffffffffffff);
    return 0;
}
