/* SPDX-License-Identifier: Apache-2.0
 *
 * Floats are rounded once, from the digits.
 */
#include "check.h"

int main(void) {
    static const char *const texts[] = {"0.1", "16777217", "3.4028235e38", "3.4028236e38", "3.4028235677973366e38", "1e39", "1.4e-45", "7e-46", "7.1e-46",
        "1.17549435e-38", "1.00000017881393421514957253748434595763683319091796875001", "1e-50"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        errno = 0;
        float v = strtof(texts[i], NULL);
        int e = errno;
        printf("%s: %a %d\n", texts[i], (double)v, e);
    }
    return 0;
}
