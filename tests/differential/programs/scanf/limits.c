/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers beyond the range, and very long ones.
 */
#include "check.h"

int main(void) {
    int a = 0;
    long l = 0;
    unsigned long u = 0;
    I(sscanf("99999999999999999999", "%ld", &l));
    I(l);
    I(sscanf("-99999999999999999999", "%ld", &l));
    I(l);
    I(sscanf("18446744073709551615", "%lu", &u));
    I(u == -1UL);
    I(sscanf("000000000000000000000000000000000000000000000000000000000000000000000000012", "%d", &a));
    I(a);
    return 0;
}
