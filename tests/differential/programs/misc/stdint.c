/* SPDX-License-Identifier: Apache-2.0
 *
 * Widths and limits of stdint.h.
 */
#include <stdint.h>
#include "check.h"

int main(void) {
    I(sizeof(int8_t) + 10 * sizeof(int16_t) + 100 * sizeof(int32_t) + 1000 * sizeof(int64_t));
    I(sizeof(intptr_t));
    I(sizeof(intmax_t));
    I(INT8_MIN);
    I(UINT8_MAX);
    I(INT16_MIN);
    I(UINT16_MAX);
    I(INT32_MIN);
    I(UINT32_MAX);
    I(INT64_MIN);
    I(INT64_MAX);
    I(UINT64_MAX == 18446744073709551615u);
    I(SIZE_MAX == UINTPTR_MAX);
    I(PTRDIFF_MAX);
    I(INT64_C(5) << 40);
    I(sizeof(int_least16_t));
    return 0;
}
