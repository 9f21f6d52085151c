/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/time.h>
 */
#ifndef _SYS_TIME_H
#define _SYS_TIME_H

#include <bits/size.h>
#include <bits/time.h>
#include <features.h>
#if defined(__HC_MISC) && defined(__has_include)
#if __has_include(<sys/select.h>)
#include <sys/select.h>
#endif
#endif

struct itimerval {
    struct timeval it_interval, it_value;
};
#ifdef __HC_MISC
struct timezone {
    int tz_minuteswest, tz_dsttime;
};
#define timeradd(a, b, to)                            \
    do {                                              \
        (to)->tv_sec = (a)->tv_sec + (b)->tv_sec;     \
        (to)->tv_usec = (a)->tv_usec + (b)->tv_usec;  \
        if ((to)->tv_usec >= 1000000) {               \
            (to)->tv_sec++;                           \
            (to)->tv_usec -= 1000000;                 \
        }                                             \
    } while (0)
#define timersub(a, b, to)                            \
    do {                                              \
        (to)->tv_sec = (a)->tv_sec - (b)->tv_sec;     \
        (to)->tv_usec = (a)->tv_usec - (b)->tv_usec;  \
        if ((to)->tv_usec < 0) {                      \
            (to)->tv_sec--;                           \
            (to)->tv_usec += 1000000;                 \
        }                                             \
    } while (0)
#define timerclear(t) ((t)->tv_sec = (t)->tv_usec = 0)
#define timerisset(t) ((t)->tv_sec || (t)->tv_usec)
#define timercmp(a, b, order) ((a)->tv_sec == (b)->tv_sec ? (a)->tv_usec order(b)->tv_usec : (a)->tv_sec order(b)->tv_sec)
#endif

__HC_BEGIN
int gettimeofday(struct timeval *__HC_RESTRICT __to, void *__HC_RESTRICT __zone);
int utimes(const char *__path, const struct timeval __times[2]);
int lutimes(const char *__path, const struct timeval __times[2]);
int futimes(int __fd, const struct timeval __times[2]);
__HC_END

#endif
