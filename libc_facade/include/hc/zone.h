/* SPDX-License-Identifier: Apache-2.0
 *
 * The time zone: the rule of POSIX's TZ, which getenv("TZ") gives, or where that is unset or names a zone, what the host put beside the
 * environment when the runtime opened. Each call reads the rule anew, which costs some forty characters and no lock. One rule holds for all years:
 * how a zone changed its mind in the past is not known here.
 */
#ifndef HC_ZONE_H
#define HC_ZONE_H
#include "ctype.h"
#include "environ.h"
#include "lane_block.h"

/* ----------------------------------------------------------------------------------------------------------------- calendar */
HC_FN hc_i64 hc_floor_div(hc_i64 a, hc_i64 b) { return a / b - (a % b < 0); }
HC_FN hc_i64 hc_floor_mod(hc_i64 a, hc_i64 b) { return a % b < 0 ? a % b + b : a % b; }
HC_FN int hc_is_leap(hc_i64 year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
/* Days from the epoch to the first of January. */
HC_FN hc_i64 hc_year_days(hc_i64 year) {
    hc_i64 before = year - 1;
    return 365 * (year - 1970) + hc_floor_div(before, 4) - hc_floor_div(before, 100) + hc_floor_div(before, 400) - 477;
}
/* Days of a year before a month, which counts from 0: from March on five months have 153 days. */
HC_FN int hc_month_days(int leap, int month) { return month < 2 ? 31 * month : (153 * (month - 2) + 2) / 5 + 59 + leap; }
HC_FN hc_i64 hc_year_of(hc_i64 days) {
    hc_i64 year = 1970 + (days / 146097) * 400 + (days % 146097) * 400 / 146097; /* 146097 days are 400 years; at most a year off */
    HC_ROLLED while (hc_year_days(year) > days) year--;
    HC_ROLLED while (hc_year_days(year + 1) <= days) year++;
    return year;
}

/* --------------------------------------------------------------------------------------------------------------------- rules */
typedef struct hc_zone_rule {
    int kind; /* 'M': month, week, day; 'J': day without 29 February, from 1; 0: day from 0 */
    int month, week, day;
    hc_i32 seconds; /* after midnight, local time */
} hc_zone_rule;
typedef struct hc_zone {
    const char *name[2]; /* winter's and summer's, for good */
    hc_i32 offset[2];    /* seconds east of Greenwich */
    hc_zone_rule begin, end;
    int has_summer;
} hc_zone;

/* Names of zones are never freed, and each is kept once: tm_zone points at them. */
typedef struct hc_zone_text {
    struct hc_zone_text *next;
    char text[24];
} hc_zone_text;
HC_STATE hc_zone_text *hc_zone_texts;
HC_STATE hc_u64 hc_zone_client; /* the runtime in whose heap they lie */

HC_BODY const char *hc_zone_name(const char *from, size_t n) {
    hc_zone_text *t;
    hc_u64 head;
    if (n == 3u && from[0] == 'U' && from[1] == 'T' && from[2] == 'C') return "UTC";
    if (n > sizeof t->text - 1u) n = sizeof t->text - 1u;
    if (hc_dev_load64(HC_ADDRESS(hc_zone_client)) != hc_client_address()) {
        hc_dev_store64(HC_ADDRESS(hc_zone_texts), 0);
        hc_dev_store64(HC_ADDRESS(hc_zone_client), hc_client_address());
    }
    head = hc_dev_load64(HC_ADDRESS(hc_zone_texts));
    for (;;) {
        hc_u64 old;
        HC_ROLLED for (t = (hc_zone_text *)(size_t)head; t; t = t->next) {
            if (hc_strncmp(t->text, from, n) == 0 && !t->text[n]) return t->text;
        }
        t = (hc_zone_text *)(size_t)hc_heap_get_block(sizeof *t, 16u);
        if (!t) return "";
        hc_memcpy(t->text, from, n);
        t->text[n] = 0;
        t->next = (hc_zone_text *)(size_t)head;
        hc_fence_dev();
        old = hc_dev_cas64(HC_ADDRESS(hc_zone_texts), head, (hc_u64)(size_t)t);
        if (old == head) return t->text;
        hc_free(t);
        head = old;
    }
}

HC_FN int hc_zone_number(const char **at, int most) {
    int value = 0;
    HC_ROLLED for (; hc_isdigit(**at); ++*at) {
        if (value < 100000) value = 10 * value + (**at - '0');
    }
    return value < most ? value : most;
}
/* hh[:mm[:ss]] */
HC_FN hc_i32 hc_zone_clock(const char **at, int hours) {
    hc_i32 value = 3600 * hc_zone_number(at, hours);
    if (**at == ':' && hc_isdigit((*at)[1])) {
        ++*at;
        value += 60 * hc_zone_number(at, 59);
        if (**at == ':' && hc_isdigit((*at)[1])) {
            ++*at;
            value += hc_zone_number(at, 59);
        }
    }
    return value;
}
/* Three letters or more, or anything of letters, digits and signs in < >. 0: there is none. */
HC_FN int hc_zone_read_name(const char **at, const char **name) {
    const char *from = *at, *to;
    if (*from == '<') {
        to = ++from;
        HC_ROLLED while (hc_isalnum(*to) || *to == '+' || *to == '-') to++;
        if (*to != '>' || to - from < 3) return 0;
        *at = to + 1;
    } else {
        to = from;
        HC_ROLLED while (hc_isalpha(*to)) to++;
        if (to - from < 3) return 0;
        *at = to;
    }
    *name = hc_zone_name(from, (size_t)(to - from));
    return 1;
}
/* West is positive in TZ. 0: no offset. */
HC_FN int hc_zone_read_offset(const char **at, hc_i32 *offset) {
    int east = **at == '-';
    if (**at == '-' || **at == '+') ++*at;
    if (!hc_isdigit(**at)) return 0;
    *offset = hc_zone_clock(at, 24);
    if (!east) *offset = -*offset;
    return 1;
}
HC_FN int hc_zone_read_rule(const char **at, hc_zone_rule *rule, int month, int week) {
    rule->kind = 'M';
    rule->month = month;
    rule->week = week;
    rule->day = 0;
    rule->seconds = 2 * 3600;
    if (**at == ',') ++*at;
    if (!**at) return 1; /* the rule of the United States */
    if (**at == 'J' && hc_isdigit((*at)[1])) {
        ++*at;
        rule->kind = 'J';
        rule->day = hc_zone_number(at, 365);
        if (!rule->day) return 0;
    } else if (hc_isdigit(**at)) {
        rule->kind = 0;
        rule->day = hc_zone_number(at, 365);
    } else if (**at == 'M') {
        ++*at;
        rule->month = hc_zone_number(at, 13);
        if (*(*at)++ != '.') return 0;
        rule->week = hc_zone_number(at, 6);
        if (*(*at)++ != '.') return 0;
        rule->day = hc_zone_number(at, 7);
        if (rule->month < 1 || rule->month > 12 || rule->week < 1 || rule->week > 5 || rule->day > 6) return 0;
    } else {
        return 0;
    }
    if (**at == '/') {
        int negative;
        ++*at;
        negative = **at == '-';
        if (**at == '-' || **at == '+') ++*at;
        rule->seconds = hc_zone_clock(at, 167);
        if (negative) rule->seconds = -rule->seconds;
    }
    return **at == 0 || **at == ',';
}
HC_BODY void hc_zone_parse(hc_zone *zone, const char *text) {
    zone->name[0] = zone->name[1] = "";
    zone->offset[0] = zone->offset[1] = 0;
    zone->has_summer = 0;
    zone->begin.kind = zone->end.kind = 0;
    zone->begin.day = zone->end.day = 0;
    zone->begin.seconds = zone->end.seconds = 0;
    if (!hc_zone_read_name(&text, &zone->name[0])) return;
    zone->name[1] = zone->name[0];
    if (!hc_zone_read_offset(&text, &zone->offset[0])) return;
    zone->offset[1] = zone->offset[0];
    if (!*text || !hc_zone_read_name(&text, &zone->name[1])) return;
    if (!hc_zone_read_offset(&text, &zone->offset[1])) zone->offset[1] = zone->offset[0] + 3600;
    zone->has_summer = hc_zone_read_rule(&text, &zone->begin, 3, 2) && hc_zone_read_rule(&text, &zone->end, 11, 1);
}

/* When a rule changes the clock in a year: seconds since the epoch, by a clock with this offset before the change. Before 1970, as on
 * Linux, a rule means 1970: winter in the north. */
HC_BODY hc_i64 hc_zone_change(const hc_zone_rule *rule, hc_i64 year, hc_i32 offset) {
    hc_i64 days = year > 1970 ? hc_year_days(year) : 0;
    int leap = hc_is_leap(year), first;
    if (rule->kind == 'J') {
        days += rule->day - 1 + (leap && rule->day >= 60);
    } else if (rule->kind == 0) {
        days += rule->day;
    } else {
        int length = (rule->month == 12 ? 365 + leap : hc_month_days(leap, rule->month)) - hc_month_days(leap, rule->month - 1), day;
        first = (int)hc_floor_mod(hc_year_days(year) + hc_month_days(leap, rule->month - 1) + 4, 7);
        days += hc_month_days(leap, rule->month - 1);
        day = (rule->day - first + 7) % 7 + 7 * (rule->week - 1);
        if (day >= length) day -= 7;
        days += day;
    }
    return days * 86400 + rule->seconds - offset;
}
HC_BODY int hc_zone_is_summer(const hc_zone *zone, hc_i64 when) {
    hc_i64 year, begin, end;
    if (!zone->has_summer) return 0;
    year = hc_year_of(hc_floor_div(when, 86400));
    begin = hc_zone_change(&zone->begin, year, zone->offset[0]);
    end = hc_zone_change(&zone->end, year, zone->offset[1]);
    return begin <= end ? when >= begin && when < end : when < end || when >= begin;
}

/* ----------------------------------------------------------------------------------------------------------------- which one */
/* The host's rule for a zone's name; 0: it was not told. */
HC_BODY const char *hc_zone_known(const char *name) {
    const char *told = hc_environ_hidden("=TZNAME");
    return told && hc_strcmp(told, name) == 0 ? hc_environ_hidden("=TZRULE") : 0;
}
HC_BODY const char *hc_zone_text_now(void) {
    const char *text = hc_environ_find("TZ"), *rule;
    if (!text) {
        rule = hc_environ_hidden("=TZ");
        return rule ? rule : "UTC0";
    }
    if (!*text) return "UTC0";
    if (*text == ':') text++;
    rule = hc_zone_known(text);
    return rule ? rule : text;
}
HC_FN void hc_zone_now(hc_zone *zone) { hc_zone_parse(zone, hc_zone_text_now()); }

#endif
