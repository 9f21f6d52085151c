/* SPDX-License-Identifier: Apache-2.0
 *
 * strftime in the C locale: every conversion of C11 and POSIX, and GNU's flags (_ - 0 ^ #), widths, %P, %k, %l, %s. The modifiers E and O change
 * nothing in this locale.
 */
#ifndef HC_STRFTIME_H
#define HC_STRFTIME_H
#include "calendar.h"

typedef struct hc_date_text {
    char *to;
    size_t size, n; /* n counts on where nothing fits any more */
} hc_date_text;
/* Of one conversion. */
typedef struct hc_date_field {
    int pad;   /* 0: the conversion's own; '_', '-', '0' */
    int upper; /* '^': 1; -1: small letters */
    int swap;  /* '#' */
    int width; /* -1: none */
} hc_date_field;

HC_FN void hc_date_put(hc_date_text *d, char c) {
    if (d->n < d->size) d->to[d->n] = c;
    d->n++;
}
HC_FN void hc_date_fill(hc_date_text *d, int n, char c) {
    HC_ROLLED for (; n > 0; n--) hc_date_put(d, c);
}
HC_BODY void hc_date_string(hc_date_text *d, const hc_date_field *f, const char *text, size_t n) {
    size_t i;
    hc_date_fill(d, f->width - (int)n, f->pad == '0' ? '0' : ' ');
    HC_ROLLED for (i = 0; i < n; i++) hc_date_put(d, (char)(f->upper > 0 ? hc_toupper(text[i]) : f->upper < 0 ? hc_tolower(text[i]) : text[i]));
}
/* least: digits that the conversion has by itself, filled up with `own`. */
HC_BODY void hc_date_number(hc_date_text *d, const hc_date_field *f, hc_i64 value, int least, char own) {
    char digits[24];
    int n = 0, negative = value < 0, width = f->width > least ? f->width : least;
    hc_u64 rest = negative ? 0u - (hc_u64)value : (hc_u64)value;
    char pad = f->pad == '_' ? ' ' : f->pad == '0' ? '0' : own;
    do {
        digits[n++] = (char)('0' + rest % 10u);
        rest /= 10u;
    } while (rest);
    if (f->pad == '-') {
        pad = ' '; /* a width counts all the same */
        width = f->width;
    }
    if (pad == ' ') hc_date_fill(d, width - n - negative, ' ');
    if (negative) hc_date_put(d, '-');
    if (pad == '0') hc_date_fill(d, width - n - negative, '0');
    HC_ROLLED while (n) hc_date_put(d, digits[--n]);
}
/* The text number `index` of a list of texts, each ended by a NUL. */
HC_BODY const char *hc_date_name(const char *list, int index) {
    HC_ROLLED for (; index > 0; index--) list += hc_strlen(list) + 1u;
    return list;
}
#define HC_WEEKDAYS "Sunday\0Monday\0Tuesday\0Wednesday\0Thursday\0Friday\0Saturday"
#define HC_MONTHS "January\0February\0March\0April\0May\0June\0July\0August\0September\0October\0November\0December"

/* Week of the year that ISO 8601 counts, and the year that it belongs to. */
HC_BODY int hc_iso_week(const hc_tm_t *t, hc_i64 *year) {
    int weekday = (t->tm_wday + 6) % 7, days = t->tm_yday, week; /* Monday is 0 */
    *year = (hc_i64)t->tm_year + 1900;
    week = (days - weekday + 10) / 7; /* that of this week's Thursday */
    if (week < 1) {
        --*year;
        days += 365 + hc_is_leap(*year);
        return (days - weekday + 10) / 7;
    }
    if (week == 53 && days - weekday + 3 >= 365 + hc_is_leap(*year)) {
        ++*year;
        return 1;
    }
    return week;
}
HC_FN int hc_hour_of_12(int hour) { return hour % 12 ? hour % 12 : 12; }

HC_BODY void hc_date_zone(hc_date_text *d, const hc_date_field *f, const hc_tm_t *t) {
    hc_date_field digits = *f;
    long minutes;
    if (t->tm_isdst < 0) return;
    minutes = (t->tm_gmtoff < 0 ? -t->tm_gmtoff : t->tm_gmtoff) / 60;
    if (digits.width > 0) digits.width--; /* the sign's */
    hc_date_put(d, t->tm_gmtoff < 0 ? '-' : '+');
    hc_date_number(d, &digits, minutes / 60 * 100 + minutes % 60, 4, '0');
}

/* The conversions that stand for a format of their own. */
HC_FN const char *hc_date_pattern(char c) {
    switch (c) {
    case 'c': return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x': return "%m/%d/%y";
    case 'F': return "%Y-%m-%d";
    case 'r': return "%I:%M:%S %p";
    case 'R': return "%H:%M";
    case 'T':
    case 'X': return "%H:%M:%S";
    }
    return 0;
}
/* Everything else; 0: no such conversion. */
HC_BODY int hc_date_convert(hc_date_text *d, hc_date_field *f, char c, const hc_tm_t *t) {
    const char *text;
    hc_i64 year;
    int week;
    switch (c) {
    case '%': hc_date_string(d, f, "%", 1); return 1;
    case 'n': hc_date_string(d, f, "\n", 1); return 1;
    case 't': hc_date_string(d, f, "\t", 1); return 1;
    case 'a':
    case 'A':
        if (f->swap) f->upper = 1;
        text = t->tm_wday < 0 || t->tm_wday > 6 ? "?" : hc_date_name(HC_WEEKDAYS, t->tm_wday);
        hc_date_string(d, f, text, c == 'a' && *text != '?' ? 3 : hc_strlen(text));
        return 1;
    case 'b':
    case 'h':
    case 'B':
        if (f->swap) f->upper = 1;
        text = t->tm_mon < 0 || t->tm_mon > 11 ? "?" : hc_date_name(HC_MONTHS, t->tm_mon);
        hc_date_string(d, f, text, c != 'B' && *text != '?' ? 3 : hc_strlen(text));
        return 1;
    case 'C':
        year = (hc_i64)t->tm_year + 1900;
        hc_date_number(d, f, hc_floor_div(year, 100), 1, '0');
        return 1;
    case 'y': hc_date_number(d, f, hc_floor_mod(t->tm_year, 100), 2, '0'); return 1;
    case 'd': hc_date_number(d, f, t->tm_mday, 2, '0'); return 1;
    case 'e': hc_date_number(d, f, t->tm_mday, 2, ' '); return 1;
    case 'H': hc_date_number(d, f, t->tm_hour, 2, '0'); return 1;
    case 'k': hc_date_number(d, f, t->tm_hour, 2, ' '); return 1;
    case 'I': hc_date_number(d, f, hc_hour_of_12(t->tm_hour), 2, '0'); return 1;
    case 'l': hc_date_number(d, f, hc_hour_of_12(t->tm_hour), 2, ' '); return 1;
    case 'j': hc_date_number(d, f, (hc_i64)t->tm_yday + 1, 3, '0'); return 1;
    case 'M': hc_date_number(d, f, t->tm_min, 2, '0'); return 1;
    case 'm': hc_date_number(d, f, (hc_i64)t->tm_mon + 1, 2, '0'); return 1;
    case 'S': hc_date_number(d, f, t->tm_sec, 2, '0'); return 1;
    case 'p':
    case 'P':
        text = t->tm_hour > 11 ? "PM" : "AM";
        if (c == 'P' || f->swap) text = t->tm_hour > 11 ? "pm" : "am";
        if (c == 'P') f->upper = 0;
        hc_date_string(d, f, text, 2);
        return 1;
    case 's': { /* padded like a text, also in front of its sign */
        hc_tm_t copy = *t;
        char digits[24];
        hc_i64 seconds = hc_do_mktime(&copy);
        hc_u64 left = seconds < 0 ? 0u - (hc_u64)seconds : (hc_u64)seconds;
        int at = (int)sizeof digits;
        do digits[--at] = (char)('0' + (int)(left % 10u));
        while (left /= 10u);
        if (seconds < 0) digits[--at] = '-';
        hc_date_string(d, f, digits + at, (int)sizeof digits - at);
        return 1;
    }
    case 'u': hc_date_number(d, f, (t->tm_wday + 6) % 7 + 1, 1, '0'); return 1;
    case 'w': hc_date_number(d, f, t->tm_wday, 1, '0'); return 1;
    case 'U': hc_date_number(d, f, (t->tm_yday - t->tm_wday + 7) / 7, 2, '0'); return 1;
    case 'W': hc_date_number(d, f, (t->tm_yday - (t->tm_wday + 6) % 7 + 7) / 7, 2, '0'); return 1;
    case 'V':
    case 'G':
    case 'g':
        week = hc_iso_week(t, &year);
        if (c == 'V') hc_date_number(d, f, week, 2, '0');
        else if (c == 'G') hc_date_number(d, f, year, 1, '0');
        else hc_date_number(d, f, hc_floor_mod(year, 100), 2, '0');
        return 1;
    case 'Y': hc_date_number(d, f, (hc_i64)t->tm_year + 1900, 1, '0'); return 1;
    case 'Z':
        if (f->swap) f->upper = -1;
        text = t->tm_zone ? t->tm_zone : "";
        hc_date_string(d, f, text, hc_strlen(text));
        return 1;
    case 'z': hc_date_zone(d, f, t); return 1;
    }
    return 0;
}
/* The flags, the width and the modifier in front of a conversion. */
HC_FN const char *hc_date_read_field(const char *at, hc_date_field *f) {
    f->pad = f->upper = f->swap = 0;
    f->width = -1;
    HC_ROLLED for (;; at++) {
        if (*at == '_' || *at == '-' || *at == '0') f->pad = *at;
        else if (*at == '^') f->upper = 1;
        else if (*at == '#') f->swap = 1;
        else break;
    }
    if (hc_isdigit(*at)) {
        f->width = 0;
        HC_ROLLED for (; hc_isdigit(*at); at++) {
            if (f->width < 100000000) f->width = 10 * f->width + (*at - '0');
        }
    }
    if (*at == 'E' || *at == 'O') at++;
    return at;
}
/* Without formats inside of formats. */
HC_BODY void hc_date_plain(hc_date_text *d, const char *format, int upper, const hc_tm_t *t) {
    hc_date_field f;
    HC_ROLLED for (; *format; format++) {
        if (*format != '%') {
            hc_date_put(d, *format);
            continue;
        }
        f.pad = f.swap = 0;
        f.upper = upper;
        f.width = -1;
        (void)hc_date_convert(d, &f, *++format, t);
    }
}
HC_BODY size_t hc_do_strftime(char *to, size_t size, const char *format, const hc_tm_t *t) {
    hc_date_text d;
    hc_date_field f;
    d.to = to;
    d.size = size;
    d.n = 0;
    HC_ROLLED for (; *format; format++) {
        const char *from = format, *pattern;
        if (*format != '%') {
            hc_date_put(&d, *format);
            continue;
        }
        format = hc_date_read_field(format + 1, &f);
        pattern = hc_date_pattern(*format);
        if (pattern) {
            hc_date_text whole;
            whole.size = whole.n = 0;
            whole.to = 0;
            hc_date_plain(&whole, pattern, f.upper, t);
            if (f.width > 0) hc_date_fill(&d, f.width - (int)whole.n, f.pad == '0' ? '0' : ' ');
            hc_date_plain(&d, pattern, f.upper, t);
        } else if (!*format || !hc_date_convert(&d, &f, *format, t)) {
            if (!*format) format--; /* what is no conversion stays as it is */
            HC_ROLLED for (; from <= format; from++) hc_date_put(&d, *from);
        }
        if (d.n >= size) break;
    }
    if (d.n >= size) {
        hc_errno_set(HC_ERANGE);
        return 0;
    }
    to[d.n] = 0;
    return d.n;
}
HC_API size_t hc_strftime(char *to, size_t size, const char *format, const hc_tm_t *t) {
    HC_SPLIT(hc_do_strftime(to, size, format, t), ::strftime(to, size, format, t))
}

#endif
