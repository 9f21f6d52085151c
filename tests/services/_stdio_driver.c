/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives the stdio services without a channel: `_stdio_driver CASE DIRECTORY [SEED]` runs one case, `_stdio_driver
 * --list` names them.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "_fake_core.h"
#include "digits.h"
#include "hc/format.h"
#include "hc/print.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t seed;
static uint64_t next_random(void) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}
static uint32_t below(uint32_t n) { return (uint32_t)(next_random() >> 20) % n; }

/* ---------------------------------------------------------------------------------------------------------- records */
/* Arguments are packed lane by lane, as a call carries them; `pack` lays them out as a record does. */
#define MOST_ARGS 64
typedef struct record {
    char format[512];
    uint32_t mask, lanes, nargs, format_bytes;
    uint32_t args; /* of the lane that is being packed, so far */
    bool uniform;  /* equal arguments stand once */
    uint64_t values[32][MOST_ARGS];
    const char *texts[32][MOST_ARGS];
    char strings[32 * 1024];
    uint32_t string_bytes;
    uint64_t words[HC_MAX_RECORD_WORDS];
    uint32_t n;
} record;

static void begin(record *r, const char *format, uint32_t mask) {
    CHECK(strlen(format) < sizeof r->format);
    snprintf(r->format, sizeof r->format, "%s", format);
    r->format_bytes = (uint32_t)strlen(format);
    r->mask = mask;
    r->lanes = r->nargs = r->args = r->string_bytes = 0;
    r->uniform = false;
    memset(r->texts, 0, sizeof r->texts);
}
static void lane(record *r) {
    CHECK(r->lanes < 32);
    r->lanes++;
    r->args = 0;
}
static void word(record *r, uint64_t v) {
    CHECK(r->args < MOST_ARGS);
    r->values[r->lanes - 1][r->args++] = v;
}
static void number(record *r, double v) {
    uint64_t bits;
    memcpy(&bits, &v, 8);
    word(r, bits);
}
static void string(record *r, const char *s) {
    if (!s) {
        word(r, HC_PRINT_NULL);
        return;
    }
    uint64_t n = strlen(s);
    CHECK(r->string_bytes + n <= sizeof r->strings);
    memcpy(r->strings + r->string_bytes, s, n);
    r->texts[r->lanes - 1][r->args] = r->strings + r->string_bytes;
    r->string_bytes += (uint32_t)n;
    word(r, n);
}
static void end_lane(record *r) { r->nargs = r->args; }

static bool same_in_all_lanes(const record *r, uint32_t k) {
    for (uint32_t i = 1; i < r->lanes; i++) {
        if (r->values[i][k] != r->values[0][k] || !r->texts[i][k] != !r->texts[0][k]) return false;
        if (r->texts[i][k] && memcmp(r->texts[i][k], r->texts[0][k], r->values[0][k])) return false;
    }
    return true;
}
static void put_string(record *r, uint32_t i, uint32_t k) {
    if (!r->texts[i][k]) return;
    memset(r->words + r->n, 0, 8 * hc_print_words(r->values[i][k]));
    memcpy(r->words + r->n, r->texts[i][k], r->values[i][k]);
    r->n += (uint32_t)hc_print_words(r->values[i][k]);
}
/* The words of a record, independent of the device's code: column after column. */
static void pack(record *r) {
    bool narrow[MOST_ARGS] = {0}, uniform[MOST_ARGS] = {0};
    hc_fmt_cursor at = hc_fmt_cursor_at(HC_SPACE_FLAT, (hc_u64)(uintptr_t)r->format, r->format_bytes);
    hc_fmt_spec f;
    for (uint32_t k = 0; hc_fmt_next(&at, &f) > 0 && k + 2 < MOST_ARGS;) {
        if (f.flags & HC_FMT_STAR_WIDTH) narrow[k++] = true;
        if (f.flags & HC_FMT_STAR_PRECISION) narrow[k++] = true;
        if (f.conv == 's' || (f.conv && strchr("diouxXc", (int)f.conv) && f.length <= HC_FMT_LEN_H)) narrow[k] = true;
        k += f.conv != '%';
    }
    r->n = hc_print_columns_at(r->format_bytes);
    memset(r->words, 0, sizeof r->words);
    r->words[1] = r->mask;
    memcpy(r->words + HC_PRINT_FIRST, r->format, r->format_bytes);
    for (uint32_t k = 0; k < r->nargs; k++) {
        uniform[k] = r->uniform && k < 32 && same_in_all_lanes(r, k);
        if (uniform[k]) r->words[1] |= 1ull << (32 + k);
        for (uint32_t i = 0; i < (uniform[k] ? 1 : r->lanes); i++) {
            if (uniform[k] || !narrow[k]) r->words[r->n + i] = r->values[i][k];
            else memcpy((char *)(r->words + r->n) + 4 * i, &r->values[i][k], 4);
        }
        r->n += hc_print_column_words(r->lanes, uniform[k], narrow[k]);
    }
    for (uint32_t k = 0; k < r->nargs; k++)
        for (uint32_t i = 0; i < (uniform[k] ? 1 : r->lanes); i++) put_string(r, i, k);
}
static bool post_packed(hc_server *s, record *r, uint32_t stream) {
    /* An exact copy: reading past the record's end is seen by the sanitizer. */
    uint64_t *copy = malloc(r->n * 8);
    CHECK(copy);
    memcpy(copy, r->words, r->n * 8);
    uint32_t immediate = hc_print_pack(stream, r->nargs, r->format_bytes);
    copy[0] = hc_record_pack(HC_POST_PRINTF, r->n) | (uint64_t)immediate << 32;
    bool ok = fake_posted(s, HC_POST_PRINTF, immediate, copy, r->n);
    free(copy);
    return ok;
}
static bool post(hc_server *s, record *r, uint32_t stream) {
    pack(r);
    return post_packed(s, r, stream);
}
static bool post_bytes(hc_server *s, uint32_t stream, const void *bytes, uint64_t n) {
    uint32_t nwords = 2 + (uint32_t)hc_print_words(n);
    uint64_t *words = calloc(nwords, 8);
    CHECK(words);
    words[1] = n;
    memcpy(words + 2, bytes, n);
    bool ok = fake_posted(s, HC_POST_BYTES, stream, words, nwords);
    free(words);
    return ok;
}

/* The words of a lane as a call carries them: format, arguments, strings. */
static uint32_t call_words(const record *r, uint64_t *words) {
    uint64_t n = hc_print_words(r->format_bytes);
    memset(words, 0, 8 * n);
    memcpy(words, r->format, r->format_bytes);
    for (uint32_t k = 0; k < r->nargs; k++) words[n++] = r->values[0][k];
    for (uint32_t k = 0; k < r->nargs; k++) {
        if (!r->texts[0][k]) continue;
        memset(words + n, 0, 8 * hc_print_words(r->values[0][k]));
        memcpy(words + n, r->texts[0][k], r->values[0][k]);
        n += hc_print_words(r->values[0][k]);
    }
    return (uint32_t)n;
}
/* They in exact copies for the sanitizer; one of them may be spoiled. */
static uint32_t spoiled_word;
static uint64_t spoiled_value;
static int64_t call_with(hc_server *s, const record *r, int64_t stream, int64_t bytes, int64_t format_bytes,
                         int64_t nargs, uint32_t kind, uint64_t payload_bytes) {
    uint64_t *words = payload_bytes ? malloc(payload_bytes) : NULL;
    if (payload_bytes) {
        uint64_t *all = malloc(8 * HC_MAX_RECORD_WORDS);
        CHECK(words && all);
        uint64_t whole = 8ull * call_words(r, all);
        if (spoiled_word) all[spoiled_word] = spoiled_value;
        memset(words, 'x', payload_bytes);
        memcpy(words, all, payload_bytes < whole ? payload_bytes : whole);
        free(all);
    }
    hc_call *c = fake_call(s, HC_OP_PRINT, 1);
    fake_arg(c, 0, 0, bytes);
    fake_arg(c, 1, 0, stream);
    fake_arg(c, 2, 0, format_bytes);
    fake_arg(c, 3, 0, nargs);
    fake_payload(c, kind, 0, words, payload_bytes);
    fake_begin(c);
    fake_wait(c);
    int64_t result = c->result[0];
    fake_free(c);
    free(words);
    return result;
}
static uint64_t call_bytes(const record *r) {
    static uint64_t words[HC_MAX_RECORD_WORDS];
    return 8ull * call_words(r, words);
}
static int64_t call(hc_server *s, const record *r, int64_t stream) {
    uint64_t bytes = call_bytes(r);
    return call_with(s, r, stream, (int64_t)bytes, r->format_bytes, r->nargs, HC_PAY_STAGED, bytes);
}

/* What has arrived at the Python sink, and forgets it. */
static char *taken(hc_server *s, size_t *bytes) {
    hc_stdio_idle(s);
    char *out = fake_python ? fake_python : calloc(1, 1);
    if (bytes) *bytes = fake_python_bytes;
    fake_python = NULL;
    fake_python_bytes = 0;
    return out;
}
static hc_server *with_python(void) {
    hc_server *s = fake_start(16);
    EQ(hc_stdio_sink(s, 1, HC_SINK_PYTHON, -1), 0);
    EQ(hc_stdio_sink(s, 2, HC_SINK_PYTHON, -1), 0);
    return s;
}
static void expect(hc_server *s, const char *want) {
    size_t n;
    char *got = taken(s, &n);
    if (n != strlen(want) || memcmp(got, want, n)) {
        fprintf(stderr, "got  [%s]\nwant [%s]\n", got, want);
        exit(1);
    }
    free(got);
}

/* ------------------------------------------------------------------------------------------------------------ cases */
static double random_double(void) {
    double v;
    uint64_t bits = next_random();
    switch (below(8)) {
    case 0: return (double)(int64_t)(next_random() >> below(64)) / 64.0; /* ties */
    case 1: return ((double)below(2000000) - 1000000) / 1000.0;
    case 2: return ldexp(1.0 + (double)below(1000) / 8, (int)below(140) - 70);
    case 3:
        return (double[]){
            0.0, -0.0, 0.5, 1.5, 2.5, 0.0000005, 0.9999995, 0.99999949999, 1e22, 9.2233720368547748e18}[below(10)];
    case 4: return (double)below(100000) + 0.5;
    case 5: return (double[]){INFINITY, -INFINITY, 1e308, 5e-324, -1e-310, 9223372036854775808.0}[below(6)];
    default: memcpy(&v, &bits, 8); return v; /* NaNs among them, of either sign */
    }
}

static void printf_equals_snprintf(const char *directory) {
    (void)directory;
    static const char *lengths[] = {"hh", "h", "", "l", "ll", "j", "z", "t"};
    hc_server *s = with_python();
    record *r = malloc(sizeof *r);
    for (int round = 0; round < 60000; round++) {
        char format[64] = "", want[70000], text[300];
        int width = 0, precision = 0, at = 0;
        bool star_width = false, star_precision = false;
        at += snprintf(format + at, sizeof format - (size_t)at, "%s%%", (const char *[]){"", "x=", "100%% "}[below(3)]);
        const char conversions[] = "diuxXocsfFeEgGap";
        char conversion = conversions[below(sizeof conversions - 1)];
        bool plain = below(3) == 0, integer = strchr("diuxXo", conversion);
        if (!plain) {
            for (int i = 0; i < 3; i++) {
                char flag = "-+ #0"[below(5)];
                bool defined = flag == '-' || (flag == '+' || flag == ' ' ? strchr("difFeEgGa", conversion) != NULL
                                               : flag == '#'              ? strchr("xXofFeEgGa", conversion) != NULL
                                                             : strchr("diuxXofFeEgGa", conversion) != NULL);
                if (defined && below(3) == 0) format[at++] = flag;
            }
            if (below(2)) {
                width = (int)below(below(4) ? 30 : 3000);
                if ((star_width = below(3) == 0)) {
                    if (below(3) == 0) width = -width;
                    format[at++] = '*';
                } else if (width) {
                    at += snprintf(format + at, 8, "%d", width);
                }
            }
            if (below(2) && conversion != 'c' && conversion != 'p') {
                precision = (int)below(below(4) ? 20 : 400);
                format[at++] = '.';
                if ((star_precision = below(3) == 0)) {
                    if (below(4) == 0) precision = -precision;
                    format[at++] = '*';
                } else {
                    at += snprintf(format + at, 8, "%d", precision);
                }
            }
        }
        uint32_t length = integer ? below(8) : 2;
        if (integer) at += snprintf(format + at, 4, "%s", lengths[length]);
        format[at++] = conversion;
        memcpy(format + at, ";\n", 3);
        begin(r, format, 0x10);
        lane(r);
        if (star_width) word(r, (uint64_t)(int64_t)width);
        if (star_precision) word(r, (uint64_t)(int64_t)precision);
        int stars[2], nstars = 0, n;
        if (star_width) stars[nstars++] = width;
        if (star_precision) stars[nstars++] = precision;
#define PRINT(value)                                                      \
    (nstars == 0   ? snprintf(want, sizeof want, format, value)           \
     : nstars == 1 ? snprintf(want, sizeof want, format, stars[0], value) \
                   : snprintf(want, sizeof want, format, stars[0], stars[1], value))
        if (integer) {
            uint64_t v = next_random() >> below(64);
            if (below(4) == 0) v = 0u - v;
            if (below(16) == 0) v = (uint64_t[]){0, 1, UINT64_MAX, INT64_MIN, INT64_MAX, INT32_MIN}[below(6)];
            if (length <= 2) {
                int narrow = (int)v;
                word(r, (uint64_t)(int64_t)narrow);
                n = PRINT(narrow);
            } else {
                word(r, v);
                n = PRINT(v);
            }
        } else if (conversion == 'c') {
            int c = 1 + (int)below(255);
            word(r, (uint64_t)c);
            n = PRINT(c);
        } else if (conversion == 's') {
            uint32_t size = below(below(3) ? 20 : 299);
            for (uint32_t i = 0; i < size; i++) text[i] = (char)(1 + below(255));
            text[size] = 0;
            const char *value = text;
            if (below(10) == 0 && !(precision && format[0])) value = NULL;
            string(r, value);
            n = PRINT(value);
        } else if (conversion == 'p') {
            void *value = below(4) ? (void *)(uintptr_t)(next_random() >> below(64)) : NULL;
            word(r, (uint64_t)(uintptr_t)value);
            n = PRINT(value);
        } else {
            double v = random_double();
            number(r, v);
            n = PRINT(v);
        }
        end_lane(r);
        CHECK(n >= 0 && (size_t)n < sizeof want);
        if (round & 1 ? !post(s, r, 1) : call(s, r, 1) != n) {
            fprintf(stderr, "refused as a %s: %s", round & 1 ? "record" : "call", format);
            exit(1);
        }
        size_t bytes;
        char *got = taken(s, &bytes);
        if (bytes != (size_t)n || memcmp(got, want, bytes)) {
            fprintf(stderr, "format %sgot  [%s]\nwant [%s]\n", format, got, want);
            exit(1);
        }
        free(got);
    }
    free(r);
    fake_stop(s);
}

static void fixed_point_is_exact(const char *directory) {
    (void)directory;
    hc_server *s = with_python();
    record *r = malloc(sizeof *r);
    char want[400], format[16];
    for (int round = 0; round < 200000; round++) {
        double v = random_double();
        int places = (int)below(19);
        snprintf(format, sizeof format, places == 18 ? "%%f" : "%%.%df", places);
        begin(r, format, 1);
        lane(r);
        number(r, v);
        end_lane(r);
        snprintf(want, sizeof want, format, v);
        CHECK(post(s, r, 1));
        expect(s, want);
    }
    free(r);
    fake_stop(s);
}

/* The digits by themselves, millions of them: what has no short way says so, and everything else is what libc prints. */
static void digits_equal_snprintf(const char *directory) {
    (void)directory;
    uint32_t short_ways = 0;
    for (int round = 0; round < 2000000; round++) {
        char want[512];
        uint8_t got[64 + HC_DIGITS_SLACK];
        uint64_t bits = next_random(), v = next_random() >> below(64);
        double d = random_double();
        if (below(3) == 0) { /* any exponent that has a short way, and some that have none */
            bits = (bits & 0x800fffffffffffffull) | (uint64_t)below(1090) << 52;
            if (below(4) == 0) bits &= ~0ull << below(53); /* short mantissas: ties */
            memcpy(&d, &bits, 8);
        }
        if (below(64) == 0) d = (double[]){NAN, -NAN, INFINITY, -0.0, 5e-324, 1e308}[below(6)];
        memcpy(&bits, &d, 8);
        uint32_t places = below(HC_DIGITS_PLACES + 1);
        uint8_t *end = hc_put_fixed(got, bits, places);
        if (end) {
            short_ways++;
            size_t n = (size_t)snprintf(want, sizeof want, "%.*f", (int)places, fabs(d));
            if ((size_t)(end - got) != n || memcmp(got, want, n)) {
                fprintf(stderr, "%a with %u places: got [%.*s], want [%s]\n", d, places, (int)(end - got), got, want);
                exit(1);
            }
        } else {
            CHECK(!(fabs(d) < 9223372036854775808.0));
        }
        end = hc_put_decimal(got, v);
        EQ(end - got, snprintf(want, sizeof want, "%" PRIu64, v));
        CHECK(!memcmp(got, want, (size_t)(end - got)));
        end = hc_put_hexadecimal(got, v, round & 1);
        EQ(end - got, snprintf(want, sizeof want, round & 1 ? "%" PRIX64 : "%" PRIx64, v));
        CHECK(!memcmp(got, want, (size_t)(end - got)));
    }
    CHECK(short_ways > 1000000);
    for (uint32_t n = 0; n < 20; n++) /* every length, on both sides of its limit */
        for (int step = -1; step <= 1; step++) {
            uint8_t got[64];
            char want[64];
            uint64_t v = HC_TENS[n] + (uint64_t)(int64_t)step;
            EQ(hc_put_decimal(got, v) - got, snprintf(want, sizeof want, "%" PRIu64, v));
        }
}

static void lines_of_a_warp_stand_in_lane_order(const char *directory) {
    (void)directory;
    hc_server *s = with_python();
    record *r = malloc(sizeof *r);
    char want[4096] = "";
    begin(r, "%s: %d of %u%c", 0xf000000f);
    for (int i = 0; i < 8; i++) {
        lane(r);
        string(r, i % 3 ? i % 2 ? "odd, and longer than a word" : "" : NULL);
        word(r, (uint64_t)(int64_t)-i);
        word(r, 8);
        word(r, '\n');
        end_lane(r);
        snprintf(want + strlen(want), 64, "%s: %d of %u%c",
                 i % 3 ? i % 2 ? "odd, and longer than a word" : "" : "(null)", -i, 8u, '\n');
    }
    CHECK(post(s, r, 1));
    expect(s, want);
    begin(r, "no arguments\n", 3);
    lane(r), end_lane(r), lane(r), end_lane(r);
    CHECK(post(s, r, 2));
    expect(s, "no arguments\nno arguments\n");
    begin(r, "", 1);
    lane(r), end_lane(r);
    CHECK(post(s, r, 1));
    begin(r, "%*.*f|%-*s|%%", 1);
    lane(r), word(r, 10), word(r, 2), number(r, 3.14159), word(r, 6), string(r, "ab"), end_lane(r);
    CHECK(post(s, r, 1));
    expect(s, "      3.14|ab    |%");
    free(r);
    fake_stop(s);
}

static void malformed_records_are_refused_whole(const char *directory) {
    (void)directory;
    hc_server *s = with_python();
    record *r = malloc(sizeof *r), *bad = malloc(sizeof *bad);
    static const char *formats[] = {"%n", "%Lf",  "%",         "%5",         "%l",
                                    "%w", "%1$d", "%2000000d", "%.2000000f", "%99999999999d"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        begin(r, formats[i], 1);
        lane(r), word(r, 1), end_lane(r);
        CHECK(!post(s, r, 1));
    }
    begin(r, "first %d %s\n", 3);
    for (int i = 0; i < 2; i++) lane(r), word(r, 7), string(r, "a text of some length"), end_lane(r);
    CHECK(post(s, r, 1));
    free(taken(s, NULL));
    CHECK(!post(s, r, 0));
    CHECK(!post(s, r, 3));
#define SPOIL(change)                   \
    do {                                \
        *bad = *r;                      \
        change;                         \
        CHECK(!post_packed(s, bad, 1)); \
        expect(s, "");                  \
    } while (0)
    uint32_t first = hc_print_columns_at(r->format_bytes), lengths = first + 1;
    SPOIL(bad->words[1] = 0);
    SPOIL(bad->words[1] = 15);
    SPOIL(bad->words[1] = 31);
    SPOIL(bad->words[1] |= 1ull << 34); /* says that there is a third argument, and that it is uniform */
    SPOIL(bad->n--);
    SPOIL(bad->n = first);
    SPOIL(bad->n = 2);
    SPOIL(bad->nargs++);
    SPOIL(bad->nargs--);
    SPOIL(bad->format_bytes = 65535);
    SPOIL(bad->words[lengths] = 25 | 25ull << 32);
    SPOIL(bad->words[lengths] = 1000);
    SPOIL(bad->words[lengths] = 1000ull << 32);
    SPOIL(bad->words[lengths] = 0xfffffffeull);
    SPOIL(bad->words[lengths] = 0xfffffff8ull);
    begin(r, "%d %ld\n", 3); /* without strings every word has its meaning */
    for (uint64_t i = 0; i < 2; i++) lane(r), word(r, i), word(r, i), end_lane(r);
    CHECK(post(s, r, 1));
    free(taken(s, NULL));
    SPOIL(bad->n++);
    SPOIL(bad->n--);
    SPOIL(bad->words[1] |= 1ull << 33); /* the second is wide: shorter then */
    SPOIL(bad->words[1] = 7);
    begin(r, "%*d", 1);
    lane(r), word(r, 5), word(r, 5), end_lane(r);
    pack(r);
    SPOIL(bad->words[first = hc_print_columns_at(3)] = 1u << 30);
    SPOIL(bad->words[first] = 1u << 31);
    begin(r, "%.*f", 1);
    lane(r), word(r, 5), number(r, 5), end_lane(r);
    pack(r);
    SPOIL(bad->words[hc_print_columns_at(4)] = 1u << 30);
    /* lengths whose sum comes round to what the record has */
    begin(r, "%s%s%s%s%s%s%s%s%s", 1);
    lane(r);
    for (int i = 0; i < 8; i++) word(r, 0xfffffff8u);
    word(r, 64), end_lane(r);
    CHECK(!post(s, r, 1));
    CHECK(!fake_posted(s, HC_POST_PRINTF, hc_print_pack(1, 0, 0), r->words, 1));
    /* BYTES */
    uint64_t words[4] = {0, 9, 0, 0};
    CHECK(!fake_posted(s, HC_POST_BYTES, 1, words, 3));
    CHECK(!fake_posted(s, HC_POST_BYTES, 3, words, 4));
    CHECK(!fake_posted(s, HC_POST_BYTES, 1, words, 1));
    words[1] = UINT64_MAX - 3;
    CHECK(!fake_posted(s, HC_POST_BYTES, 1, words, 4));
    CHECK(!fake_posted(s, HC_POST_LOG, 1, words, 4));
    expect(s, "");
    free(bad);
    free(r);
    fake_stop(s);
}

static void malformed_calls_are_refused_whole(const char *directory) {
    (void)directory;
    hc_server *s = with_python();
    record *r = malloc(sizeof *r);
    static const char *formats[] = {"%n", "%Lf", "%", "%5", "%l", "%w", "%1$d", "%99999999999d"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        begin(r, formats[i], 1);
        lane(r), word(r, 1), end_lane(r);
        EQ(call(s, r, 1), -EINVAL);
    }
    begin(r, "first %d %s %*.*f\n", 1);
    lane(r), word(r, 7), string(r, "a text of some length"), word(r, 9), word(r, 1), number(r, 2.0), end_lane(r);
    EQ(call(s, r, 2), 40);
    expect(s, "first 7 a text of some length       2.0\n");
    uint64_t n = call_bytes(r);
    int64_t bytes = (int64_t)n, format_bytes = r->format_bytes;
    const int64_t streams[] = {0, 3, -1, 1ll << 32 | 1, INT64_MIN};
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) EQ(call(s, r, streams[i]), -EBADF);
    EQ(call_with(s, r, 1, bytes, format_bytes, 5, HC_PAY_INLINE, n), 40);
    free(taken(s, NULL));
    EQ(call_with(s, r, 1, bytes, format_bytes, 5, HC_PAY_BYREF, n), -EFAULT);
    EQ(call_with(s, r, 1, bytes, format_bytes, 5, HC_PAY_NONE, 0), -EFAULT);
    EQ(call_with(s, r, 1, bytes, format_bytes, 5, HC_PAY_STAGED, n - 8), -EINVAL);
    EQ(call_with(s, r, 1, 1ll << 40, format_bytes, 5, HC_PAY_STAGED, n), -EOVERFLOW);
    const struct {
        int64_t bytes, format_bytes, nargs;
    } wrong[] = {
        {bytes - 8, format_bytes, 5}, {bytes - 1, format_bytes, 5},
        {-8, format_bytes, 5},        {INT64_MIN, format_bytes, 5},
        {bytes, format_bytes, 4},     {bytes, format_bytes, 6},
        {bytes, format_bytes, -1},    {bytes, format_bytes, 5 + (1ll << 32)},
        {bytes, -1, 5},               {bytes, bytes + 1, 5},
        {bytes, INT64_MAX, 5},        {bytes, format_bytes + (1ll << 32), 5},
        {bytes, format_bytes - 2, 5}, {0, 0, 5},
        {8, format_bytes, 0},         {0, format_bytes, 0},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EQ(call_with(s, r, 1, wrong[i].bytes, wrong[i].format_bytes, wrong[i].nargs, HC_PAY_STAGED, n), -EINVAL);
#define SPOIL_CALL(argument, value)                                              \
    do {                                                                         \
        spoiled_word = (uint32_t)hc_print_words(r->format_bytes) + (argument);   \
        spoiled_value = value;                                                   \
        EQ(call(s, r, 1), -EINVAL);                                              \
        spoiled_word = 0;                                                        \
    } while (0)
    SPOIL_CALL(1, 1000);
    SPOIL_CALL(1, 25);
    SPOIL_CALL(1, 8);
    SPOIL_CALL(1, UINT64_MAX);
    SPOIL_CALL(1, UINT64_MAX - 1);
    SPOIL_CALL(1, UINT64_MAX - 7);
    SPOIL_CALL(2, 1ull << 31);
    SPOIL_CALL(2, 1ull << 32);
    SPOIL_CALL(2, (uint64_t)(int64_t)INT32_MIN);
    SPOIL_CALL(3, 1ull << 31);
    SPOIL_CALL(3, (uint64_t)INT64_MIN);
    expect(s, "");
    EQ(call_with(s, r, 1, 0, 0, 0, HC_PAY_NONE, 0), 0);
    expect(s, "");
    free(r);
    fake_stop(s);
}

/* Wider than any record, larger than a sink's buffer: in one piece behind what was posted, or not at all. */
static void a_long_call_is_printed_whole_or_refused(const char *directory) {
    (void)directory;
    hc_server *s = with_python();
    record *r = malloc(sizeof *r);
    enum { WIDTH = 3000000, DIGITS = 2500000 };
    size_t n, chunks;
    begin(r, "<%3000000d|%.*f>\n", 1);
    lane(r), word(r, 5), word(r, DIGITS), number(r, 0.5), end_lane(r);
    CHECK(post_bytes(s, 1, "posted ", 7));
    chunks = fake_python_chunks;
    EQ(call(s, r, 1), WIDTH + DIGITS + 6);
    EQ(fake_python_chunks - chunks, 2); /* what was posted, and the call's text in one piece */
    char *got = taken(s, &n);
    EQ(n, 7 + WIDTH + DIGITS + 6);
    CHECK(!memcmp(got, "posted <  ", 10) && !memcmp(got + n - 4, "00>\n", 4));
    CHECK(!memcmp(got + 7 + WIDTH - 1, " 5|0.50", 7));
    free(got);
    /* a precision beyond the end of a string or in %g makes nothing long; a negative one is none */
    begin(r, "%.*s|%.*g|%.*f\n", 1);
    lane(r), word(r, INT32_MAX), string(r, "short"), word(r, INT32_MAX), number(r, 0.25);
    word(r, (uint64_t)(int64_t)INT32_MIN), number(r, 1.0), end_lane(r);
    EQ(call(s, r, 1), 20);
    expect(s, "short|0.25|1.000000\n");
    CHECK(!post(s, r, 1));
    begin(r, "%.*f\n", 1);
    lane(r), word(r, (uint64_t)(int64_t)INT32_MIN), number(r, 1.0), end_lane(r);
    CHECK(post(s, r, 1)); /* a lane posts it, because it is no long field */
    expect(s, "1.000000\n");
    begin(r, "%2147483647d", 1);
    lane(r), word(r, 1), end_lane(r);
    EQ(call(s, r, 1), -EOVERFLOW);
    begin(r, "%134217728d%134217728d", 1); /* as much as there may be, and then one more */
    lane(r), word(r, 1), word(r, 2), end_lane(r);
    EQ(hc_stdio_sink(s, 1, HC_SINK_NULL, -1), 0);
    EQ(call(s, r, 1), HC_PRINT_MAX_TEXT);
    begin(r, "%134217728d%134217728d ", 1);
    lane(r), word(r, 1), word(r, 2), end_lane(r);
    EQ(call(s, r, 1), -EOVERFLOW);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    CHECK(full >= 0);
    EQ(hc_stdio_sink(s, 1, HC_SINK_FD, full), 0);
    close(full);
    begin(r, "%2000000d", 1);
    lane(r), word(r, 1), end_lane(r);
    EQ(call(s, r, 1), -ENOSPC);
    EQ(hc_stdio_lost(s), 0); /* its lane was told */
    free(r);
    fake_stop(s);
}

/* Nothing but the sanitizers judges here, and that what is refused prints nothing. */
static void hostile_words_do_no_harm(const char *directory) {
    (void)directory;
    hc_server *s = with_python();
    record *r = malloc(sizeof *r);
    uint32_t accepted = 0, called = 0;
    for (int round = 0; round < 60000; round++) {
        begin(r, (const char *[]){"%d %s\n", "%s%s%s", "%*.*f %c", "%x %p %g", "%5.3s|%-8d"}[round % 5],
              1u | below(4) << 1);
        uint32_t lanes = (uint32_t)__builtin_popcount(r->mask), nargs = (uint32_t[]){2, 3, 4, 3, 2}[round % 5];
        r->uniform = below(2);
        for (uint32_t i = 0; i < lanes; i++) {
            lane(r);
            for (uint32_t k = 0; k < nargs; k++) {
                if (below(2)) string(r, "hostile and long enough");
                else word(r, below(4) ? below(40) : next_random());
            }
            end_lane(r);
        }
        if (lanes == 1 && below(2)) { /* widths of gigabytes are refused, but only after a while */
            if (round % 5 == 2) r->values[0][0] %= 100000, r->values[0][1] %= 100000;
            if (round % 5 == 2) r->texts[0][0] = r->texts[0][1] = NULL;
            spoiled_word = below(2) ? 1 + below((uint32_t)(call_bytes(r) / 8) - 1) : 0;
            if (round % 5 == 2 && spoiled_word < 4) spoiled_word = 0;
            spoiled_value = below(2) ? 1ull << below(64) : next_random();
            int64_t result = call(s, r, 1);
            spoiled_word = 0;
            size_t bytes;
            free(taken(s, &bytes));
            EQ(result < 0 ? 0 : result, bytes);
            called += result > 0;
            continue;
        }
        pack(r);
        for (uint32_t i = below(4); i; i--)
            r->words[1 + below(r->n - 1)] ^= below(3) ? 1ull << below(64) : next_random();
        if (below(8) == 0) r->n = 2 + below(r->n);
        if (below(8) == 0) r->nargs = below(5);
        if (below(8) == 0) r->format_bytes = below(40);
        bool ok = post_packed(s, r, 1);
        size_t bytes;
        char *got = taken(s, &bytes);
        CHECK(ok || bytes == 0);
        accepted += ok;
        free(got);
    }
    CHECK(accepted > 100 && called > 100);
    free(r);
    fake_stop(s);
}

static void bytes_are_binary_safe_and_of_any_length(const char *directory) {
    (void)directory;
    hc_server *s = with_python();
    size_t n = (3u << 20) + 5, got_bytes;
    char *big = malloc(n);
    for (size_t i = 0; i < n; i++) big[i] = (char)next_random();
    for (size_t at = 0; at < n;) {
        size_t piece = 1 + below(30000);
        if (piece > n - at) piece = n - at;
        CHECK(post_bytes(s, 1, big + at, piece));
        at += piece;
    }
    char *got = taken(s, &got_bytes);
    EQ(got_bytes, n);
    CHECK(!memcmp(got, big, n));
    free(got);
    CHECK(post_bytes(s, 1, "", 0));
    /* written directly, larger than the buffer, behind what was posted */
    CHECK(post_bytes(s, 1, "posted\n", 7));
    EQ(hc_stdio_write(s, 1, (const uint8_t *)big, n), n);
    got = taken(s, &got_bytes);
    EQ(got_bytes, n + 7);
    CHECK(!memcmp(got, "posted\n", 7) && !memcmp(got + 7, big, n));
    free(got);
    free(big);
    fake_stop(s);
}

static void a_full_buffer_is_cut_between_lines(const char *directory) {
    (void)directory;
    hc_server *s = with_python();
    record *r = malloc(sizeof *r);
    char *want = malloc(8u << 20);
    size_t n = 0;
    for (int i = 0; i < 60000; i++) {
        begin(r, "line %d has %s\n", 1);
        lane(r), word(r, (uint64_t)i), string(r, "a text that makes lines long enough"), end_lane(r);
        CHECK(post(s, r, 1));
        n += (size_t)sprintf(want + n, "line %d has %s\n", i, "a text that makes lines long enough");
    }
    EQ(hc_stdio_flush(s), 0);
    EQ(fake_python_bytes, n);
    CHECK(!memcmp(fake_python, want, n));
    CHECK(fake_python_chunks >= 3);
    EQ(fake_python_cut_lines, 0);
    free(want);
    free(r);
    free(fake_python);
    fake_stop(s);
}

static void what_a_sink_refuses_is_counted_and_reported_once(const char *directory) {
    hc_server *s = fake_start(16);
    uint64_t bytes, errors;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    CHECK(full >= 0);
    EQ(hc_stdio_sink(s, 1, HC_SINK_FD, full), 0);
    close(full);
    CHECK(post_bytes(s, 1, "0123456789", 10));
    hc_stdio_idle(s);
    EQ(hc_stdio_lost(s), 10);
    EQ(hc_stdio_flush(s), -ENOSPC);
    EQ(hc_stdio_flush(s), 0);
    CHECK(post_bytes(s, 1, "01234", 5));
    EQ(hc_stdio_write(s, 1, (const uint8_t *)"abc", 3), -ENOSPC);
    EQ(hc_stdio_lost(s), 15); /* the three were reported to their writer */
    EQ(hc_stdio_flush(s), -ENOSPC);
    /* a pipe that nobody reads any more: no signal, an error */
    int ends[2];
    CHECK(pipe(ends) == 0);
    EQ(hc_stdio_sink(s, 1, HC_SINK_FD, ends[1]), 0);
    close(ends[1]);
    close(ends[0]);
    CHECK(post_bytes(s, 1, "xyz", 3));
    EQ(hc_stdio_flush(s), -EPIPE);
    EQ(hc_stdio_lost(s), 18);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    EQ(hc_stdio_sink(s, 1, HC_SINK_FD, ends[1]), 0);
    close(ends[1]);
    close(ends[0]);
    CHECK(post_bytes(s, 1, "xyz", 3));
    EQ(hc_stdio_flush(s), -EPIPE);
    fake_python_error = -ESHUTDOWN;
    EQ(hc_stdio_sink(s, 2, HC_SINK_PYTHON, -1), 0);
    CHECK(post_bytes(s, 2, "xyz", 3));
    EQ(hc_stdio_flush(s), -ESHUTDOWN);
    hc_stdio_counts(s, &bytes, &errors);
    EQ(bytes, 0);
    EQ(errors, 5);
    EQ(hc_stdio_sink(s, 1, 99, -1), -EINVAL);
    EQ(hc_stdio_sink(s, 1, HC_SINK_FD, 999), -EBADF);
    EQ(hc_stdio_sink(s, 3, HC_SINK_NULL, -1), -EINVAL);
    char path[4096];
    snprintf(path, sizeof path, "%s/readonly", directory);
    int fd = open(path, O_RDONLY | O_CREAT, 0600);
    EQ(hc_stdio_sink(s, 1, HC_SINK_FD, fd), -EBADF);
    close(fd);
    fake_stop(s);
}

struct reader {
    int fd;
    size_t bytes;
    uint64_t sum;
};
static void *slow_reader(void *arg) {
    struct reader *r = arg;
    uint8_t buffer[3000];
    ssize_t n;
    while ((n = read(r->fd, buffer, sizeof buffer)) > 0) {
        for (ssize_t i = 0; i < n; i++) r->sum = r->sum * 31 + buffer[i];
        r->bytes += (size_t)n;
        if (r->bytes % 7 == 0) fake_settle(1);
    }
    return NULL;
}

static void a_slow_reader_gets_everything(const char *directory) {
    (void)directory;
    for (int kind = 0; kind < 3; kind++) { /* pipe, pipe that cannot be opened anew is a socket, file */
        hc_server *s = fake_start(16);
        int ends[2];
        CHECK(kind == 1 ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 : pipe(ends) == 0);
        int flags = fcntl(ends[1], F_GETFL);
        EQ(hc_stdio_sink(s, 1, HC_SINK_FD, ends[1]), 0);
        EQ(fcntl(ends[1], F_GETFL), flags);
        close(ends[1]);
        struct reader r = {.fd = ends[0]};
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, slow_reader, &r) == 0);
        uint64_t sum = 0, n = 0;
        char text[64];
        for (int i = 0; i < 60000; i++) {
            int k = snprintf(text, sizeof text, "line number %d\n", i);
            for (int b = 0; b < k; b++) sum = sum * 31 + (uint8_t)text[b];
            n += (uint64_t)k;
            CHECK(post_bytes(s, 1, text, (uint64_t)k));
        }
        EQ(hc_stdio_flush(s), 0);
        uint64_t bytes, errors;
        hc_stdio_counts(s, &bytes, &errors);
        EQ(bytes, n);
        EQ(errors, 0);
        fake_stop(s);
        pthread_join(thread, NULL);
        EQ(r.bytes, n);
        EQ(r.sum, sum);
        close(ends[0]);
    }
}

static void *flush_main(void *s) {
    (void)hc_stdio_flush(s);
    return NULL;
}
static void a_reader_that_never_reads_does_not_hold_up_the_end(const char *directory) {
    (void)directory;
    hc_server *s = fake_start(16);
    int ends[2];
    CHECK(pipe(ends) == 0);
    EQ(hc_stdio_sink(s, 1, HC_SINK_FD, ends[1]), 0);
    char block[4096];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 100; i++) CHECK(post_bytes(s, 1, block, sizeof block));
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, flush_main, s) == 0);
    fake_settle(100);
    uint64_t before = hc_now_ns();
    hc_family_stdio.stop(s, hc_server_part(s, HC_PART_STDIO));
    pthread_join(thread, NULL);
    CHECK(hc_now_ns() - before < 10000000000ull);
    CHECK(hc_stdio_lost(s) > 0);
    uint64_t bytes, errors;
    hc_stdio_counts(s, &bytes, &errors);
    EQ(hc_stdio_lost(s) + bytes, 100 * sizeof block);
    close(ends[0]);
    close(ends[1]);
    fake_stop(s);
}

static void a_file_sink_holds_what_was_printed(const char *directory) {
    char path[4096], got[200] = "";
    snprintf(path, sizeof path, "%s/out.log", directory);
    hc_server *s = fake_start(16);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    EQ(hc_stdio_sink(s, 1, HC_SINK_FD, fd), 0);
    EQ(hc_stdio_sink(s, 2, HC_SINK_FD, fd), 0);
    close(fd);
    record *r = malloc(sizeof *r);
    begin(r, "%d\n", 1);
    lane(r), word(r, 42), end_lane(r);
    CHECK(post(s, r, 1));
    EQ(hc_stdio_flush(s), 0);
    CHECK(post(s, r, 2));
    free(r);
    fake_stop(s); /* what was never flushed goes out at the end */
    fd = open(path, O_RDONLY);
    EQ(read(fd, got, sizeof got), 6);
    CHECK(!strcmp(got, "42\n42\n"));
    close(fd);
}

static void bench(const char *directory) {
    (void)directory;
    hc_server *s = fake_start(16);
    record *r = malloc(sizeof *r);
    int fd = open("/dev/null", O_WRONLY);
    EQ(hc_stdio_sink(s, 1, HC_SINK_FD, fd), 0);
    for (int lanes = 1; lanes <= 32; lanes *= 32) {
        begin(r, "%d %u %f\n", lanes == 32 ? UINT32_MAX : 1);
        for (int i = 0; i < lanes; i++)
            lane(r), word(r, (uint64_t)(int64_t)(-123456 * i)), word(r, 4000000000u + (uint32_t)i),
                number(r, 1234.56789 * i), end_lane(r);
        uint32_t immediate = hc_print_pack(1, r->nargs, r->format_bytes);
        int records = 4000000 / lanes;
        pack(r);
        hc_page *page = hc_page_new(s, NULL, NULL);
        uint64_t before = hc_now_ns();
        for (int i = 0; i < records; i++) {
            CHECK(hc_page_print(page, HC_POST_PRINTF, immediate, r->words, r->n));
            if (i % 64 == 0) hc_page_out(page);
        }
        hc_page_out(page);
        hc_page_free(page);
        EQ(hc_stdio_flush(s), 0);
        double seconds = (double)(hc_now_ns() - before) / 1e9;
        printf("\"%%d %%u %%f\\n\", %2d lanes a record: %.2f M lines/s\n", lanes, records * lanes / seconds / 1e6);
    }
    close(fd);
    free(r);
    fake_stop(s);
}

static const struct {
    const char *name;
    void (*run)(const char *directory);
} CASES[] = {
#define CASE(name) {#name, name},
    CASE(printf_equals_snprintf)
    CASE(fixed_point_is_exact)
    CASE(digits_equal_snprintf)
    CASE(lines_of_a_warp_stand_in_lane_order)
    CASE(malformed_records_are_refused_whole)
    CASE(malformed_calls_are_refused_whole)
    CASE(a_long_call_is_printed_whole_or_refused)
    CASE(hostile_words_do_no_harm)
    CASE(bytes_are_binary_safe_and_of_any_length)
    CASE(a_full_buffer_is_cut_between_lines)
    CASE(what_a_sink_refuses_is_counted_and_reported_once)
    CASE(a_slow_reader_gets_everything)
    CASE(a_reader_that_never_reads_does_not_hold_up_the_end)
    CASE(a_file_sink_holds_what_was_printed)
    CASE(bench)
};

int main(int argc, char **argv) {
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        if (argc == 2 && !strcmp(argv[1], "--list")) {
            if (CASES[i].run != bench) puts(CASES[i].name);
        } else if (argc >= 3 && !strcmp(argv[1], CASES[i].name)) {
            seed = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
            if (!seed) seed = 1;
            CASES[i].run(argv[2]);
            return 0;
        }
    }
    return argc == 2 ? 0 : 2;
}
