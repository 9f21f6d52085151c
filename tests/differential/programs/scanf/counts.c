/* SPDX-License-Identifier: Apache-2.0
 *
 * What scanf returns: matches, nothing, the end; %n and %* do not count.
 */
#include "check.h"

int main(void) {
    int a = 5, n = -1;
    char c = '#';
    I(sscanf("", "%d", &a));
    I(sscanf("x", "%d", &a));
    I(sscanf("1 x", "%d %d", &a, &n));
    I(sscanf("1", "%d %d", &a, &n));
    I(sscanf("12 34", "%*d %d%n", &a, &n));
    printf("%d %d\n", a, n);
    I(sscanf("ab", "ab%c", &c));
    I(sscanf("ab", "abc"));
    I(sscanf("abx", "ab%*c%n", &n));
    I(n);
    I(sscanf("10%", "%d%%%n", &a, &n));
    I(n);
    I(sscanf("", ""));
    I(sscanf("   ", " %n", &n));
    I(n);
    return 0;
}
