/* SPDX-License-Identifier: Apache-2.0
 *
 * printf does not disturb errno when it succeeds.
 */
#include "check.h"

int main(void) {
    errno = 77;
    printf("%d %s %f\n", 1, "x", 2.5);
    I(errno);
    return 0;
}
