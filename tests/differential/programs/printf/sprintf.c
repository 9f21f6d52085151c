/* SPDX-License-Identifier: Apache-2.0
 *
 * sprintf and vsprintf write as they go.
 */
#include "check.h"

int main(void) {
    char to[64];
    I(sprintf(to, "%d:%s:%c", 1, "two", '3'));
    S(to);
    I(sprintf(to + 3, "%x", 255));
    S(to);
    return 0;
}
