/* SPDX-License-Identifier: Apache-2.0
 *
 * The limits of the integer types.
 */
#include <limits.h>
#include "check.h"

int main(void) {
    printf("%d %d %d %u %d %d %u\n", CHAR_BIT, SCHAR_MIN, SCHAR_MAX, UCHAR_MAX, CHAR_MIN, CHAR_MAX, USHRT_MAX);
    printf("%d %d %d %d %u\n", SHRT_MIN, SHRT_MAX, INT_MIN, INT_MAX, UINT_MAX);
    printf("%ld %ld %lu %lld %lld %llu\n", LONG_MIN, LONG_MAX, ULONG_MAX, LLONG_MIN, LLONG_MAX, ULLONG_MAX);
    I(PATH_MAX);
    I(NAME_MAX);
    return 0;
}
