/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats what lanes print (hc/print.h has the words): posted records into a sink, prints that came as a call into
 * memory first, because their lane is told whether all of it got out. Words are checked whole before their first byte
 * goes out. The common conversions have a path of their own; every other one goes through the engine that lanes use too
 * (hc/format.h), so both count alike.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "sinks.h"
#include "hc/format.h"
#include "hc/print.h"
#include "print.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the bytes of a word are read where they lie, first byte lowest");

#define ENGINE_FIELD \
    512u /* what a conversion can take beside its width, precision and string: the 309 digits of DBL_MAX, and more */
#define FAST_FIELD 128u
#define FAST_WIDTH 64
#define FAST_PLACES 17 /* 10^17 times a 53-bit fraction fits 128 bits */

typedef enum path { PATH_TEXT, PATH_INT, PATH_CHAR, PATH_STRING, PATH_FIXED, PATH_ENGINE } path;

typedef struct item {
    hc_fmt_spec spec;
    path path;
    uint32_t kind; /* HC_FMT_KIND_* */
} item;

typedef struct plan {
    item *items; /* from malloc, with room for so many */
    size_t room;
    uint32_t count, nargs;
    int32_t widest; /* field, and longest precision, that is taken */
    bool variable;  /* has strings or stars: a lane's words depend on its arguments */
} plan;

/* Where a lane's output goes: a sink, whose lock is held, or memory that grows. */
typedef struct text {
    hc_sink *sink; /* NULL: memory */
    uint8_t *bytes;
    size_t used, room;
    int error; /* memory: why there is no more of it; what is there then is not all */
} text;

/* --------------------------------------------------------------------------------------------- parsing and checking */
static path choose(const hc_fmt_spec *f) {
    bool plain = !(f->flags & (HC_FMT_ALT | HC_FMT_STAR_WIDTH | HC_FMT_STAR_PRECISION)) && f->width <= FAST_WIDTH;
    bool bare = plain && !f->flags && !f->width && f->precision < 0;
    switch (f->conv) {
    case 0: return PATH_TEXT;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X': return plain && f->precision < 0 ? PATH_INT : PATH_ENGINE;
    case 'c': return bare ? PATH_CHAR : PATH_ENGINE;
    case 's': return bare ? PATH_STRING : PATH_ENGINE;
    case 'f':
    case 'F': return plain && f->precision <= FAST_PLACES ? PATH_FIXED : PATH_ENGINE;
    default: return PATH_ENGINE;
    }
}

/* 0, -EINVAL or -ENOMEM; p->items is the caller's either way. */
static int parse(const uint8_t *format, uint32_t bytes, plan *p) {
    hc_fmt_cursor at = hc_fmt_cursor_at(HC_SPACE_FLAT, (hc_u64)(uintptr_t)format, bytes);
    int more;
    do {
        if (p->count == p->room) {
            size_t room = p->room ? 2 * p->room : 32;
            item *bigger = realloc(p->items, room * sizeof *bigger);
            if (!bigger) return -ENOMEM;
            p->items = bigger;
            p->room = room;
        }
        item *i = &p->items[p->count++];
        more = hc_fmt_next(&at, &i->spec);
        if (more < 0 || i->spec.width > p->widest || i->spec.precision > p->widest) return -EINVAL;
        i->kind = hc_fmt_kind(&i->spec);
        i->path = choose(&i->spec);
        uint32_t stars = !!(i->spec.flags & HC_FMT_STAR_WIDTH) + !!(i->spec.flags & HC_FMT_STAR_PRECISION);
        p->nargs += stars + (i->kind != HC_FMT_KIND_NONE);
        p->variable |= stars || i->kind == HC_FMT_KIND_STR;
    } while (more > 0);
    return 0;
}

/* A negative width is one to the left; every negative precision means none. */
static bool sane_width(const plan *p, uint64_t word) {
    return (int64_t)word >= -(int64_t)p->widest && (int64_t)word <= p->widest;
}
static bool sane_precision(const plan *p, uint64_t word) {
    return (int64_t)word >= INT32_MIN && (int64_t)word <= p->widest;
}

static bool check_lane(const plan *p, const uint64_t *args, uint64_t have) {
    if (have < p->nargs) return false;
    if (!p->variable) return have == p->nargs;
    uint64_t used = p->nargs;
    for (uint32_t n = 0; n < p->count; n++) {
        const item *i = &p->items[n];
        if (i->spec.flags & HC_FMT_STAR_WIDTH && !sane_width(p, *args++)) return false;
        if (i->spec.flags & HC_FMT_STAR_PRECISION && !sane_precision(p, *args++)) return false;
        if (i->kind == HC_FMT_KIND_NONE) continue;
        if (i->kind == HC_FMT_KIND_STR && *args != HC_PRINT_NULL) {
            if (hc_print_words(*args) > have - used) return false;
            used += hc_print_words(*args);
        }
        args++;
    }
    return used == have;
}

/* ---------------------------------------------------------------------------------------------------------- numbers */
static const char PAIRS[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/* Writes the digits so that they end before `end`; returns where they begin. */
static char *decimal(char *end, uint64_t v) {
    while (v >= 100) {
        uint64_t q = v / 100;
        end -= 2;
        memcpy(end, PAIRS + 2 * (v - q * 100), 2);
        v = q;
    }
    if (v >= 10) {
        end -= 2;
        memcpy(end, PAIRS + 2 * v, 2);
    } else {
        *--end = (char)('0' + v);
    }
    return end;
}

static char *hexadecimal(char *end, uint64_t v, bool upper) {
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    do *--end = digits[v & 15];
    while (v >>= 4);
    return end;
}

/* Sign and padding around digits; returns the end. */
static uint8_t *field(uint8_t *to, const hc_fmt_spec *f, char sign, const char *digits, size_t n, bool zeros_allowed) {
    size_t all = n + (sign != 0), pad = (size_t)f->width > all ? (size_t)f->width - all : 0;
    bool left = f->flags & HC_FMT_LEFT, zeros = !left && (f->flags & HC_FMT_ZERO) && zeros_allowed;
    if (pad && !left && !zeros) {
        memset(to, ' ', pad);
        to += pad;
    }
    if (sign) *to++ = (uint8_t)sign;
    if (pad && zeros) {
        memset(to, '0', pad);
        to += pad;
    }
    memcpy(to, digits, n);
    to += n;
    if (pad && left) {
        memset(to, ' ', pad);
        to += pad;
    }
    return to;
}

static char sign_of(const hc_fmt_spec *f, bool negative) {
    return negative ? '-' : f->flags & HC_FMT_PLUS ? '+' : f->flags & HC_FMT_BLANK ? ' ' : 0;
}

static uint8_t *put_int(uint8_t *to, const hc_fmt_spec *f, uint64_t bits) {
    char digits[24], *end = digits + sizeof digits, *begin;
    int64_t v = hc_fmt_narrow(f, bits);
    char sign = 0;
    if (f->conv == 'd' || f->conv == 'i') {
        sign = sign_of(f, v < 0);
        begin = decimal(end, v < 0 ? 0u - (uint64_t)v : (uint64_t)v);
    } else if (f->conv == 'u') {
        begin = decimal(end, (uint64_t)v);
    } else {
        begin = hexadecimal(end, (uint64_t)v, f->conv == 'X');
    }
    return field(to, f, sign, begin, (size_t)(end - begin), true);
}

/* %f of a double below 2^63, exact: the fraction is F / 2^q with F < 2^53, so F * 10^places fits 128 bits, and rounding
 * looks at all that a division by 2^q leaves over. Ties go to the even digit, as everywhere in round-to-nearest. NULL:
 * not such a number. */
static uint8_t *put_fixed(uint8_t *to, const hc_fmt_spec *f, uint64_t bits) {
    static const uint64_t TENS[FAST_PLACES + 1] = {1ull,
                                                   10ull,
                                                   100ull,
                                                   1000ull,
                                                   10000ull,
                                                   100000ull,
                                                   1000000ull,
                                                   10000000ull,
                                                   100000000ull,
                                                   1000000000ull,
                                                   10000000000ull,
                                                   100000000000ull,
                                                   1000000000000ull,
                                                   10000000000000ull,
                                                   100000000000000ull,
                                                   1000000000000000ull,
                                                   10000000000000000ull,
                                                   100000000000000000ull};
    uint32_t exponent = (uint32_t)(bits >> 52) & 0x7ff;
    uint64_t mantissa = bits & 0xfffffffffffffull, whole, fraction = 0;
    int places = f->precision < 0 ? 6 : f->precision;
    if (exponent >= 1023 + 63) return NULL;
    mantissa |= exponent ? 1ull << 52 : 0;
    int q = 1075 - (int)(exponent ? exponent : 1); /* value = mantissa / 2^q */
    if (q <= 0) {
        whole = mantissa << -q;
    } else {
        whole = q < 64 ? mantissa >> q : 0;
        uint64_t rest = q < 64 ? mantissa & ((1ull << q) - 1) : mantissa;
        unsigned __int128 scaled = (unsigned __int128)rest * TENS[places];
        if (rest && q < 128) { /* from 2^128 on it is less than half of the last digit */
            unsigned __int128 half = (unsigned __int128)1 << (q - 1), over = scaled & ((half - 1) | half);
            fraction = (uint64_t)(scaled >> q);
            bool odd = places ? fraction & 1 : whole & 1;
            if (over > half || (over == half && odd)) fraction++;
            if (fraction == TENS[places]) {
                fraction = 0;
                whole++;
            }
        }
    }
    char digits[48], *end = digits + sizeof digits, *begin = end;
    if (places) {
        begin = decimal(end, fraction);
        while (end - begin < places) *--begin = '0';
        *--begin = '.';
    }
    begin = decimal(begin, whole);
    return field(to, f, sign_of(f, bits >> 63), begin, (size_t)(end - begin), true);
}

/* ----------------------------------------------------------------------------------------------------------- output */
static uint8_t *grow(text *t, size_t n) {
    size_t room = 2 * t->room > t->used + n ? 2 * t->room : t->used + n;
    uint8_t *bigger = NULL;
    if (t->error) return NULL;
    if (t->used + n > HC_PRINT_MAX_TEXT + ENGINE_FIELD) t->error = -EOVERFLOW;
    else if (!(bigger = realloc(t->bytes, room))) t->error = -ENOMEM;
    if (!bigger) return NULL;
    t->bytes = bigger;
    t->room = room;
    return bigger + t->used;
}

/* Where the next n bytes may be written, for a sink at most HC_SINK_BYTES; NULL where there is no memory. */
static uint8_t *room_for(text *t, size_t n) {
    if (t->sink) return hc_sink_room(t->sink, n);
    return t->room - t->used >= n ? t->bytes + t->used : grow(t, n);
}
static void wrote(text *t, size_t n) {
    if (t->sink) t->sink->used += n;
    else t->used += n;
}
static void put(text *t, const uint8_t *bytes, size_t n) {
    if (t->sink) {
        hc_sink_put(t->sink, bytes, n);
        return;
    }
    uint8_t *to = n ? room_for(t, n) : NULL;
    if (!to) return;
    memcpy(to, bytes, n);
    t->used += n;
}

/* --------------------------------------------------------------------------------------------------------- one lane */
static void engine(text *t, const item *i, const hc_fmt_arg *arg, const uint64_t **args) {
    hc_fmt_spec f = i->spec;
    if (f.flags & HC_FMT_STAR_WIDTH) (void)hc_fmt_set_width(&f, (int32_t) * (*args)++);
    if (f.flags & HC_FMT_STAR_PRECISION) hc_fmt_set_precision(&f, (int32_t) * (*args)++);
    hc_fmt_arg value = *arg;
    if (i->kind != HC_FMT_KIND_NONE && i->kind != HC_FMT_KIND_STR) value.bits = *(*args)++;
    size_t need = ENGINE_FIELD + (size_t)f.width +
                  (i->kind == HC_FMT_KIND_STR ? value.len
                   : f.precision > 0          ? (size_t)f.precision
                                              : 0);
    if (need > HC_SINK_BYTES) { /* a long precision need not make long text */
        hc_fmt_sink nowhere = hc_fmt_into(NULL, 0);
        (void)hc_fmt_emit(&nowhere, &f, &value);
        need = nowhere.total;
    }
    bool apart = t->sink && need > HC_SINK_BYTES;
    uint8_t *to = apart ? malloc(need) : room_for(t, need);
    if (!to) { /* megabytes of padding without the memory for them */
        if (!t->sink) return;
        (void)atomic_fetch_add(&t->sink->errors, 1);
        if (!t->sink->error) t->sink->error = -ENOMEM;
        return;
    }
    hc_fmt_sink into = hc_fmt_into((char *)to, need);
    (void)hc_fmt_emit(&into, &f, &value);
    if (apart) {
        hc_sink_put(t->sink, to, into.total);
        free(to);
    } else {
        wrote(t, into.total);
    }
}

static void print_lane(text *t, const plan *p, const uint64_t *args) {
    const uint8_t *string = (const uint8_t *)(args + p->nargs);
    for (uint32_t n = 0; n < p->count; n++) {
        const item *i = &p->items[n];
        if (i->spec.text_len) put(t, (const uint8_t *)(uintptr_t)i->spec.text, i->spec.text_len);
        uint8_t *to, *end = NULL;
        switch (i->path) {
        case PATH_TEXT: continue;
        case PATH_INT:
            if (!(to = room_for(t, FAST_FIELD))) return;
            wrote(t, (size_t)(put_int(to, &i->spec, *args++) - to));
            continue;
        case PATH_CHAR:
            if (!(to = room_for(t, 1))) return;
            *to = (uint8_t)*args++;
            wrote(t, 1);
            continue;
        case PATH_FIXED:
            if (!(to = room_for(t, FAST_FIELD))) return;
            if ((end = put_fixed(to, &i->spec, *args))) {
                wrote(t, (size_t)(end - to));
                args++;
                continue;
            }
            break;
        case PATH_STRING:
            if (*args != HC_PRINT_NULL) {
                put(t, string, *args);
                string += 8 * hc_print_words(*args++);
                continue;
            }
            break;
        case PATH_ENGINE: break;
        }
        hc_fmt_arg value = hc_fmt_arg_of(i->kind, 0, HC_SPACE_FLAT);
        uint32_t stars = !!(i->spec.flags & HC_FMT_STAR_WIDTH) + !!(i->spec.flags & HC_FMT_STAR_PRECISION);
        value.len = 0;
        if (i->kind == HC_FMT_KIND_STR && args[stars] != HC_PRINT_NULL) {
            value.bits = (hc_u64)(uintptr_t)string;
            value.len = (hc_u32)args[stars];
            string += 8 * hc_print_words(args[stars]);
        }
        engine(t, i, &value, &args);
        if (i->kind == HC_FMT_KIND_STR) args++;
    }
}

bool hc_sink_print(hc_sink *k, uint32_t immediate, const uint64_t *words, uint32_t nwords) {
    uint32_t bytes = hc_print_format_bytes(immediate), at = hc_print_lanes_at(bytes);
    if (nwords < at || words[1] == 0 || words[1] >> 32) return false;
    uint32_t lanes = (uint32_t)__builtin_popcountll(words[1]), place = at;
    text to = {.sink = k};
    bool sane = false;
    pthread_mutex_lock(&k->lock);
    plan p = {.items = k->scratch, .room = k->scratch_bytes / sizeof(item), .widest = HC_PRINT_MAX_FIELD};
    int rc = parse((const uint8_t *)(words + HC_PRINT_FIRST), bytes, &p);
    k->scratch = p.items;
    k->scratch_bytes = p.room * sizeof(item);
    if (rc < 0 || p.nargs != hc_print_nargs(immediate)) goto done;
    for (uint32_t n = 0; n < lanes; n++) {
        if (place >= nwords || words[place] > nwords - place - 1 || !check_lane(&p, words + place + 1, words[place]))
            goto done;
        place += 1 + (uint32_t)words[place];
    }
    if (place != nwords) goto done;
    sane = true;
    place = at;
    for (uint32_t n = 0; n < lanes; n++) {
        print_lane(&to, &p, words + place + 1);
        place += 1 + (uint32_t)words[place];
    }
done:
    pthread_mutex_unlock(&k->lock);
    return sane;
}

int64_t hc_sink_print_call(hc_sink *k, uint64_t format_bytes, uint64_t nargs, const uint64_t *words, uint64_t nwords) {
    uint64_t format_words = hc_print_words(format_bytes);
    if (nwords > HC_PRINT_MAX_TEXT / 8) return -EOVERFLOW;
    if (format_words > nwords) return -EINVAL;
    plan p = {.widest = INT32_MAX};
    text to = {0};
    int64_t rc = parse((const uint8_t *)words, (uint32_t)format_bytes, &p);
    if (rc == 0 && (p.nargs != nargs || !check_lane(&p, words + format_words, nwords - format_words))) rc = -EINVAL;
    if (rc == 0) { /* without the lock: others print meanwhile */
        print_lane(&to, &p, words + format_words);
        rc = to.error ? to.error : to.used > HC_PRINT_MAX_TEXT ? -EOVERFLOW : 0;
    }
    if (rc == 0 && to.used) {
        pthread_mutex_lock(&k->lock);
        rc = hc_sink_write(k, to.bytes, to.used);
        pthread_mutex_unlock(&k->lock);
        if (rc >= 0 && (size_t)rc != to.used) rc = -EIO;
    }
    free(to.bytes);
    free(p.items);
    return rc;
}
