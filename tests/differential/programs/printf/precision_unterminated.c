/* SPDX-License-Identifier: Apache-2.0
 *
 * %.*s reads no further than its precision.
 */
#include "check.h"

int main(void) {
    char text[4] = {'a', 'b', 'c', 'd'};
    printf("[%.4s] [%.*s] [%8.3s]\n", text, 2, text, text);
    return 0;
}
