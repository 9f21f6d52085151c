/* SPDX-License-Identifier: Apache-2.0
 *
 * Broken-down time: the proleptic Gregorian calendar, and the zone (zone.h) that local time is told in. All of it is arithmetic of the
 * lane. The functions without _r answer in memory of the lane's own.
 */
#ifndef HC_CALENDAR_H
#define HC_CALENDAR_H
#include "time.h"
#include "zone.h"

/* Under nvcc it is the host's own type. */
#if defined(HC_NVCC)
typedef struct tm hc_tm_t;
#else
typedef struct hc_tm {
    int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
    long tm_gmtoff;
    const char *tm_zone;
} hc_tm_t;
#endif

#define HC_DAY 86400ll

/* Seconds from the epoch to the start of a day in UTC. Months count from 0 and may lie outside of a year; years are real years. */
HC_BODY hc_i64 hc_days_of(hc_i64 year, hc_i64 month, hc_i64 day) {
    hc_i64 carry = hc_floor_div(month, 12);
    year += carry;
    month -= 12 * carry;
    return hc_year_days(year) + hc_month_days(hc_is_leap(year), (int)month) + day - 1;
}
HC_FN hc_i64 hc_seconds_of(const hc_tm_t *t) {
    return hc_days_of((hc_i64)t->tm_year + 1900, t->tm_mon, t->tm_mday) * HC_DAY + (hc_i64)t->tm_hour * 3600 + (hc_i64)t->tm_min * 60 + t->tm_sec;
}
/* 0, or -EOVERFLOW where the year is no int. tm_isdst and what follows it are the caller's. */
HC_BODY int hc_break_down(hc_i64 seconds, hc_tm_t *t) {
    hc_i64 days = hc_floor_div(seconds, HC_DAY), rest = seconds - days * HC_DAY, year;
    int month;
    year = hc_year_of(days);
    if (year - 1900 > 2147483647 || year - 1900 < -2147483647ll - 1) return -HC_EOVERFLOW;
    t->tm_hour = (int)(rest / 3600);
    t->tm_min = (int)(rest / 60 % 60);
    t->tm_sec = (int)(rest % 60);
    t->tm_wday = (int)(hc_floor_mod(days + 4, 7)); /* the epoch was a Thursday */
    t->tm_year = (int)(year - 1900);
    t->tm_yday = (int)(days - hc_year_days(year));
    month = 11;
    HC_ROLLED while (hc_month_days(hc_is_leap(year), month) > t->tm_yday) month--;
    t->tm_mon = month;
    t->tm_mday = t->tm_yday - hc_month_days(hc_is_leap(year), month) + 1;
    return 0;
}
HC_FN hc_tm_t *hc_broken(int wrong, hc_tm_t *t) {
    if (!wrong) return t;
    hc_errno_set(-wrong);
    return 0;
}
HC_BODY hc_tm_t *hc_do_gmtime(hc_i64 when, hc_tm_t *t) {
    if (!t) return 0;
    t->tm_isdst = 0;
    t->tm_gmtoff = 0;
    t->tm_zone = "GMT";
    return hc_broken(hc_break_down(when, t), t);
}
HC_FN int hc_local_by(const hc_zone *zone, hc_i64 when, hc_tm_t *t) {
    int summer = hc_zone_is_summer(zone, when);
    t->tm_isdst = summer;
    t->tm_gmtoff = zone->offset[summer];
    t->tm_zone = zone->name[summer];
    return hc_break_down(when + zone->offset[summer], t);
}
HC_BODY hc_tm_t *hc_do_localtime(hc_i64 when, hc_tm_t *t) {
    hc_zone zone;
    if (!t) return 0;
    hc_zone_now(&zone);
    return hc_broken(hc_local_by(&zone, when, t), t);
}
HC_BODY hc_i64 hc_do_timegm(hc_tm_t *t) {
    hc_i64 when = hc_seconds_of(t);
    return hc_do_gmtime(when, t) ? when : -1;
}
/* Both readings of a local time are tried, winter's and summer's. The one that the zone confirms counts; tm_isdst decides between two,
 * and where it asks for one that does not hold then, that one is taken all the same, which moves the result by an hour. A time that the
 * clock jumps over is read with the offset before the jump. */
HC_BODY hc_i64 hc_do_mktime(hc_tm_t *t) {
    hc_zone zone;
    hc_i64 local = hc_seconds_of(t), when, winter, summer;
    int is_winter, is_summer;
    hc_zone_now(&zone);
    winter = local - zone.offset[0];
    summer = local - zone.offset[1];
    is_winter = !hc_zone_is_summer(&zone, winter);
    is_summer = hc_zone_is_summer(&zone, summer);
    if (t->tm_isdst > 0) when = zone.has_summer ? summer : winter - 3600;
    else if (!zone.has_summer || t->tm_isdst == 0) when = winter;
    else if (is_winter) when = winter;
    else if (is_summer) when = summer;
    else when = winter;
    {
        hc_tm_t found;
        int wrong = hc_local_by(&zone, when, &found);
        if (wrong) {
            hc_errno_set(-wrong);
            return -1;
        }
        *t = found;
    }
    return when;
}

/* ---------------------------------------------------------------------------------------------------------------------- text */
/* "Sun Jan  1 00:00:00 1970\n". 0, or -EOVERFLOW where the year does not fit 26 bytes, or -EINVAL. */
HC_FN char *hc_two_digits(char *to, int value, char pad) {
    to[0] = value >= 10 ? (char)('0' + value / 10 % 10) : pad;
    to[1] = (char)('0' + value % 10);
    return to + 2;
}
HC_BODY int hc_asctime_into(const hc_tm_t *t, char *to) {
    const char *days = "SunMonTueWedThuFriSat", *months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    hc_i64 year = (hc_i64)t->tm_year + 1900, unit;
    const char *from = t->tm_wday >= 0 && t->tm_wday < 7 ? days + 3 * t->tm_wday : "???";
    if (year > 9999 || year < -999) return -HC_EOVERFLOW;
    if ((hc_u32)t->tm_hour > 99u || (hc_u32)t->tm_min > 99u || (hc_u32)t->tm_sec > 99u || (hc_u32)t->tm_mday > 99u) return -HC_EOVERFLOW;
    *to++ = from[0];
    *to++ = from[1];
    *to++ = from[2];
    *to++ = ' ';
    from = t->tm_mon >= 0 && t->tm_mon < 12 ? months + 3 * t->tm_mon : "???";
    *to++ = from[0];
    *to++ = from[1];
    *to++ = from[2];
    *to++ = ' ';
    to = hc_two_digits(to, t->tm_mday, ' ');
    *to++ = ' ';
    to = hc_two_digits(to, t->tm_hour, '0');
    *to++ = ':';
    to = hc_two_digits(to, t->tm_min, '0');
    *to++ = ':';
    to = hc_two_digits(to, t->tm_sec, '0');
    *to++ = ' ';
    if (year < 0) {
        *to++ = '-';
        year = -year;
    }
    for (unit = 1; year / unit >= 10; unit *= 10) {
    }
    for (; unit; unit /= 10) *to++ = (char)('0' + year / unit % 10);
    *to++ = '\n';
    *to = 0;
    return 0;
}
HC_BODY char *hc_do_asctime(const hc_tm_t *t, char *to) {
    int wrong = t && to ? hc_asctime_into(t, to) : -HC_EINVAL;
    if (!wrong) return to;
    hc_errno_set(-wrong);
    return 0;
}
HC_BODY char *hc_do_ctime(hc_i64 when, char *to) {
    hc_tm_t t;
    return hc_do_localtime(when, &t) ? hc_do_asctime(&t, to) : 0;
}

/* ------------------------------------------------------------------------------------------------------------------- clocks */
HC_FN int hc_do_clock_nanosleep(int id, int flags, const hc_timespec_t *wanted, hc_timespec_t *rest) {
    hc_u64 left = 0;
    hc_i64 ns, r, now;
    hc_timespec_t at;
    if (id == 3 || id < 0 || (id > 7 && id != 11)) return HC_EINVAL; /* a thread's CPU time cannot be waited for */
    if (!wanted) return HC_EFAULT;
    ns = hc_span_ns(wanted->tv_sec, wanted->tv_nsec);
    if (wanted->tv_sec < 0 && (flags & 1) && wanted->tv_nsec >= 0 && wanted->tv_nsec < HC_BILLION_NS) return HC_EINVAL;
    if (ns < 0) return (int)-ns;
    if (flags & 1) {
        if (hc_clock_gettime_any(id, &at) < 0) return HC_EINVAL;
        now = (hc_i64)at.tv_sec * HC_BILLION_NS + at.tv_nsec;
        ns = ns > now ? ns - now : 0;
    }
    r = hc_pause_ns((hc_u64)ns, &left);
    if (r < 0 && rest && !(flags & 1)) {
        rest->tv_sec = (hc_long)(left / 1000000000u);
        rest->tv_nsec = (hc_long)(left % 1000000000u);
    }
    return (int)-r;
}
HC_FN int hc_do_timespec_get(hc_timespec_t *to, int base) { return base == 1 && hc_clock_gettime_any(HC_CLOCK_REALTIME, to) == 0 ? base : 0; }
#if defined(HC_NVCC)
typedef struct tms hc_tms_t;
#else
typedef struct hc_tms {
    hc_long tms_utime, tms_stime, tms_cutime, tms_cstime;
} hc_tms_t;
#endif
/* A lane does nothing but run, so its time is the user's; ticks of 1/100 s. */
HC_FN hc_long hc_do_times(hc_tms_t *to) {
    hc_i64 now = hc_posix(hc_monotonic_ns());
    if (now < 0) return -1;
    if (to) {
        to->tms_utime = (hc_long)(now / 10000000);
        to->tms_stime = to->tms_cutime = to->tms_cstime = 0;
    }
    return (hc_long)(now / 10000000);
}

/* -------------------------------------------------------------------------------------------------------------------- names */
HC_API hc_tm_t *hc_gmtime_r(const hc_long *when, hc_tm_t *t) { HC_SPLIT(hc_do_gmtime(*when, t), ::gmtime_r(when, t)) }
HC_API hc_tm_t *hc_localtime_r(const hc_long *when, hc_tm_t *t) { HC_SPLIT(hc_do_localtime(*when, t), ::localtime_r(when, t)) }
HC_FN hc_tm_t *hc_lane_tm(void) {
    hc_lane_block *b = hc_lane_block_of();
    return b ? (hc_tm_t *)(void *)b->broken_down : 0;
}
HC_FN char *hc_lane_asctime(void) {
    hc_lane_block *b = hc_lane_block_of();
    return b ? b->date : 0;
}
HC_STATIC_ASSERT(sizeof(hc_tm_t) <= sizeof(((hc_lane_block *)0)->broken_down), hc_tm_fits);
HC_API hc_tm_t *hc_gmtime(const hc_long *when) { HC_SPLIT(hc_do_gmtime(*when, hc_lane_tm()), ::gmtime(when)) }
HC_API hc_tm_t *hc_localtime(const hc_long *when) { HC_SPLIT(hc_do_localtime(*when, hc_lane_tm()), ::localtime(when)) }
HC_API hc_long hc_mktime(hc_tm_t *t) { HC_SPLIT((hc_long)hc_do_mktime(t), ::mktime(t)) }
HC_API hc_long hc_timegm(hc_tm_t *t) { HC_SPLIT((hc_long)hc_do_timegm(t), ::timegm(t)) }
HC_API char *hc_asctime_r(const hc_tm_t *t, char *to) { HC_SPLIT(hc_do_asctime(t, to), ::asctime_r(t, to)) }
HC_API char *hc_ctime_r(const hc_long *when, char *to) { HC_SPLIT(hc_do_ctime(*when, to), ::ctime_r(when, to)) }
HC_API char *hc_asctime(const hc_tm_t *t) { HC_SPLIT(hc_do_asctime(t, hc_lane_asctime()), ::asctime(t)) }
HC_API char *hc_ctime(const hc_long *when) { HC_SPLIT(hc_do_ctime(*when, hc_lane_asctime()), ::ctime(when)) }
HC_API int hc_clock_nanosleep(int id, int flags, const hc_timespec_t *wanted, hc_timespec_t *rest) {
    HC_SPLIT(hc_do_clock_nanosleep(id, flags, wanted, rest), ::clock_nanosleep(id, flags, wanted, rest))
}
HC_API int hc_timespec_get(hc_timespec_t *to, int base) { HC_SPLIT(hc_do_timespec_get(to, base), ::timespec_get(to, base)) }
HC_API hc_long hc_times(hc_tms_t *to) { HC_SPLIT(hc_do_times(to), ::times(to)) }

#endif
