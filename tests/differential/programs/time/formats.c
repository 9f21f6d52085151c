/* SPDX-License-Identifier: Apache-2.0
 *
 * strftime: every conversion in the C locale.
 * env: TZ=UTC0
 */
#include <time.h>
#include "check.h"

int main(void) {
    static const char all[] = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";
    static const long moments[] = {0, 1763800000, 1230768000, 1104537600, 1293839999, 1709210096};
    for (int m = 0; m < 6; m++) {
        time_t t = moments[m];
        struct tm tm;
        gmtime_r(&t, &tm);
        for (const char *c = all; *c; c++) {
            char format[3] = {'%', *c, 0}, text[64];
            if (*c == 'Z' || *c == 'z') continue;
            size_t n = strftime(text, sizeof text, format, &tm);
            printf("%s %zu [%.*s]\n", format, n, (int)n, text);
        }
    }
    return 0;
}
