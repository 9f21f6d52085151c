/* SPDX-License-Identifier: Apache-2.0
 *
 * gmtime_r of many moments.
 */
#include <time.h>
#include "check.h"

int main(void) {
    static const long moments[] = {0, -1, 1, 951782400, 951868800, 1709164800, 4107542400, 2147483647, 2147483648, -2147483648, 253402300799, -62135596800, 1763800000};
    for (int i = 0; i < 13; i++) {
        time_t t = moments[i];
        struct tm tm;
        if (gmtime_r(&t, &tm) == NULL) printf("none\n");
        else printf("%ld: %d-%d-%d %d:%d:%d %d %d %d\n", moments[i], tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_wday, tm.tm_yday, tm.tm_isdst);
    }
    return 0;
}
