/* SPDX-License-Identifier: Apache-2.0
 *
 * ffs of every bit.
 */
#include <strings.h>
#include "check.h"

int main(void) {
    I(ffs(0));
    I(ffs(-2147483647 - 1));
    I(ffs(0x50));
    for (int i = 0; i < 32; i++) printf("%d ", ffs((int)(1u << i)));
    printf("\n");
    return 0;
}
