/* SPDX-License-Identifier: Apache-2.0
 *
 * inf, nan, hexadecimal, and what only begins like a number.
 */
#include "check.h"

int main(void) {
    static const char *const texts[] = {"inf", "INFINITY", "-infinit", "nan", "NAN(12)x", "nan(", "0x1p4", "0x1.8p-1x", "0x.8", "0x", "0xp1", "1e", "1e+",
        "1e5.5", ".5", "5.", ".", "-.e1", "+1.5E+2z", "  7", "1,5", "0x1.fffffffffffff8p0", "0x1.fffffffffffff7p0", "00x1", "1d5", "0x1p-1080"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *end;
        double v = strtod(texts[i], &end);
        printf("%s: ", texts[i]);
        if (v != v) printf("nan");
        else printf("%a", v);
        printf(", rest \"%s\"\n", end);
    }
    return 0;
}
