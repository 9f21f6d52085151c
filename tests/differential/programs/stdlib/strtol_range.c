/* SPDX-License-Identifier: Apache-2.0
 *
 * What does not fit gives the limit and ERANGE; the end is behind all digits.
 */
#include "check.h"

int main(void) {
    static const char *const texts[] = {"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
                                        "99999999999999999999999x", "-99999999999999999999999", "18446744073709551615", "18446744073709551616"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *end;
        errno = 0;
        long l = strtol(texts[i], &end, 10);
        int e1 = errno;
        errno = 0;
        unsigned long u = strtoul(texts[i], NULL, 10);
        int e2 = errno;
        errno = 0;
        long long ll = strtoll(texts[i], NULL, 10);
        int e3 = errno;
        errno = 0;
        unsigned long long ull = strtoull(texts[i], NULL, 10);
        int e4 = errno;
        printf("%s: %ld %d \"%s\" %lu %d %lld %d %llu %d\n", texts[i], l, e1, end, u, e2, ll, e3, ull, e4);
    }
    return 0;
}
