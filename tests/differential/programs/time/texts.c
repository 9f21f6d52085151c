/* SPDX-License-Identifier: Apache-2.0
 *
 * asctime_r and ctime_r.
 * env: TZ=UTC0
 */
#include <time.h>
#include "check.h"

int main(void) {
    char text[32];
    time_t t = 1763800000;
    struct tm tm;
    S(asctime_r(gmtime_r(&t, &tm), text));
    S(ctime_r(&t, text));
    S(asctime(gmtime(&t)));
    return 0;
}
