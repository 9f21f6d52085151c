/* SPDX-License-Identifier: Apache-2.0
 *
 * localtime and mktime in a zone with daylight saving, by a POSIX rule.
 * env: TZ=CET-1CEST,M3.5.0,M10.5.0/3
 */
#include <time.h>
#include "check.h"

int main(void) {
    tzset();
    static const long moments[] = {1767225600, 1774746000 - 1, 1774746000, 1782864000, 1792890000 - 1, 1792890000};
    for (int i = 0; i < 6; i++) {
        time_t t = moments[i];
        struct tm tm;
        char text[64];
        localtime_r(&t, &tm);
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z %Z", &tm);
        printf("%s dst %d back %d\n", text, tm.tm_isdst, mktime(&tm) == t);
    }
    return 0;
}
