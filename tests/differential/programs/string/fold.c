/* SPDX-License-Identifier: Apache-2.0
 *
 * strcasecmp and strncasecmp fold ASCII only.
 */
#include <strings.h>
#include "check.h"

int main(void) {
    SIGN(strcasecmp("Hello", "hELLO"));
    SIGN(strcasecmp("a", "B"));
    SIGN(strcasecmp("B", "a"));
    SIGN(strcasecmp("abc", "ABCD"));
    SIGN(strcasecmp("_", "A"));
    SIGN(strcasecmp("[", "a"));
    SIGN(strncasecmp("ABCdef", "abcXYZ", 3));
    SIGN(strncasecmp("ABCdef", "abcXYZ", 4));
    SIGN(strncasecmp("a", "b", 0));
    return 0;
}
