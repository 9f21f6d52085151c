/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments by their number, as POSIX has them.
 * differs: numbered arguments are refused: -1 and EINVAL, and nothing is printed
 */
#include "check.h"

int main(void) {
    printf("%2$s %1$d %2$s\n", 5, "five");
    printf("%1$*2$d|%3$.*2$f\n", 42, 6, 1.5);
    return 0;
}
