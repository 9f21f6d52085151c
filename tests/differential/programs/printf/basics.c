/* SPDX-License-Identifier: Apache-2.0
 *
 * Integers in every length.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "check.h"

int main(void) {
    printf("%hhd %hhu %hd %hu %d %u %ld %lu %lld %llu\n", (signed char)300, (unsigned char)300, (short)70000, (unsigned short)70000, -1, -1u, -1L, -1UL, -1LL, -1ULL);
    printf("%jd %zu %td %ji %zd\n", (intmax_t)-5, (size_t)5, (ptrdiff_t)-6, (intmax_t)7, (ssize_t)-8);
    printf("%x %X %o %#x %#X %#o %#o %#x\n", 0xbeef, 0xbeef, 8, 255, 255, 8, 0, 0);
    printf("%i %c %s %%\n", 3, 'c', "text");
    return 0;
}
