/* SPDX-License-Identifier: Apache-2.0
 *
 * The parser of conversion specifications, and what it shares with the engine: the words for flags, lengths and arguments, and reading
 * text in any address space. It computes only; nothing here writes a result.
 */
#ifndef HC_FORMAT_PARSE_H
#define HC_FORMAT_PARSE_H

#include "pure.h"

/* Errors go to errno of the lane. The server has no lane and looks at results only. */
#if !defined(HC_HOST_SERVER)
#include "errno.h"
#elif !defined(HC_SET_ERRNO)
#define HC_SET_ERRNO(code) ((void)(code))
#endif

#define HC_FMT_EINVAL 22
#define HC_FMT_EOVERFLOW 75

/* Flags. */
#define HC_FMT_LEFT 1u
#define HC_FMT_PLUS 2u
#define HC_FMT_BLANK 4u
#define HC_FMT_ALT 8u
#define HC_FMT_ZERO 16u
/* Width or precision come from an int argument that stands before the value; hc_fmt_set_width and hc_fmt_set_precision
 * settle them. */
#define HC_FMT_STAR_WIDTH 32u
#define HC_FMT_STAR_PRECISION 64u

/* Length modifiers. */
#define HC_FMT_LEN_NONE 0u
#define HC_FMT_LEN_HH 1u
#define HC_FMT_LEN_H 2u
#define HC_FMT_LEN_L 3u
#define HC_FMT_LEN_LL 4u
#define HC_FMT_LEN_J 5u
#define HC_FMT_LEN_Z 6u
#define HC_FMT_LEN_T 7u

/* Kinds of argument. */
#define HC_FMT_KIND_NONE 0u
#define HC_FMT_KIND_INT 1u    /* bits: the value, sign- or zero-extended by its own type */
#define HC_FMT_KIND_DOUBLE 2u /* bits: the IEEE 754 representation */
#define HC_FMT_KIND_STR 3u    /* bits: the address; space: where; len: its length, or HC_FMT_LEN_UNKNOWN */
#define HC_FMT_KIND_PTR 4u    /* bits: the address, printed and never followed */

/* The length of a string that a NUL ends. */
#define HC_FMT_LEN_UNKNOWN 0xffffffffu
/* The length of a format that a NUL ends. */
#define HC_FMT_UNBOUNDED 0xffffffffffffffffu

typedef struct hc_fmt_arg {
    hc_u32 kind;
    hc_u32 len;
    hc_u64 bits;
    hc_u32 space;
    hc_u32 reserved;
} hc_fmt_arg;
HC_STATIC_ASSERT(sizeof(hc_fmt_arg) == 24, hc_fmt_arg_has_no_holes);

/* Where the parser stands in a format string. It ends at a NUL, or when `left` characters have been read: a string
 * that came through the channel need not have a NUL. */
typedef struct hc_fmt_cursor {
    hc_u64 at;
    hc_u64 left;
    hc_u32 space;
    hc_u32 reserved;
} hc_fmt_cursor;

typedef struct hc_fmt_spec {
    hc_u64 text;      /* address of the literal text before the conversion */
    hc_u64 text_len;  /* its length */
    hc_u32 space;     /* its address space */
    hc_u32 flags;     /* HC_FMT_LEFT and so on */
    hc_i32 width;     /* 0 when not given */
    hc_i32 precision; /* -1 when not given */
    hc_u32 length;    /* HC_FMT_LEN_* */
    hc_u32 conv;      /* the conversion character; 0 when the format ended after the literal text */
} hc_fmt_spec;

/* Takes the first `cap` characters and counts them all. It never writes a NUL. */
typedef struct hc_fmt_sink {
#if defined(HC_OPENCL)
    hc_u64 out;
    hc_u32 space;
    hc_u32 reserved;
#else
    char *out;
#endif
    hc_u64 cap;
    hc_u64 total;
} hc_fmt_sink;

/* ------------------------------------------------------------------------------------------------- memory in any
 * space */
#if defined(HC_OPENCL)
HC_PURE void hc_fmt_poke(hc_fmt_sink *sink, hc_u64 index, hc_u8 c) {
    const size_t at = (size_t)(sink->out + index);
    switch (sink->space) {
    case HC_SPACE_GLOBAL: *(__global hc_u8 *)at = c; break;
    case HC_SPACE_LOCAL: *(__local hc_u8 *)at = c; break;
#if defined(HC_HAS_GENERIC_SPACE)
    case HC_SPACE_FLAT: *(__generic hc_u8 *)at = c; break;
#endif
    default: *(__private hc_u8 *)at = c; break;
    }
}
#else
HC_PURE void hc_fmt_poke(hc_fmt_sink *sink, hc_u64 index, hc_u8 c) { sink->out[index] = (char)c; }
#endif

HC_PURE void hc_fmt_put(hc_fmt_sink *sink, hc_u32 c) {
    if (sink->total < sink->cap) hc_fmt_poke(sink, sink->total, (hc_u8)c);
    sink->total++;
}

/* Costs what fits, not what was asked for: a width of two thousand million is a legal format. */
HC_PURE_BIG void hc_fmt_fill(hc_fmt_sink *sink, hc_u32 c, hc_i64 n) {
    hc_u64 i, end;
    if (n <= 0) return;
    end = sink->total + (hc_u64)n;
    HC_NO_UNROLL
    for (i = sink->total; i < end && i < sink->cap; i++) hc_fmt_poke(sink, i, (hc_u8)c);
    sink->total = end;
}

HC_PURE_BIG void hc_fmt_copy(hc_fmt_sink *sink, hc_u32 space, hc_u64 from, hc_u64 n) {
    const hc_u64 start = sink->total, end = start + n;
    hc_u64 i;
    HC_NO_UNROLL
    for (i = start; i < end && i < sink->cap; i++) hc_fmt_poke(sink, i, hc_peek(space, from + (i - start)));
    sink->total = end;
}

/* Length of a string, looked at no further than `most` characters. */
HC_PURE_BIG hc_u64 hc_fmt_strnlen(hc_u32 space, hc_u64 at, hc_u64 most) {
    hc_u64 n = 0;
    HC_NO_UNROLL
    while (n < most && hc_peek(space, at + n)) n++;
    return n;
}

/* --------------------------------------------------------------------------------------------------------------
 * parser */
HC_PURE hc_u32 hc_fmt_look(const hc_fmt_cursor *cursor) {
    return cursor->left ? hc_peek(cursor->space, cursor->at) : 0u;
}
HC_PURE void hc_fmt_step(hc_fmt_cursor *cursor) {
    cursor->at++;
    if (cursor->left != HC_FMT_UNBOUNDED) cursor->left--;
}

/* A decimal number, or -1 when it does not fit an int. */
HC_PURE_BIG hc_i32 hc_fmt_number(hc_fmt_cursor *cursor) {
    hc_u32 value = 0, c;
    int fits = 1;
    HC_NO_UNROLL
    while ((c = hc_fmt_look(cursor)) - '0' < 10u) {
        if (value > (0x7fffffffu - (c - '0')) / 10u) fits = 0;
        if (fits) value = value * 10u + (c - '0');
        hc_fmt_step(cursor);
    }
    return fits ? (hc_i32)value : -1;
}

/* What kind of argument a conversion takes; HC_FMT_KIND_NONE for %%. */
HC_PURE hc_u32 hc_fmt_kind(const hc_fmt_spec *spec) {
    switch (spec->conv) {
    case 0:
    case '%': return HC_FMT_KIND_NONE;
    case 's': return HC_FMT_KIND_STR;
    case 'p': return HC_FMT_KIND_PTR;
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
    case 'c': return HC_FMT_KIND_INT;
    default: return HC_FMT_KIND_DOUBLE;
    }
}

/* Whether the argument of a conversion fits 32 bits in a record of print.h: its value, or the length of its string. */
HC_PURE int hc_fmt_is_narrow(const hc_fmt_spec *spec) {
    const hc_u32 kind = hc_fmt_kind(spec);
    return kind == HC_FMT_KIND_STR || (kind == HC_FMT_KIND_INT && spec->length <= HC_FMT_LEN_H);
}

/* Reads the literal text up to the next conversion, and that conversion. 1: a conversion was read. 0: the format
 * ended; there may be literal text before its end. Negative: refused, as -errno. */
HC_PURE_BIG int hc_fmt_next(hc_fmt_cursor *cursor, hc_fmt_spec *spec) {
    hc_u32 c;
    spec->text = cursor->at;
    spec->space = cursor->space;
    spec->flags = 0;
    spec->width = 0;
    spec->precision = -1;
    spec->length = HC_FMT_LEN_NONE;
    spec->conv = 0;
    HC_NO_UNROLL
    while ((c = hc_fmt_look(cursor)) != 0 && c != '%') hc_fmt_step(cursor);
    spec->text_len = cursor->at - spec->text;
    if (!c) return 0;
    hc_fmt_step(cursor);

    HC_NO_UNROLL
    for (;; hc_fmt_step(cursor)) {
        c = hc_fmt_look(cursor);
        if (c == '-') spec->flags |= HC_FMT_LEFT;
        else if (c == '+') spec->flags |= HC_FMT_PLUS;
        else if (c == ' ') spec->flags |= HC_FMT_BLANK;
        else if (c == '#') spec->flags |= HC_FMT_ALT;
        else if (c == '0') spec->flags |= HC_FMT_ZERO;
        else if (c != '\'') break;
    }
    if (c == '*') {
        spec->flags |= HC_FMT_STAR_WIDTH;
        hc_fmt_step(cursor);
    } else {
        spec->width = hc_fmt_number(cursor);
        if (spec->width < 0) return -HC_FMT_EOVERFLOW;
    }
    if (hc_fmt_look(cursor) == '.') {
        hc_fmt_step(cursor);
        if (hc_fmt_look(cursor) == '*') {
            spec->flags |= HC_FMT_STAR_PRECISION;
            hc_fmt_step(cursor);
        } else {
            spec->precision = hc_fmt_number(cursor);
            if (spec->precision < 0) return -HC_FMT_EOVERFLOW;
        }
    }
    c = hc_fmt_look(cursor);
    if (c == 'h' || c == 'l') {
        hc_fmt_step(cursor);
        if (hc_fmt_look(cursor) == c) {
            spec->length = c == 'h' ? HC_FMT_LEN_HH : HC_FMT_LEN_LL;
            hc_fmt_step(cursor);
        } else {
            spec->length = c == 'h' ? HC_FMT_LEN_H : HC_FMT_LEN_L;
        }
    } else if (c == 'j' || c == 'z' || c == 't') {
        spec->length = c == 'j' ? HC_FMT_LEN_J : c == 'z' ? HC_FMT_LEN_Z : HC_FMT_LEN_T;
        hc_fmt_step(cursor);
    }
    c = hc_fmt_look(cursor);
    switch (c) {
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X': break;
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
        if (spec->length != HC_FMT_LEN_NONE && spec->length != HC_FMT_LEN_L) return -HC_FMT_EINVAL;
        break;
    case 'c':
    case 's':
    case 'p':
    case '%':
        if (spec->length != HC_FMT_LEN_NONE) return -HC_FMT_EINVAL;
        break;
    default: return -HC_FMT_EINVAL;
    }
    hc_fmt_step(cursor);
    spec->conv = c;
    return 1;
}

/* The value of a *: a negative width means left-justified, a negative precision means none. */
HC_PURE int hc_fmt_set_width(hc_fmt_spec *spec, hc_i32 value) {
    if (value < 0) {
        if (value == -2147483647 - 1) return -HC_FMT_EOVERFLOW;
        spec->flags |= HC_FMT_LEFT;
        value = -value;
    }
    spec->width = value;
    return 0;
}
HC_PURE void hc_fmt_set_precision(hc_fmt_spec *spec, hc_i32 value) { spec->precision = value < 0 ? -1 : value; }

#endif
