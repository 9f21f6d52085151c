/* SPDX-License-Identifier: Apache-2.0
 *
 * mktime puts fields into their ranges, and fills the rest in.
 * env: TZ=UTC0
 */
#include <time.h>
#include "check.h"

int main(void) {
    static const int fields[][6] = {{126, 10, 22, 12, 30, 0}, {126, 0, 32, 0, 0, 0}, {126, 12, 1, 0, 0, 0}, {126, -1, 1, 0, 0, 0}, {124, 1, 30, 25, 61, 61},
                                    {100, 1, 29, 0, 0, -1}, {70, 0, 1, 0, 0, 0}, {69, 11, 31, 23, 59, 59}, {126, 0, -400, 0, -5000, 100000}};
    for (int i = 0; i < 9; i++) {
        struct tm tm = {.tm_year = fields[i][0], .tm_mon = fields[i][1], .tm_mday = fields[i][2], .tm_hour = fields[i][3], .tm_min = fields[i][4], .tm_sec = fields[i][5]};
        time_t t = mktime(&tm);
        printf("%ld %d-%d-%d %d:%d:%d %d %d\n", (long)t, tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_wday, tm.tm_yday);
    }
    return 0;
}
