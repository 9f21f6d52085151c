/* SPDX-License-Identifier: Apache-2.0
 *
 * memccpy stops behind the byte that it looks for.
 */
#include "check.h"

int main(void) {
    char to[16];
    memset(to, '#', sizeof to);
    I((char *)memccpy(to, "abc:def", ':', 8) - to);
    B(to, sizeof to);
    I(memccpy(to, "abcdef", ':', 6) == NULL);
    B(to, sizeof to);
    return 0;
}
