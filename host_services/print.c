/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats what lanes print (hc/print.h has the words). A format is parsed once and then found again by its text; words
 * are checked whole before their first byte goes out. The common conversions have a path of their own; every other one
 * goes through the engine that lanes use too (hc/format.h), so both count alike.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "print.h"
#include "digits.h"
#include "hc/format.h"
#include "hc/print.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the bytes of a word are read where they lie, first byte lowest");

#define ENGINE_FIELD \
    512u /* what a conversion can take beside its width, precision and string: the 309 digits of DBL_MAX, and more */
#define QUICK_FIELD  4096 /* widest field, longest precision of a lane that is printed without asking for room each time */
#define FAST_WIDTH   64
#define INT_FIELD    (FAST_WIDTH + 24u)
#define FORMATS      64u  /* kept parsed; a new one takes the place of another */
#define CACHED_BYTES 512u /* longer formats are parsed each time: what is kept is bounded */

typedef enum path { PATH_TEXT, PATH_PERCENT, PATH_INT, PATH_CHAR, PATH_STRING, PATH_FIXED, PATH_ENGINE } path;

typedef struct item {
    hc_fmt_spec spec;
    const uint8_t *text; /* spec.text_len bytes and HC_DIGITS_SLACK that may be read */
    path path;
    uint32_t kind;  /* HC_FMT_KIND_* */
    uint32_t arg;   /* index of its first argument: a star's, or its own */
    uint32_t value; /* of its own argument */
    bool narrow, bare;
} item;

typedef struct plan {
    item *items; /* from malloc, with room for so many */
    size_t room;
    uint8_t *text; /* a copy of the format, with slack */
    size_t text_room;
    uint32_t bytes, count, nargs;
    uint32_t strings; /* conversions of one */
    int32_t widest;   /* field, and longest precision, that is taken */
    size_t most;      /* bytes of a lane beside its strings; 0: unbounded, room is asked for each conversion */
    bool stars, used;
} plan;

/* Where the arguments of one kind lie: lane n's at `at + stride * n`. */
typedef struct column {
    const uint8_t *at;
    const uint8_t *string; /* of the lane whose turn it is */
    uint32_t stride;
} column;

struct hc_printer {
    plan formats[FORMATS], scratch;
    column *columns;
    uint32_t room;
};

hc_printer *hc_printer_new(void) { return calloc(1, sizeof(hc_printer)); }

static void free_plan(plan *p) {
    free(p->items);
    free(p->text);
}
void hc_printer_free(hc_printer *p) {
    if (!p) return;
    for (uint32_t i = 0; i < FORMATS; i++) free_plan(&p->formats[i]);
    free_plan(&p->scratch);
    free(p->columns);
    free(p);
}

/* ---------------------------------------------------------------------------------------------------------- parsing */
static path choose(const hc_fmt_spec *f) {
    bool plain = !(f->flags & (HC_FMT_ALT | HC_FMT_STAR_WIDTH | HC_FMT_STAR_PRECISION)) && f->width <= FAST_WIDTH;
    bool bare = plain && !f->flags && !f->width && f->precision < 0;
    switch (f->conv) {
    case 0: return PATH_TEXT;
    case '%': return bare ? PATH_PERCENT : PATH_ENGINE;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X': return plain && f->precision < 0 ? PATH_INT : PATH_ENGINE;
    case 'c': return bare ? PATH_CHAR : PATH_ENGINE;
    case 's': return bare ? PATH_STRING : PATH_ENGINE;
    case 'f':
    case 'F': return plain && f->precision <= HC_DIGITS_PLACES ? PATH_FIXED : PATH_ENGINE;
    default: return PATH_ENGINE;
    }
}

/* What a conversion can take beside its string; 0: more than is reserved at once. */
static size_t most_of(const item *i) {
    const hc_fmt_spec *f = &i->spec;
    switch (i->path) {
    case PATH_TEXT: return 1;
    case PATH_PERCENT:
    case PATH_CHAR: return 1;
    case PATH_INT: return INT_FIELD;
    case PATH_STRING: return 8; /* "(null)" */
    default: break;
    }
    bool stars = f->flags & (HC_FMT_STAR_WIDTH | HC_FMT_STAR_PRECISION);
    if (stars || i->kind == HC_FMT_KIND_STR || f->width > QUICK_FIELD || f->precision > QUICK_FIELD) return 0;
    return ENGINE_FIELD + (size_t)f->width + (f->precision > 0 ? (size_t)f->precision : 0);
}

/* 0, -EINVAL or -ENOMEM; what the plan holds is the caller's either way. */
static int parse(plan *p, const uint8_t *format, uint32_t bytes) {
    size_t text_room = (size_t)bytes + HC_DIGITS_SLACK;
    if (text_room > p->text_room) {
        uint8_t *bigger = realloc(p->text, text_room);
        if (!bigger) return -ENOMEM;
        p->text = bigger;
        p->text_room = text_room;
    }
    if (bytes) memcpy(p->text, format, bytes);
    memset(p->text + bytes, 0, HC_DIGITS_SLACK);
    p->bytes = bytes;
    p->count = p->nargs = p->strings = 0;
    p->stars = p->used = false;
    p->most = HC_DIGITS_SLACK;
    hc_fmt_cursor at = hc_fmt_cursor_at(HC_SPACE_FLAT, (hc_u64)(uintptr_t)p->text, bytes);
    bool bounded = true;
    int more;
    do {
        if (p->count == p->room) {
            size_t room = p->room ? 2 * p->room : 8;
            item *bigger = realloc(p->items, room * sizeof *bigger);
            if (!bigger) return -ENOMEM;
            p->items = bigger;
            p->room = room;
        }
        item *i = &p->items[p->count++];
        more = hc_fmt_next(&at, &i->spec);
        if (more < 0 || i->spec.width > p->widest || i->spec.precision > p->widest) return -EINVAL;
        i->text = (const uint8_t *)(uintptr_t)i->spec.text;
        i->kind = hc_fmt_kind(&i->spec);
        i->path = choose(&i->spec);
        i->narrow = hc_fmt_is_narrow(&i->spec);
        i->bare = !i->spec.flags && !i->spec.width;
        uint32_t stars = !!(i->spec.flags & HC_FMT_STAR_WIDTH) + !!(i->spec.flags & HC_FMT_STAR_PRECISION);
        i->arg = p->nargs;
        i->value = p->nargs + stars;
        p->nargs = i->value + (i->kind != HC_FMT_KIND_NONE);
        p->stars |= stars;
        p->strings += i->kind == HC_FMT_KIND_STR;
        size_t most = most_of(i);
        bounded &= most != 0;
        p->most += i->spec.text_len + most;
    } while (more > 0);
    if (!bounded || p->most > HC_SINK_BYTES / 2) p->most = 0;
    p->used = true;
    return 0;
}

/* The plan of a format that stands in whole words, padded with zeros. NULL: it is none, or there is no memory. */
static const plan *find(hc_printer *printer, const uint64_t *words, uint32_t bytes) {
    uint64_t hash = bytes;
    plan *p = &printer->scratch;
    if (bytes <= CACHED_BYTES) {
        for (uint32_t i = 0; i < (bytes + 7) / 8; i++) hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15ull;
        p = &printer->formats[hash >> 58];
        if (p->used && p->bytes == bytes && memcmp(p->text, words, bytes) == 0) return p;
    }
    p->widest = HC_PRINT_MAX_FIELD;
    return parse(p, (const uint8_t *)words, bytes) == 0 ? p : NULL;
}
_Static_assert(FORMATS == 1u << 6, "find takes six bits of the hash");

/* --------------------------------------------------------------------------------------------------------- checking */
static inline uint32_t load32(const uint8_t *at) {
    uint32_t v;
    memcpy(&v, at, 4);
    return v;
}
static inline uint64_t load64(const uint8_t *at) {
    uint64_t v;
    memcpy(&v, at, 8);
    return v;
}
static inline int32_t star_of(const column *c, uint32_t lane) { return (int32_t)load32(c->at + (size_t)c->stride * lane); }

/* A negative width is one to the left; every negative precision means none. */
static bool sane_stars(const plan *p, const column *c, uint32_t lanes) {
    for (uint32_t n = 0; n < p->count; n++) {
        const item *i = &p->items[n];
        bool width = i->spec.flags & HC_FMT_STAR_WIDTH;
        for (uint32_t a = i->arg; a < i->value; a++)
            for (uint32_t lane = 0; lane < (c[a].stride ? lanes : 1); lane++) {
                int32_t v = star_of(&c[a], lane);
                if (v > p->widest || (width && a == i->arg && v < -p->widest)) return false;
            }
    }
    return true;
}

/* Where the strings begin, from word `place` on, and that they are all there; the place behind them, 0 if not. */
static uint64_t place_strings(const plan *p, column *c, uint32_t lanes, const uint64_t *words, uint64_t place,
                              uint64_t nwords) {
    for (uint32_t n = 0; n < p->count && p->strings; n++) {
        const item *i = &p->items[n];
        if (i->kind != HC_FMT_KIND_STR) continue;
        column *own = &c[i->value];
        own->string = (const uint8_t *)(words + place);
        for (uint32_t lane = 0; lane < (own->stride ? lanes : 1); lane++) {
            uint32_t length = load32(own->at + (size_t)own->stride * lane);
            if (length == HC_PRINT_NO_STRING) continue;
            if (hc_print_words(length) > nwords - place) return 0;
            place += hc_print_words(length);
        }
    }
    return place;
}

/* Fills in the columns of a record whose columns begin at word `place`. */
static bool place_columns(const plan *p, column *c, uint32_t lanes, uint32_t uniforms, const uint64_t *words,
                          uint32_t place, uint32_t nwords) {
    uint32_t k = 0;
    for (uint32_t n = 0; n < p->count; n++) {
        const item *i = &p->items[n];
        for (uint32_t end = i->value + (i->kind != HC_FMT_KIND_NONE); k < end; k++) {
            bool uniform = k < HC_PRINT_UNIFORMS && (uniforms >> k & 1u), narrow = k < i->value || i->narrow;
            uint32_t size = hc_print_column_words(lanes, uniform, narrow);
            if (size > nwords - place) return false;
            c[k] = (column){(const uint8_t *)(words + place), NULL, uniform ? 0 : narrow ? 4 : 8};
            place += size;
        }
    }
    if (p->stars && !sane_stars(p, c, lanes)) return false;
    if (!p->strings) return place == nwords;
    return place_strings(p, c, lanes, words, place, nwords) != 0;
}

/* ---------------------------------------------------------------------------------------------------------- numbers */
/* Sign and padding around digits; returns the end. */
static uint8_t *field(uint8_t *to, const hc_fmt_spec *f, char sign, const uint8_t *digits, size_t n) {
    size_t all = n + (sign != 0), pad = (size_t)f->width > all ? (size_t)f->width - all : 0;
    bool left = f->flags & HC_FMT_LEFT, zeros = !left && (f->flags & HC_FMT_ZERO);
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

static inline uint8_t *put_magnitude(uint8_t *to, uint32_t conv, uint64_t v) {
    return conv == 'x' || conv == 'X' ? hc_put_hexadecimal(to, v, conv == 'X') : hc_put_decimal(to, v);
}

static inline uint8_t *put_int(uint8_t *to, const item *i, uint64_t bits) {
    const hc_fmt_spec *f = &i->spec;
    uint64_t v = (uint64_t)hc_fmt_narrow(f, bits);
    bool is_signed = f->conv == 'd' || f->conv == 'i', negative = is_signed && (int64_t)v < 0;
    if (negative) v = 0u - v;
    if (i->bare) {
        *to = '-';
        return put_magnitude(to + negative, f->conv, v);
    }
    uint8_t digits[24];
    return field(to, f, is_signed ? sign_of(f, negative) : 0, digits,
                 (size_t)(put_magnitude(digits, f->conv, v) - digits));
}

/* NULL: not a number that has a short way. */
static inline uint8_t *put_fixed(uint8_t *to, const item *i, uint64_t bits) {
    const hc_fmt_spec *f = &i->spec;
    uint32_t places = f->precision < 0 ? 6u : (uint32_t)f->precision;
    if (i->bare) {
        *to = '-';
        return hc_put_fixed(to + (bits >> 63), bits, places);
    }
    uint8_t digits[64], *end = hc_put_fixed(digits, bits, places);
    return end ? field(to, f, sign_of(f, bits >> 63), digits, (size_t)(end - digits)) : NULL;
}

/* ----------------------------------------------------------------------------------------------------------- output */
static uint8_t *grow(hc_text *t, size_t n) {
    size_t room = 2 * t->room > t->used + n ? 2 * t->room : t->used + n;
    uint8_t *bigger = NULL;
    if (t->error) return NULL;
    if (t->used + n <= t->limit) {
        if (room > t->limit) room = t->limit;
        bigger = realloc(t->bytes, room);
    }
    if (bigger) {
        t->bytes = bigger;
        t->room = room;
        return bigger + t->used;
    }
    if (t->turn) {
        t->turn(t);
        return hc_sink_room(t->sink, n);
    }
    t->error = t->used + n > t->limit ? -EOVERFLOW : -ENOMEM;
    return NULL;
}

/* Where the next n bytes may be written, at most HC_SINK_BYTES for a text that goes to a sink; NULL where there is no
 * memory. */
static inline uint8_t *room_for(hc_text *t, size_t n) {
    if (t->sink) return hc_sink_room(t->sink, n);
    return t->room - t->used >= n ? t->bytes + t->used : grow(t, n);
}
static inline void wrote(hc_text *t, size_t n) {
    if (t->sink) t->sink->used += n;
    else t->used += n;
}
void hc_text_put(hc_text *t, const uint8_t *bytes, size_t n) {
    if (!n) return;
    if (!t->sink) {
        if (t->turn && n > HC_SINK_BYTES) t->turn(t);
        else {
            uint8_t *to = room_for(t, n);
            if (to) memcpy(to, bytes, n), wrote(t, n);
            return;
        }
    }
    hc_sink_put(t->sink, bytes, n);
}

/* --------------------------------------------------------------------------------------------------------- one lane */
static hc_fmt_arg value_of(const item *i, column *c, uint32_t lane) {
    hc_fmt_arg value = hc_fmt_arg_of(i->kind, 0, HC_SPACE_FLAT);
    value.len = 0;
    if (i->kind == HC_FMT_KIND_NONE) return value;
    const column *own = &c[i->value];
    const uint8_t *at = own->at + (size_t)own->stride * lane;
    if (i->kind != HC_FMT_KIND_STR) {
        value.bits = i->narrow ? load32(at) : load64(at);
    } else if (load32(at) != HC_PRINT_NO_STRING) {
        value.bits = (hc_u64)(uintptr_t)own->string;
        value.len = load32(at);
    }
    return value;
}
static inline void next_string(column *c, uint32_t length) {
    if (c->stride && length != HC_PRINT_NO_STRING) c->string += 8 * hc_print_words(length);
}

static void engine(hc_text *t, const item *i, column *c, uint32_t lane) {
    hc_fmt_spec f = i->spec;
    uint32_t star = i->arg;
    if (f.flags & HC_FMT_STAR_WIDTH) (void)hc_fmt_set_width(&f, star_of(&c[star++], lane));
    if (f.flags & HC_FMT_STAR_PRECISION) hc_fmt_set_precision(&f, star_of(&c[star], lane));
    hc_fmt_arg value = value_of(i, c, lane);
    size_t need = ENGINE_FIELD + (size_t)f.width +
                  (i->kind == HC_FMT_KIND_STR ? value.len
                   : f.precision > 0          ? (size_t)f.precision
                                              : 0);
    if (need > HC_SINK_BYTES) { /* a long precision need not make long text */
        hc_fmt_sink nowhere = hc_fmt_into(NULL, 0);
        (void)hc_fmt_emit(&nowhere, &f, &value);
        need = nowhere.total;
    }
    bool apart = (t->sink || t->turn) && need > HC_SINK_BYTES;
    if (apart && !t->sink) t->turn(t);
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

/* Asks for room each time: wide fields, strings in fields, texts without end. */
static void print_slowly(hc_text *t, const plan *p, column *c, uint32_t lane) {
    for (uint32_t n = 0; n < p->count; n++) {
        const item *i = &p->items[n];
        hc_text_put(t, i->text, i->spec.text_len);
        if (i->path == PATH_TEXT) continue;
        bool string = i->kind == HC_FMT_KIND_STR;
        uint32_t length = string ? load32(c[i->value].at + (size_t)c[i->value].stride * lane) : 0;
        if (i->path == PATH_STRING && length != HC_PRINT_NO_STRING) hc_text_put(t, c[i->value].string, length);
        else engine(t, i, c, lane);
        if (string) next_string(&c[i->value], length);
    }
}

/* With room for p->most bytes and the lane's strings. */
static uint8_t *print_quickly(uint8_t *to, const plan *p, column *c, uint32_t lane) {
    for (const item *i = p->items, *end = i + p->count; i < end; i++) {
        uint64_t n = i->spec.text_len;
        if (n <= HC_DIGITS_SLACK) memcpy(to, i->text, HC_DIGITS_SLACK); /* the slack of both sides: no loop, no call */
        else memcpy(to, i->text, n);
        to += n;
        if (i->path == PATH_TEXT) continue;
        if (i->path == PATH_PERCENT) {
            *to++ = '%';
            continue;
        }
        column *own = &c[i->value];
        const uint8_t *at = own->at + (size_t)own->stride * lane;
        uint8_t *behind;
        switch (i->path) {
        case PATH_INT: to = put_int(to, i, i->narrow ? load32(at) : load64(at)); continue;
        case PATH_CHAR: *to++ = (uint8_t)load32(at); continue;
        case PATH_STRING: {
            uint32_t length = load32(at);
            if (length == HC_PRINT_NO_STRING) {
                memcpy(to, "(null)", 6);
                to += 6;
            } else {
                memcpy(to, own->string, length);
                to += length;
                next_string(own, length);
            }
            continue;
        }
        case PATH_FIXED:
            if (!(behind = put_fixed(to, i, load64(at)))) break;
            to = behind;
            continue;
        default: break;
        }
        hc_fmt_arg value = value_of(i, c, lane);
        hc_fmt_sink into = hc_fmt_into((char *)to, most_of(i));
        (void)hc_fmt_emit(&into, &i->spec, &value);
        to += into.total;
    }
    return to;
}

static void print_lane(hc_text *t, const plan *p, column *c, uint32_t lane) {
    size_t need = p->most;
    if (p->strings && need)
        for (uint32_t n = 0; n < p->count; n++)
            if (p->items[n].kind == HC_FMT_KIND_STR) {
                const column *own = &c[p->items[n].value];
                uint32_t length = load32(own->at + (size_t)own->stride * lane);
                if (length != HC_PRINT_NO_STRING) need += length;
            }
    uint8_t *to = need && need <= HC_SINK_BYTES ? room_for(t, need) : NULL;
    if (to) wrote(t, (size_t)(print_quickly(to, p, c, lane) - to));
    else print_slowly(t, p, c, lane);
}

bool hc_print_record(hc_printer *printer, hc_text *t, uint32_t immediate, const uint64_t *words, uint32_t nwords) {
    uint32_t bytes = hc_print_format_bytes(immediate), at = hc_print_columns_at(bytes), nargs = hc_print_nargs(immediate);
    if (nwords < at || (uint32_t)words[1] == 0) return false;
    uint32_t lanes = (uint32_t)__builtin_popcount((uint32_t)words[1]), uniforms = (uint32_t)(words[1] >> 32);
    if (nargs < HC_PRINT_UNIFORMS && uniforms >> nargs) return false;
    const plan *p = find(printer, words + HC_PRINT_FIRST, bytes);
    if (!p || p->nargs != nargs) return false;
    if (nargs >= printer->room) { /* one more: a conversion without an argument names the place behind the last */
        column *bigger = realloc(printer->columns, (nargs + 1) * sizeof *bigger);
        if (!bigger) return false;
        printer->columns = bigger;
        printer->room = nargs + 1;
    }
    column *c = printer->columns;
    c[nargs] = (column){.at = (const uint8_t *)words};
    if (!place_columns(p, c, lanes, uniforms, words, at, nwords)) return false;
    for (uint32_t lane = 0; lane < lanes; lane++) print_lane(t, p, c, lane);
    return true;
}

/* Every argument of a call takes a word; of narrow ones the halves must agree. */
static bool sane_words(const plan *p, const uint64_t *args) {
    for (uint32_t n = 0; n < p->count; n++) {
        const item *i = &p->items[n];
        for (uint32_t a = i->arg; a < i->value; a++)
            if ((int64_t)args[a] != (int32_t)args[a]) return false;
        if (i->kind == HC_FMT_KIND_STR && args[i->value] != HC_PRINT_NULL && args[i->value] >= HC_PRINT_NO_STRING)
            return false;
    }
    return true;
}

int64_t hc_sink_print_call(hc_sink *k, uint64_t format_bytes, uint64_t nargs, const uint64_t *words, uint64_t nwords) {
    uint64_t format_words = hc_print_words(format_bytes);
    if (nwords > HC_PRINT_MAX_TEXT / 8) return -EOVERFLOW;
    if (format_words > nwords) return -EINVAL;
    plan p = {.widest = INT32_MAX};
    hc_text to = {.limit = HC_PRINT_MAX_TEXT + ENGINE_FIELD};
    column *c = NULL;
    int64_t rc = parse(&p, (const uint8_t *)words, (uint32_t)format_bytes);
    words += format_words;
    nwords -= format_words;
    if (rc == 0 && (p.nargs != nargs || p.nargs > nwords)) rc = -EINVAL;
    if (rc == 0 && !(c = calloc(p.nargs + 1, sizeof *c))) rc = -ENOMEM;
    if (rc == 0) {
        for (uint32_t n = 0; n <= p.nargs; n++) c[n].at = (const uint8_t *)(words + n);
        if (!sane_words(&p, words) || !sane_stars(&p, c, 1) || place_strings(&p, c, 1, words, nargs, nwords) != nwords) rc = -EINVAL;
    }
    if (rc == 0) { /* without the lock: others print meanwhile */
        print_lane(&to, &p, c, 0);
        rc = to.error ? to.error : to.used > HC_PRINT_MAX_TEXT ? -EOVERFLOW : 0;
    }
    if (rc == 0 && to.used) {
        pthread_mutex_lock(&k->lock);
        rc = hc_sink_write(k, to.bytes, to.used);
        pthread_mutex_unlock(&k->lock);
        if (rc >= 0 && (size_t)rc != to.used) rc = -EIO;
    }
    free(to.bytes);
    free(c);
    free_plan(&p);
    return rc;
}
