/* SPDX-License-Identifier: Apache-2.0
 *
 * strxfrm in the C locale is a copy, and gives the length that it needs.
 */
#include "check.h"

int main(void) {
    char to[8];
    memset(to, '#', sizeof to);
    I(strxfrm(to, "abc", sizeof to));
    S(to);
    I(strxfrm(NULL, "abcdefghij", 0));
    return 0;
}
