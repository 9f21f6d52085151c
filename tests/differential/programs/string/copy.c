/* SPDX-License-Identifier: Apache-2.0
 *
 * strcpy, strncpy with its padding, stpcpy and stpncpy.
 */
#include "check.h"

int main(void) {
    char to[12];
    memset(to, '#', sizeof to);
    I(strcpy(to, "abc") == to);
    B(to, sizeof to);
    memset(to, '#', sizeof to);
    I(strncpy(to, "abc", 8) == to);
    B(to, sizeof to);
    memset(to, '#', sizeof to);
    memcpy(to, "abcdef", 6);
    strncpy(to, "", 5);
    B(to, sizeof to);
    memset(to, '#', sizeof to);
    I(stpcpy(to, "abcd") - to);
    B(to, sizeof to);
    memset(to, '#', sizeof to);
    I(stpncpy(to, "ab", 6) - to);
    B(to, sizeof to);
    return 0;
}
