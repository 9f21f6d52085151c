/* SPDX-License-Identifier: Apache-2.0
 *
 * A minus sign is taken modulo the range.
 */
#include "check.h"

int main(void) {
    I(strtoul("-1", NULL, 10) == ~0UL);
    I(strtoul("-5", NULL, 10) == -5UL);
    printf("%llu\n", strtoull("-18446744073709551615", NULL, 10));
    errno = 0;
    printf("%llu\n", strtoull("-18446744073709551616", NULL, 10));
    I(errno == ERANGE);
    return 0;
}
