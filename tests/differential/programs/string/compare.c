/* SPDX-License-Identifier: Apache-2.0
 *
 * strcmp, strncmp and memcmp compare unsigned bytes.
 */
#include "check.h"

int main(void) {
    SIGN(strcmp("abc", "abc"));
    SIGN(strcmp("abc", "abd"));
    SIGN(strcmp("abc", "ab"));
    SIGN(strcmp("", "a"));
    SIGN(strcmp("\xff", "\x7f"));
    SIGN(strncmp("abc", "abd", 2));
    SIGN(strncmp("abc", "abd", 3));
    SIGN(strncmp("abc", "xyz", 0));
    SIGN(strncmp("ab", "ab\0c", 10));
    SIGN(memcmp("ab\0c", "ab\0d", 4));
    SIGN(memcmp("\x80", "\x01", 1));
    SIGN(memcmp("a", "b", 0));
    SIGN(strcoll("abc", "Abc"));
    return 0;
}
