/* SPDX-License-Identifier: Apache-2.0
 *
 * getrusage and clock count on.
 */
#include <sys/resource.h>
#include "check.h"

int main(void) {
    struct rusage u;
    struct rlimit limit;
    X(getrusage(RUSAGE_SELF, &u));
    I(u.ru_utime.tv_sec >= 0 && u.ru_utime.tv_usec < 1000000);
    X(getrusage(12345, &u));
    X(getrlimit(RLIMIT_NOFILE, &limit));
    I(limit.rlim_cur > 20 && limit.rlim_cur <= limit.rlim_max);
    return 0;
}
