/* SPDX-License-Identifier: Apache-2.0
 *
 * <time.h>, <sys/time.h>.
 */
#include "library.h"
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
