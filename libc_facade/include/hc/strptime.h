/* SPDX-License-Identifier: Apache-2.0
 *
 * strptime in the C locale. Like glibc's it leaves what was not named as it was, and works out the day of the week and of the year once
 * there is a date.
 */
#ifndef HC_STRPTIME_H
#define HC_STRPTIME_H
#include "strftime.h"

typedef struct hc_date_reading {
    const char *at;
    int century, year2;        /* -1: not named */
    int afternoon, hour12;     /* afternoon -1: not named */
    int have_day, have_month, have_yday, have_wday, have_year;
    int week_sunday, week_monday; /* -1: not named */
} hc_date_reading;

HC_FN void hc_date_skip(hc_date_reading *r) {
    HC_ROLLED while (hc_isspace((hc_u8)*r->at)) r->at++;
}
/* Up to `digits` digits after spaces, in [low, high]. */
HC_BODY int hc_date_take(hc_date_reading *r, int low, int high, int digits, int *out) {
    int value = 0, n = 0;
    HC_ROLLED while (*r->at == ' ') r->at++;
    HC_ROLLED for (; n < digits && hc_isdigit((hc_u8)*r->at) && (n == 0 || 10 * value <= high); n++) value = 10 * value + (*r->at++ - '0');
    if (!n || value < low || value > high) return 0;
    *out = value;
    return 1;
}
/* A name of a list, in full or by its first three letters, whatever the case. */
HC_BODY int hc_date_take_name(hc_date_reading *r, const char *list, int count, int *out) {
    int i;
    HC_ROLLED for (i = 0; i < count; i++) {
        const char *name = hc_date_name(list, i);
        size_t n = hc_strlen(name);
        if (hc_strncasecmp(r->at, name, n) != 0) {
            n = 3;
            if (hc_strncasecmp(r->at, name, n) != 0) continue;
        }
        r->at += n;
        *out = i;
        return 1;
    }
    return 0;
}
HC_BODY int hc_date_take_zone(hc_date_reading *r, hc_tm_t *t) {
    long hours = 0, minutes = 0;
    int n = 0, west;
    hc_date_skip(r);
    if (*r->at == 'Z') {
        r->at++;
        t->tm_gmtoff = 0;
        return 1;
    }
    if (*r->at != '+' && *r->at != '-') return 0;
    west = *r->at++ == '-';
    HC_ROLLED for (; n < 2 && hc_isdigit((hc_u8)*r->at); n++) hours = 10 * hours + (*r->at++ - '0');
    if (n != 2) return 0;
    if (*r->at == ':' && hc_isdigit((hc_u8)r->at[1])) r->at++;
    HC_ROLLED for (; n < 4 && hc_isdigit((hc_u8)*r->at); n++) minutes = 10 * minutes + (*r->at++ - '0');
    if (n == 3 || minutes > 59 || hours > 14) return 0;
    t->tm_gmtoff = 3600 * hours + 60 * minutes;
    if (west) t->tm_gmtoff = -t->tm_gmtoff;
    return 1;
}
HC_BODY int hc_date_take_epoch(hc_date_reading *r, hc_tm_t *t) {
    hc_i64 seconds = 0;
    int n = 0;
    HC_ROLLED for (; n < 18 && hc_isdigit((hc_u8)*r->at); n++) seconds = 10 * seconds + (*r->at++ - '0');
    return n && hc_do_localtime(seconds, t);
}
/* One conversion; 0: the text does not match. */
HC_BODY int hc_date_read(hc_date_reading *r, char c, hc_tm_t *t) {
    int value;
    switch (c) {
    case '%': return *r->at == '%' ? (r->at++, 1) : 0;
    case 'n':
    case 't': hc_date_skip(r); return 1;
    case 'a':
    case 'A': return r->have_wday = hc_date_take_name(r, HC_WEEKDAYS, 7, &t->tm_wday);
    case 'b':
    case 'B':
    case 'h': return r->have_month = hc_date_take_name(r, HC_MONTHS, 12, &t->tm_mon);
    case 'C':
        r->have_year = 1;
        return hc_date_take(r, 0, 99, 2, &r->century);
    case 'd':
    case 'e': return r->have_day = hc_date_take(r, 1, 31, 2, &t->tm_mday);
    case 'H':
    case 'k':
        r->hour12 = 0;
        return hc_date_take(r, 0, 23, 2, &t->tm_hour);
    case 'I':
    case 'l':
        if (!hc_date_take(r, 1, 12, 2, &value)) return 0;
        t->tm_hour = value % 12;
        r->hour12 = 1;
        return 1;
    case 'j':
        if (!hc_date_take(r, 1, 366, 3, &value)) return 0;
        t->tm_yday = value - 1;
        r->have_yday = 1;
        return 1;
    case 'm':
        if (!hc_date_take(r, 1, 12, 2, &value)) return 0;
        t->tm_mon = value - 1;
        r->have_month = 1;
        return 1;
    case 'M': return hc_date_take(r, 0, 59, 2, &t->tm_min);
    case 'S': return hc_date_take(r, 0, 61, 2, &t->tm_sec);
    case 'p':
    case 'P':
        if ((hc_tolower(r->at[0]) != 'a' && hc_tolower(r->at[0]) != 'p') || hc_tolower(r->at[1]) != 'm') return 0;
        r->afternoon = hc_tolower(r->at[0]) == 'p';
        r->at += 2;
        return 1;
    case 's': return hc_date_take_epoch(r, t);
    case 'U': return hc_date_take(r, 0, 53, 2, &r->week_sunday);
    case 'W': return hc_date_take(r, 0, 53, 2, &r->week_monday);
    case 'V': return hc_date_take(r, 0, 53, 2, &value);
    case 'g': return hc_date_take(r, 0, 99, 2, &value);
    case 'G': return hc_date_take(r, 0, 9999, 4, &value);
    case 'u':
        if (!hc_date_take(r, 1, 7, 1, &value)) return 0;
        t->tm_wday = value % 7;
        r->have_wday = 1;
        return 1;
    case 'w': return r->have_wday = hc_date_take(r, 0, 6, 1, &t->tm_wday);
    case 'y':
        if (!hc_date_take(r, 0, 99, 2, &r->year2)) return 0;
        r->have_year = 1;
        return 1;
    case 'Y':
        if (!hc_date_take(r, 0, 9999, 4, &value)) return 0;
        t->tm_year = value - 1900;
        r->century = r->year2 = -1;
        r->have_year = 1;
        return 1;
    case 'Z': /* which names there are, nobody knows: as many letters as there are */
        HC_ROLLED while (*r->at && !hc_isspace((hc_u8)*r->at)) r->at++;
        return 1;
    case 'z': return hc_date_take_zone(r, t);
    }
    return 0;
}
HC_BODY int hc_date_read_all(hc_date_reading *r, const char *format, hc_tm_t *t) {
    HC_ROLLED for (; *format; format++) {
        const char *pattern;
        if (hc_isspace((hc_u8)*format)) {
            hc_date_skip(r);
            continue;
        }
        if (*format != '%') {
            if (*r->at++ != *format) return 0;
            continue;
        }
        format++;
        HC_ROLLED while (*format == '_' || *format == '-' || *format == '0' || *format == '^' || *format == '#') format++;
        if (*format == 'E' || *format == 'O') format++;
        pattern = hc_date_pattern(*format);
        if (pattern) {
            const char *p;
            HC_ROLLED for (p = pattern; *p; p++) {
                if (*p == ' ') hc_date_skip(r);
                else if (*p != '%') {
                    if (*r->at++ != *p) return 0;
                } else if (!hc_date_read(r, *++p, t)) return 0;
            }
        } else if (!hc_date_read(r, *format, t)) {
            return 0;
        }
    }
    return 1;
}
HC_BODY void hc_date_finish(const hc_date_reading *r, hc_tm_t *t) {
    hc_i64 year, days;
    int leap;
    if (r->hour12 && r->afternoon > 0) t->tm_hour += 12;
    if (r->year2 >= 0) t->tm_year = r->century >= 0 ? (r->century - 19) * 100 + r->year2 : r->year2 < 69 ? r->year2 + 100 : r->year2;
    else if (r->century >= 0) t->tm_year = t->tm_year % 100 + (r->century - 19) * 100;
    year = (hc_i64)t->tm_year + 1900;
    leap = hc_is_leap(year);
    if ((r->week_sunday >= 0 || r->week_monday >= 0) && r->have_wday && !r->have_month && !r->have_day && !r->have_yday) {
        int first = (int)hc_floor_mod(hc_year_days(year) + 4, 7), monday = r->week_sunday < 0;
        int start = (7 - first + monday) % 7; /* of week 1 */
        t->tm_yday = start + 7 * ((monday ? r->week_monday : r->week_sunday) - 1) + (t->tm_wday - monday + 7) % 7;
        t->tm_mon = 11;
        HC_ROLLED while (t->tm_mon > 0 && hc_month_days(leap, t->tm_mon) > t->tm_yday) t->tm_mon--;
        t->tm_mday = t->tm_yday - hc_month_days(leap, t->tm_mon) + 1;
        if (t->tm_yday < 0) t->tm_mon = -1; /* in the week that the year began in, before it did */
        return;
    }
    if (r->have_yday && !(r->have_month && r->have_day)) {
        int month = 11;
        HC_ROLLED while (month > 0 && hc_month_days(leap, month) > t->tm_yday) month--;
        if (!r->have_month) t->tm_mon = month;
        if (!r->have_day) t->tm_mday = t->tm_yday - hc_month_days(leap, t->tm_mon) + 1;
    }
    if (!(r->have_month || r->have_day || r->have_yday || r->have_year)) return;
    if (t->tm_mon < 0 || t->tm_mon > 11) return;
    days = hc_year_days(year) + hc_month_days(leap, t->tm_mon) + t->tm_mday - 1;
    if (!r->have_wday) t->tm_wday = (int)hc_floor_mod(days + 4, 7);
    if (!r->have_yday && (r->have_month || r->have_day)) t->tm_yday = (int)(days - hc_year_days(year));
}
HC_BODY char *hc_do_strptime(const char *text, const char *format, hc_tm_t *t) {
    hc_date_reading r;
    r.at = text;
    r.century = r.year2 = r.afternoon = r.week_sunday = r.week_monday = -1;
    r.hour12 = r.have_day = r.have_month = r.have_yday = r.have_wday = r.have_year = 0;
    if (!hc_date_read_all(&r, format, t)) return 0;
    hc_date_finish(&r, t);
    return (char *)r.at;
}
HC_API char *hc_strptime(const char *text, const char *format, hc_tm_t *t) { HC_SPLIT(hc_do_strptime(text, format, t), ::strptime(text, format, t)) }

#endif
