/* SPDX-License-Identifier: Apache-2.0
 *
 * Time: read and waited for by the lane itself. The host only publishes the offsets between its clocks and the device's, and, for devices
 * without a clock, the time itself. Clocks of the host's process are the one thing that is asked for.
 */
#ifndef HC_TIME_H
#define HC_TIME_H
#include "posix.h"

#define HC_CLOCK_REALTIME 0
#define HC_CLOCK_MONOTONIC 1
#define HC_CLOCK_MONOTONIC_RAW 4
#define HC_CLOCK_REALTIME_COARSE 5
#define HC_CLOCK_MONOTONIC_COARSE 6
#define HC_BILLION_NS 1000000000ll

/* The offsets change rarely and lie across the bus: any cached copy will do. */
HC_FN hc_i64 hc_control_offset(hc_u64 c, hc_u32 which) { return *HC_AT(const hc_i64, HC_C(c)->control + which); }

/* A clock of the host in ns, or a negative errno. The timer is read while the loads are on their way: client, control, offset, each from
 * the one before. */
HC_FN hc_i64 hc_clock_ns(int real) {
    hc_u64 c = hc_client_address();
    hc_i64 now;
    if (!c) return -HC_ENODEV;
    now = (hc_i64)hc_timer_ns();
#if defined(HC_CUDA)
    now += hc_control_offset(c, HC_CTL_TIMER_OFFSET);
#endif
    return real ? now + hc_control_offset(c, HC_CTL_REAL_OFFSET) : now;
}
HC_FN hc_i64 hc_monotonic_ns(void) { return hc_clock_ns(0); }
HC_FN hc_i64 hc_realtime_ns(void) { return hc_clock_ns(1); }

/* A clock that only the host has. out: seconds and nanoseconds. */
HC_BODY hc_i64 hc_do_clock(hc_i64 id, hc_i64 resolution, HC_PRIVATE hc_i64 *out) {
    hc_txn t;
    hc_i64 r;
    hc_posix_begin(&t, HC_OP_CLOCK, 3, 16, HC_OUT);
    r = hc_posix_send(&t, 16, id, resolution, 0);
    if (!t.err) hc_get(&t, 0, out, r < 0 ? 0 : 16);
    hc_posix_end(&t);
    return r;
}
HC_FN int hc_clock_is_ours(int id) {
    return id == HC_CLOCK_REALTIME || id == HC_CLOCK_MONOTONIC || (id >= HC_CLOCK_MONOTONIC_RAW && id <= HC_CLOCK_MONOTONIC_COARSE);
}
/* How far two readings that differ can be apart: CUDA's global timer steps by up to a microsecond, and where the host's word is the
 * clock it steps each time a poller looks round. */
HC_FN hc_i64 hc_clock_step(int id, HC_PRIVATE hc_i64 *out) {
    if (!hc_clock_is_ours(id)) return hc_do_clock(id, 1, out);
    out[0] = 0;
#if defined(HC_HOST)
    out[1] = 1;
#else
    out[1] = 1000;
#endif
    return 0;
}

/* ------------------------------------------------------------------------------------------------------------------ reading */
#define HC_DEFINE_CLOCKS(SPACE, ATTR, BODY)                                                                                              \
    HC_FN ATTR int hc_clock_into(hc_i64 r, HC_PRIVATE const hc_i64 *now, SPACE hc_timespec_t *ts) {                                      \
        if (hc_posix(r) < 0) return -1;                                                                                                  \
        ts->tv_sec = (hc_long)now[0];                                                                                                    \
        ts->tv_nsec = (hc_long)now[1];                                                                                                   \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    BODY ATTR int hc_clock_gettime_host(int id, SPACE hc_timespec_t *ts) {                                                               \
        hc_i64 now[2];                                                                                                                   \
        return hc_clock_into(hc_do_clock(id, 0, now), now, ts);                                                                          \
    }                                                                                                                                    \
    HC_FN ATTR int hc_clock_gettime_any(int id, SPACE hc_timespec_t *ts) {                                                               \
        hc_i64 now;                                                                                                                      \
        if (!ts) return (int)hc_posix(-HC_EFAULT);                                                                                       \
        if (!hc_clock_is_ours(id)) return hc_clock_gettime_host(id, ts);                                                                 \
        now = hc_clock_ns(id == HC_CLOCK_REALTIME || id == HC_CLOCK_REALTIME_COARSE);                                                    \
        if (now < 0) return (int)hc_posix(now);                                                                                          \
        /* Unsigned, and once: half of this call is the division. */                                                                     \
        ts->tv_sec = (hc_long)((hc_u64)now / 1000000000u);                                                                               \
        ts->tv_nsec = (hc_long)(now - (hc_i64)ts->tv_sec * HC_BILLION_NS);                                                               \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    HC_FN ATTR int hc_clock_getres_any(int id, SPACE hc_timespec_t *ts) {                                                                \
        hc_i64 step[2];                                                                                                                  \
        hc_i64 r = hc_clock_step(id, step);                                                                                              \
        return ts || r < 0 ? hc_clock_into(r, step, ts) : 0;                                                                             \
    }                                                                                                                                    \
    HC_API ATTR int hc_clock_gettime(int id, SPACE hc_timespec_t *ts) { HC_SPLIT(hc_clock_gettime_any(id, ts), ::clock_gettime(id, ts)) } \
    HC_API ATTR int hc_clock_getres(int id, SPACE hc_timespec_t *ts) { HC_SPLIT(hc_clock_getres_any(id, ts), ::clock_getres(id, ts)) }   \
    HC_FN ATTR hc_long hc_time_into(SPACE hc_long *out) {                                                                                \
        hc_i64 now = hc_posix(hc_realtime_ns());                                                                                         \
        if (now >= 0) now /= HC_BILLION_NS;                                                                                              \
        if (out) *out = (hc_long)now;                                                                                                    \
        return (hc_long)now;                                                                                                             \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_time(SPACE hc_long *out) { HC_SPLIT(hc_time_into(out), ::time(out)) }                                         \
    HC_FN ATTR int hc_timeval_now(SPACE hc_timeval_t *tv) {                                                                              \
        hc_i64 now = hc_posix(hc_realtime_ns());                                                                                         \
        if (now < 0) return -1;                                                                                                          \
        if (!tv) return 0;                                                                                                               \
        tv->tv_sec = (hc_long)(now / HC_BILLION_NS);                                                                                     \
        tv->tv_usec = (hc_long)(now % HC_BILLION_NS / 1000);                                                                             \
        return 0;                                                                                                                        \
    }
HC_FOR_OUT(HC_DEFINE_CLOCKS)

/* NULL is a pointer to void. The time zone is obsolete: Linux fills in zeros. */
#if defined(HC_OPENCL)
HC_FN HC_OVERLOAD int hc_clock_getres(int id, __private void *null) {
    (void)null;
    return hc_clock_getres_any(id, (__private hc_timespec_t *)0);
}
HC_FN HC_OVERLOAD hc_long hc_time(__private void *null) {
    (void)null;
    return hc_time_into((__private hc_long *)0);
}
#define HC_DEFINE_TIMEOFDAY(SPACE, ATTR, BODY)                                                                                           \
    HC_FN ATTR int hc_gettimeofday(SPACE hc_timeval_t *tv, __private void *zone) {                                                       \
        (void)zone;                                                                                                                      \
        return hc_timeval_now(tv);                                                                                                       \
    }
HC_FOR_OUT(HC_DEFINE_TIMEOFDAY)
#else
HC_FN int hc_timeofday(hc_timeval_t *tv, hc_timezone_t *zone) {
    if (zone) {
        zone->tz_minuteswest = 0;
        zone->tz_dsttime = 0;
    }
    return hc_timeval_now(tv);
}
HC_API int hc_gettimeofday(hc_timeval_t *tv, void *zone) { HC_SPLIT(hc_timeofday(tv, (hc_timezone_t *)zone), ::gettimeofday(tv, (hc_timezone_t *)zone)) }
#endif

/* Microseconds that have passed: a lane does nothing else than run. */
HC_FN hc_long hc_clock_us(void) {
    hc_i64 now = hc_posix(hc_monotonic_ns());
    return (hc_long)(now < 0 ? now : now / 1000);
}
HC_API hc_long hc_clock(void) { HC_SPLIT(hc_clock_us(), ::clock()) }
#if !defined(HC_OPENCL) || defined(cl_khr_fp64) || defined(__opencl_c_fp64)
HC_API double hc_difftime(hc_long later, hc_long earlier) { return (double)(later - earlier); }
#else
HC_API float hc_difftime(hc_long later, hc_long earlier) { return (float)(later - earlier); }
#endif

/* ------------------------------------------------------------------------------------------------------------------ waiting */
#define HC_PAUSE_LOOK 64u /* pauses between two looks at the abort word, which lies across the bus */

/* Waits on the device's own clock and takes no slot. 0, or -errno when the runtime ends meanwhile; *left is what then remains. */
HC_BODY hc_i64 hc_pause_ns(hc_u64 ns, HC_PRIVATE hc_u64 *left) {
    hc_u64 c = hc_client_address(), start, passed;
    hc_u32 round;
    hc_i32 stop = 0;
    hc_watch w;
    *left = ns;
    if (!c) return -HC_ENODEV;
    /* Where the clock is the host's word, nobody refreshes it while the host serves only between launches. */
    if ((HC_C(c)->flags & (HC_FLAG_DEFERRED | HC_FLAG_HOST_CLOCK)) == (HC_FLAG_DEFERRED | HC_FLAG_HOST_CLOCK)) return ns ? -HC_ENOTSUP : 0;
    hc_watch_begin(&w);
    start = hc_timer_ns();
    HC_ROLLED for (round = 0;; round++) {
        passed = hc_timer_ns() - start;
        *left = passed < ns ? ns - passed : 0;
        if (!*left) return 0;
        if (!(HC_C(c)->flags & HC_FLAG_DEFERRED) && round % HC_PAUSE_LOOK == HC_PAUSE_LOOK - 1u) stop = hc_watch_server(c, 0, &w);
        if (stop) return stop;
        hc_relax(round);
    }
}
/* The ns of a span, or -EINVAL; what is longer than 292 years is cut. */
HC_FN hc_i64 hc_span_ns(hc_i64 sec, hc_i64 nsec) {
    if (sec < 0 || nsec < 0 || nsec >= HC_BILLION_NS) return -HC_EINVAL;
    if (sec > 9223372035ll) return 0x7fffffffffffffffll;
    return sec * HC_BILLION_NS + nsec;
}

#define HC_DEFINE_NANOSLEEP(SPACE, OUT, ATTR)                                                                                            \
    HC_FN ATTR int hc_nanosleep_any(SPACE const hc_timespec_t *wanted, OUT hc_timespec_t *rest) {                                        \
        hc_u64 left = 0;                                                                                                                 \
        hc_i64 ns = wanted ? hc_span_ns(wanted->tv_sec, wanted->tv_nsec) : -HC_EFAULT;                                                   \
        hc_i64 r = ns < 0 ? ns : hc_pause_ns((hc_u64)ns, &left);                                                                         \
        if (ns >= 0 && r < 0 && rest) {                                                                                                  \
            rest->tv_sec = (hc_long)(left / 1000000000u);                                                                                \
            rest->tv_nsec = (hc_long)(left % 1000000000u);                                                                               \
        }                                                                                                                                \
        return hc_posix(r) < 0 ? -1 : 0;                                                                                                 \
    }                                                                                                                                    \
    HC_API ATTR int hc_nanosleep(SPACE const hc_timespec_t *wanted, OUT hc_timespec_t *rest) {                                           \
        HC_SPLIT(hc_nanosleep_any(wanted, rest), ::nanosleep(wanted, rest))                                                              \
    }
#if defined(HC_OPENCL)
#define HC_DEFINE_NANOSLEEPS(SPACE, ATTR, BODY)                                                                                          \
    HC_DEFINE_NANOSLEEP(SPACE, __private, ATTR)                                                                                          \
    HC_DEFINE_NANOSLEEP(SPACE, __global, ATTR)                                                                                           \
    HC_DEFINE_NANOSLEEP(SPACE, __local, ATTR)                                                                                            \
    HC_FN ATTR int hc_nanosleep(SPACE const hc_timespec_t *wanted, __private void *null) {                                               \
        (void)null;                                                                                                                      \
        return hc_nanosleep_any(wanted, (__private hc_timespec_t *)0);                                                                   \
    }
HC_FOR_IN(HC_DEFINE_NANOSLEEPS)
#else
HC_DEFINE_NANOSLEEP(, , )
#endif
HC_FN int hc_usleep_any(hc_u32 us) {
    hc_u64 left;
    return (int)hc_posix(hc_pause_ns((hc_u64)us * 1000u, &left));
}
HC_FN hc_u32 hc_sleep_any(hc_u32 seconds) {
    hc_u64 left;
    (void)hc_posix(hc_pause_ns((hc_u64)seconds * 1000000000u, &left));
    return (hc_u32)((left + 999999999u) / 1000000000u);
}
HC_API int hc_usleep(hc_u32 us) { HC_SPLIT(hc_usleep_any(us), ::usleep(us)) }
HC_API hc_u32 hc_sleep(hc_u32 seconds) { HC_SPLIT(hc_sleep_any(seconds), ::sleep(seconds)) }

#endif
