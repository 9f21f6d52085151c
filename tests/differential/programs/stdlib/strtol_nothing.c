/* SPDX-License-Identifier: Apache-2.0
 *
 * Where there is no number the end is the beginning.
 */
#include "check.h"

int main(void) {
    const char *texts[] = {"", "   ", "-", "+", "x", "  -x", "0x", "--5", "+-5", ".5"};
    for (int i = 0; i < 10; i++) {
        char *end = NULL;
        long v = strtol(texts[i], &end, 16);
        printf("\"%s\": %ld, %d taken\n", texts[i], v, (int)(end - texts[i]));
    }
    volatile int base = 37;
    errno = 0;
    I(strtol("1", NULL, base) == 0 && errno == EINVAL);
    return 0;
}
