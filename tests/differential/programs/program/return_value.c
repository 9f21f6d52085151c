/* SPDX-License-Identifier: Apache-2.0
 *
 * What main returns is the status.
 */
#include "check.h"

int main(void) {
    puts("before");
    return 42;
}
