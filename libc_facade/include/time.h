/* SPDX-License-Identifier: Apache-2.0
 *
 * <time.h> for device code: clocks and waits that the lane answers itself.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <time.h>
#endif
#if !defined(HC_STD_TIME_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_TIME_H

#include "stddef.h"
#include "sys/types.h"
#include "hc/time.h"
#if !defined(HC_OPENCL)
#include "hc/calendar.h"
#include "hc/strftime.h"
#include "hc/strptime.h"
#endif

#if !defined(HC_NVCC)
#define timespec hc_timespec
#define CLOCKS_PER_SEC 1000000l
#define TIMER_ABSTIME 1
#define TIME_UTC 1
#define tm hc_tm
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define CLOCK_MONOTONIC_RAW 4
#define CLOCK_REALTIME_COARSE 5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME 7
#define CLOCK_TAI 11
#endif

#undef clock
#define clock hc_clock
#undef clock_gettime
#define clock_gettime hc_clock_gettime
#undef clock_getres
#define clock_getres hc_clock_getres
#undef time
#define time hc_time
#undef difftime
#define difftime hc_difftime
#undef nanosleep
#define nanosleep hc_nanosleep

/* The calendar needs more of a device than OpenCL C offers. */
#if !defined(HC_OPENCL)
#undef gmtime
#define gmtime hc_gmtime
#undef gmtime_r
#define gmtime_r hc_gmtime_r
#undef localtime
#define localtime hc_localtime
#undef localtime_r
#define localtime_r hc_localtime_r
#undef mktime
#define mktime hc_mktime
#undef timegm
#define timegm hc_timegm
#undef asctime
#define asctime hc_asctime
#undef asctime_r
#define asctime_r hc_asctime_r
#undef ctime
#define ctime hc_ctime
#undef ctime_r
#define ctime_r hc_ctime_r
#undef strftime
#define strftime hc_strftime
#undef strptime
#define strptime hc_strptime
#undef clock_nanosleep
#define clock_nanosleep hc_clock_nanosleep
#undef timespec_get
#define timespec_get hc_timespec_get
#endif

#endif
