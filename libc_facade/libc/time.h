/* SPDX-License-Identifier: Apache-2.0
 *
 * <time.h>
 */
#ifndef _TIME_H
#define _TIME_H

#include <bits/size.h>
#include <bits/time.h>
#include <features.h>

#define CLOCKS_PER_SEC 1000000L
#define TIME_UTC 1

struct tm {
    int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
#ifdef __HC_MISC
    long tm_gmtoff;
    const char *tm_zone;
#else
    long __tm_gmtoff;
    const char *__tm_zone;
#endif
};

#ifdef __HC_POSIX
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define CLOCK_MONOTONIC_RAW 4
#define CLOCK_REALTIME_COARSE 5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME 7
#define CLOCK_TAI 11
#define TIMER_ABSTIME 1
struct itimerspec {
    struct timespec it_interval, it_value;
};
#endif

__HC_BEGIN
clock_t clock(void);
time_t time(time_t *__out);
double difftime(time_t __later, time_t __earlier);
time_t mktime(struct tm *__broken);
struct tm *gmtime(const time_t *__when);
struct tm *localtime(const time_t *__when);
char *asctime(const struct tm *__broken);
char *ctime(const time_t *__when);
size_t strftime(char *__HC_RESTRICT __to, size_t __size, const char *__HC_RESTRICT __format, const struct tm *__HC_RESTRICT __broken);
#ifdef __HC_C11
int timespec_get(struct timespec *__to, int __base);
#endif
#ifdef __HC_POSIX
struct tm *gmtime_r(const time_t *__HC_RESTRICT __when, struct tm *__HC_RESTRICT __to);
struct tm *localtime_r(const time_t *__HC_RESTRICT __when, struct tm *__HC_RESTRICT __to);
char *asctime_r(const struct tm *__HC_RESTRICT __broken, char *__HC_RESTRICT __to);
char *ctime_r(const time_t *__when, char *__to);
int clock_gettime(clockid_t __clock, struct timespec *__to);
int clock_getres(clockid_t __clock, struct timespec *__to);
int nanosleep(const struct timespec *__wanted, struct timespec *__rest);
int clock_nanosleep(clockid_t __clock, int __flags, const struct timespec *__wanted, struct timespec *__rest);
void tzset(void);
extern char *tzname[2];
#endif
#ifdef __HC_XSI
char *strptime(const char *__HC_RESTRICT __text, const char *__HC_RESTRICT __format, struct tm *__HC_RESTRICT __broken);
extern int daylight;
extern long timezone;
#endif
#ifdef __HC_MISC
time_t timegm(struct tm *__broken);
time_t timelocal(struct tm *__broken);
#endif
__HC_END

#endif
