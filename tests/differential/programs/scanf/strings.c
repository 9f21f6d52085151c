/* SPDX-License-Identifier: Apache-2.0
 *
 * %s, %c and %[ with widths, ranges and negation.
 */
#include "check.h"

int main(void) {
    char a[16] = "", b[16] = "", c[16] = "";
    I(sscanf("  hello world", "%s %c", a, b));
    printf("%s %c\n", a, b[0]);
    I(sscanf("abcdef", "%3s%c%s", a, b, c));
    printf("%s %c %s\n", a, b[0], c);
    I(sscanf("abc123xyz", "%[a-z]%[0-9]%[^q]", a, b, c));
    printf("%s %s %s\n", a, b, c);
    I(sscanf("a]b-c", "%[]a]%[^]-]%s", a, b, c));
    printf("%s %s %s\n", a, b, c);
    I(sscanf(" x y z", "%3c", a));
    B(a, 3);
    I(sscanf("   ", "%s", a));
    I(sscanf("123", "%[a-z]", a));
    I(sscanf("a-z", "%[a\\-z]", a));
    S(a);
    return 0;
}
