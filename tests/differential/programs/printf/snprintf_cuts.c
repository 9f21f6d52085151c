/* SPDX-License-Identifier: Apache-2.0
 *
 * snprintf cuts, ends with a NUL, and returns what it would have written.
 */
#include "check.h"

int main(void) {
    char to[8];
    for (size_t n = 0; n <= 8; n++) {
        memset(to, '#', sizeof to);
        printf("%d ", snprintf(to, n, "%d-%s", 123, "xyz"));
        B(to, sizeof to);
    }
    I(snprintf(NULL, 0, "%1000d|%s", 5, "abc"));
    return 0;
}
