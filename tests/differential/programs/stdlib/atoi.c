/* SPDX-License-Identifier: Apache-2.0
 *
 * atoi, atol, atoll and atof read what leads.
 */
#include "check.h"

int main(void) {
    static const char *const texts[] = {"42", "  -17xyz", "+8", "", "abc", "0x10", "- 5", "\t\n 12 34", "007", "1e3"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        printf("%zu: %d %ld %lld %g\n", i, atoi(texts[i]), atol(texts[i]), atoll(texts[i]), atof(texts[i]));
    }
    return 0;
}
