/* SPDX-License-Identifier: Apache-2.0
 *
 * <time.h>, <sys/time.h>.
 */
#include "library.h"
#include "hc/calendar.h"
#include "hc/strftime.h"
#include "hc/strptime.h"
#include "hc/system.h"
#include "hc/time.h"

HC_EXPORT hc_long clock(void) { return hc_clock(); }
HC_EXPORT hc_long time(hc_long *out) { return hc_time(out); }
HC_EXPORT double difftime(hc_long later, hc_long earlier) { return hc_difftime(later, earlier); }
HC_EXPORT int clock_gettime(int id, hc_timespec_t *to) { return hc_clock_gettime(id, to); }
HC_EXPORT int clock_getres(int id, hc_timespec_t *to) { return hc_clock_getres(id, to); }
HC_EXPORT int gettimeofday(hc_timeval_t *to, void *zone) { return hc_gettimeofday(to, zone); }
HC_EXPORT int nanosleep(const hc_timespec_t *wanted, hc_timespec_t *rest) { return hc_nanosleep(wanted, rest); }
HC_EXPORT int usleep(hc_u32 us) { return hc_usleep(us); }
HC_EXPORT hc_u32 sleep(hc_u32 seconds) { return hc_sleep(seconds); }

/* ---------------------------------------------------------------------------------------------------------------- calendar */
HC_EXPORT hc_tm_t *gmtime(const hc_long *when) { return hc_gmtime(when); }
HC_EXPORT hc_tm_t *gmtime_r(const hc_long *when, hc_tm_t *t) { return hc_gmtime_r(when, t); }
HC_EXPORT hc_tm_t *localtime_r(const hc_long *when, hc_tm_t *t) { return hc_localtime_r(when, t); }
HC_EXPORT char *asctime(const hc_tm_t *t) { return hc_asctime(t); }
HC_EXPORT char *asctime_r(const hc_tm_t *t, char *to) { return hc_asctime_r(t, to); }
HC_EXPORT char *ctime_r(const hc_long *when, char *to) { return hc_ctime_r(when, to); }
HC_EXPORT hc_long timegm(hc_tm_t *t) { return hc_timegm(t); }
HC_EXPORT char *strptime(const char *text, const char *format, hc_tm_t *t) { return hc_strptime(text, format, t); }

/* ------------------------------------------------------------------------------------------------------------------- zones */
#if defined(__cplusplus)
extern "C" {
__device__ char *tzname[2] = {0, 0};
__device__ int daylight = 0;
__device__ hc_long timezone = 0;
}
#else
HC_EXPORT char *tzname[2] = {0, 0};
HC_EXPORT int daylight = 0;
HC_EXPORT hc_long timezone = 0;
#endif
/* The functions of the calendar that POSIX lets set these variables do; lanes that do so at once write the same. */
HC_EXPORT void tzset(void) {
    hc_zone zone;
    hc_zone_now(&zone);
    tzname[0] = (char *)zone.name[0];
    tzname[1] = (char *)zone.name[1];
    daylight = zone.has_summer;
    timezone = -(hc_long)zone.offset[0];
}
HC_EXPORT hc_tm_t *localtime(const hc_long *when) {
    tzset();
    return hc_localtime(when);
}
HC_EXPORT char *ctime(const hc_long *when) {
    tzset();
    return hc_ctime(when);
}
HC_EXPORT hc_long mktime(hc_tm_t *t) {
    tzset();
    return hc_mktime(t);
}
HC_EXPORT hc_long timelocal(hc_tm_t *t) { return mktime(t); }
HC_EXPORT size_t strftime(char *to, size_t size, const char *format, const hc_tm_t *t) {
    tzset();
    return hc_strftime(to, size, format, t);
}

/* ------------------------------------------------------------------------------------------------------------------ clocks */
HC_EXPORT int clock_nanosleep(int id, int flags, const hc_timespec_t *wanted, hc_timespec_t *rest) {
    return hc_clock_nanosleep(id, flags, wanted, rest);
}
HC_EXPORT int timespec_get(hc_timespec_t *to, int base) { return hc_timespec_get(to, base); }
HC_EXPORT hc_long times(hc_tms_t *to) { return hc_times(to); }
