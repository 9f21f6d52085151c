/* SPDX-License-Identifier: Apache-2.0
 *
 * %d %i %u %x %o with signs, prefixes and widths.
 */
#include "check.h"

int main(void) {
    int a = -1, b = -1, c = -1, d = -1;
    unsigned e = 9;
    I(sscanf("12 -7 +5", "%d%d%d", &a, &b, &c));
    printf("%d %d %d\n", a, b, c);
    I(sscanf("0x1f 017 12 0", "%i%i%i%i", &a, &b, &c, &d));
    printf("%d %d %d %d\n", a, b, c, d);
    I(sscanf("123456", "%2d%3d%d", &a, &b, &c));
    printf("%d %d %d\n", a, b, c);
    I(sscanf("ff 0xFE 777", "%x%x%o", (unsigned *)&a, (unsigned *)&b, (unsigned *)&c));
    printf("%d %d %d\n", a, b, c);
    I(sscanf("-1", "%u", &e));
    printf("%u\n", e);
    return 0;
}
