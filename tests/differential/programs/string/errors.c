/* SPDX-License-Identifier: Apache-2.0
 *
 * strerror gives the machine's texts.
 */
#include "check.h"

int main(void) {
    for (int i = 0; i < 134; i++) printf("%d %s\n", i, strerror(i));
    printf("%s\n", strerror(4095));
    printf("%s\n", strerror(-1));
    return 0;
}
