/* SPDX-License-Identifier: Apache-2.0
 *
 * The clocks move on, and their resolutions are sane.
 */
#include <sys/time.h>
#include <time.h>
#include "check.h"

int main(void) {
    struct timespec a, b, r, pause = {0, 2000000};
    struct timeval tv;
    X(clock_gettime(CLOCK_MONOTONIC, &a));
    X(nanosleep(&pause, NULL));
    X(clock_gettime(CLOCK_MONOTONIC, &b));
    long long passed = (b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec;
    I(passed >= 2000000);
    I(passed < 60000000000LL);
    X(clock_getres(CLOCK_MONOTONIC, &r));
    I(r.tv_sec == 0 && r.tv_nsec > 0);
    X(gettimeofday(&tv, NULL));
    X(clock_gettime(CLOCK_REALTIME, &a));
    I(llabs(a.tv_sec - tv.tv_sec) <= 5);
    I(llabs(time(NULL) - a.tv_sec) <= 5);
    X(clock_gettime(12345, &a));
    I(clock() >= 0);
    F(difftime(10, 3));
    return 0;
}
