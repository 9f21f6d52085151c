/* SPDX-License-Identifier: Apache-2.0
 *
 * strtol in every base, with prefixes that do not belong.
 */
#include "check.h"

int main(void) {
    char *end;
    for (int base = 0; base <= 36; base++) {
        static const char *const texts[] = {"10z", "0x1G", "077", "-zz", "+0c11", "  7", "0x", "0"};
        if (base == 1) continue;
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            long v = strtol(texts[i], &end, base);
            printf("%d %s: %ld, rest \"%s\"\n", base, texts[i], v, end);
        }
    }
    return 0;
}
