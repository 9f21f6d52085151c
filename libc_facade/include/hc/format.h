/* SPDX-License-Identifier: Apache-2.0
 *
 * The formatting core behind snprintf and printf: a parser of conversion specifications and an engine that formats one
 * of them with one argument. Lanes run it for snprintf and to learn what a printf record must carry; the server runs
 * the same text over the record. It works on numbers and addresses only: a double is its 64 bits, and no floating-
 * point instruction decides about a digit.
 *
 * Supported: flags - + space # 0 ' (the last without effect, as in the C locale), width and precision with *, lengths
 * hh h l ll j z t, conversions d i u o x X c s p f F e E g G a A %. Refused with -EINVAL: %n, L, wide characters (%lc
 * %ls), positional arguments, and lengths that C gives no meaning to. Results longer than INT_MAX are refused with
 * -EOVERFLOW.
 */
#ifndef HC_FORMAT_H
#define HC_FORMAT_H

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

/* ------------------------------------------------------------------------------------------------------------
 * integers */
/* What the length modifier makes of an argument: int-sized arguments arrive extended to 64 bits. */
HC_PURE hc_i64 hc_fmt_narrow(const hc_fmt_spec *spec, hc_u64 bits) {
    const int is_signed = spec->conv == 'd' || spec->conv == 'i';
    switch (spec->length) {
    case HC_FMT_LEN_HH: return is_signed ? (hc_i64)(signed char)(hc_u8)bits : (hc_i64)(hc_u8)bits;
    case HC_FMT_LEN_H: return is_signed ? (hc_i64)(short)(unsigned short)bits : (hc_i64)(unsigned short)bits;
    case HC_FMT_LEN_NONE: return is_signed ? (hc_i64)(hc_i32)(hc_u32)bits : (hc_i64)(hc_u32)bits;
    default: return (hc_i64)bits;
    }
}

HC_PURE_BIG void hc_fmt_emit_int(hc_fmt_sink *sink, const hc_fmt_spec *spec, hc_u64 bits) {
    hc_u8 digits[24];
    hc_u32 n = 0, i, prefix_len = 0, sign = 0;
    const hc_u32 conv = spec->conv == 'p' ? 'x' : spec->conv;
    const hc_u32 alt = spec->conv == 'p' ? 1u : spec->flags & HC_FMT_ALT;
    hc_u64 value = bits, rest;
    hc_i64 zeros = 0, pad;

    if (spec->conv != 'p') {
        const hc_i64 narrow = hc_fmt_narrow(spec, bits);
        value = (hc_u64)narrow;
        if ((conv == 'd' || conv == 'i') && narrow < 0) {
            value = 0u - value;
            sign = '-';
        }
    }
    if (!sign && (conv == 'd' || conv == 'i' || spec->conv == 'p'))
        sign = spec->flags & HC_FMT_PLUS ? '+' : spec->flags & HC_FMT_BLANK ? ' ' : 0u;

    rest = value;
    if (conv == 'o') {
        HC_NO_UNROLL
        for (; rest; rest >>= 3) digits[n++] = (hc_u8)('0' + (rest & 7u));
    } else if (conv == 'x' || conv == 'X') {
        const hc_u32 ten = (conv == 'x' ? 'a' : 'A') - 10u;
        HC_NO_UNROLL
        for (; rest; rest >>= 4) {
            const hc_u32 digit = (hc_u32)rest & 15u;
            digits[n++] = (hc_u8)(digit + (digit < 10u ? '0' : ten));
        }
    } else {
        HC_NO_UNROLL
        while (rest >> 32) {
            digits[n++] = (hc_u8)('0' + rest % 10u);
            rest /= 10u;
        }
        HC_NO_UNROLL
        for (i = (hc_u32)rest; i; i /= 10u) digits[n++] = (hc_u8)('0' + i % 10u);
    }

    if (alt && value && (conv == 'x' || conv == 'X')) prefix_len = 2;
    zeros = (spec->precision < 0 ? 1 : (hc_i64)spec->precision) - (hc_i64)n;
    if (zeros < 0) zeros = 0;
    /* # makes the first octal digit a zero, which it is already when the precision asks for one. */
    if (conv == 'o' && alt && zeros == 0) zeros = 1;
    pad = (hc_i64)spec->width - (hc_i64)n - (hc_i64)prefix_len - (sign ? 1 : 0);
    if ((spec->flags & (HC_FMT_ZERO | HC_FMT_LEFT)) == HC_FMT_ZERO && spec->precision < 0 && zeros < pad) zeros = pad;
    pad -= zeros;

    if (!(spec->flags & HC_FMT_LEFT)) hc_fmt_fill(sink, ' ', pad);
    if (sign) hc_fmt_put(sink, sign);
    if (prefix_len) {
        hc_fmt_put(sink, '0');
        hc_fmt_put(sink, conv);
    }
    hc_fmt_fill(sink, '0', zeros);
    HC_NO_UNROLL
    while (n) hc_fmt_put(sink, digits[--n]);
    if (spec->flags & HC_FMT_LEFT) hc_fmt_fill(sink, ' ', pad);
}

/* ----------------------------------------------------------------------------------------------------------------
 * text */
HC_PURE_BIG void hc_fmt_emit_text(hc_fmt_sink *sink, const hc_fmt_spec *spec, hc_u32 space, hc_u64 at, hc_u64 n) {
    const hc_i64 pad = (hc_i64)spec->width - (hc_i64)n;
    if (!(spec->flags & HC_FMT_LEFT)) hc_fmt_fill(sink, ' ', pad);
    hc_fmt_copy(sink, space, at, n);
    if (spec->flags & HC_FMT_LEFT) hc_fmt_fill(sink, ' ', pad);
}

/* Words that the engine itself brings along, packed into 64 bits, first character lowest: "(null)", "nan" and the
 * like. */
HC_PURE_BIG void hc_fmt_emit_word(hc_fmt_sink *sink, const hc_fmt_spec *spec, hc_u32 sign, hc_u64 word, hc_u32 n) {
    const hc_i64 pad = (hc_i64)spec->width - (hc_i64)n - (sign ? 1 : 0);
    if (!(spec->flags & HC_FMT_LEFT)) hc_fmt_fill(sink, ' ', pad);
    if (sign) hc_fmt_put(sink, sign);
    HC_NO_UNROLL
    for (; n; n--, word >>= 8) hc_fmt_put(sink, (hc_u32)word & 255u);
    if (spec->flags & HC_FMT_LEFT) hc_fmt_fill(sink, ' ', pad);
}

#define HC_FMT_WORD_NULL 0x296c6c756e28u /* (null) */
#define HC_FMT_WORD_NIL 0x296c696e28u    /* (nil) */
#define HC_FMT_WORD_NAN 0x6e616eu        /* nan */
#define HC_FMT_WORD_INF 0x666e69u        /* inf */
#define HC_FMT_UPPER_3 0x202020u

/* The length of a string argument as far as a conversion prints it. */
HC_PURE hc_u64 hc_fmt_text_len(const hc_fmt_spec *spec, const hc_fmt_arg *arg) {
    const hc_u64 most = spec->precision < 0 ? HC_FMT_UNBOUNDED : (hc_u64)spec->precision;
    if (arg->len == HC_FMT_LEN_UNKNOWN) return hc_fmt_strnlen(arg->space, arg->bits, most);
    return arg->len < most ? arg->len : most;
}

/* --------------------------------------------------------------------------------------------------------------
 * floats */
/* The exact decimal value of a double, most significant limb first, nine digits to a limb; limb[i] counts 10^(9 * (top
 * - i)). 86 limbs are the longest there is: 767 digits just above the smallest normal number, wherever the limb
 * boundaries fall. */
#define HC_FMT_LIMBS 90
typedef struct hc_fmt_decimal {
    hc_u32 limb[HC_FMT_LIMBS];
    hc_i32 n;    /* limbs in use; none means zero, else limb[0] is not 0 */
    hc_i32 top;  /* position of limb[0] */
    hc_u32 more; /* digits other than 0 follow the last limb */
} hc_fmt_decimal;

/* The power of ten of the first digit; 0 for zero. */
HC_PURE_BIG hc_i32 hc_fmt_leading(const hc_fmt_decimal *d) {
    hc_u32 first;
    hc_i32 power;
    if (!d->n) return 0;
    power = d->top * 9;
    HC_NO_UNROLL
    for (first = d->limb[0]; first >= 10u; first /= 10u) power++;
    return power;
}

/* mant * 2^exp2 with mant < 2^53 and -1074 <= exp2 <= 971, as far down as it takes to round it: to `places` digits
 * after the point, or, when that is negative, to `digits` digits in all. Digits beyond are only told by `more`.
 *
 * The fraction is kept as an integer F over 2^k. Nine digits are F * 10^9 / 2^k = F * 5^9 / 2^(k - 9): what is left of
 * F needs nine bits less each time, which bounds it by 788 bits. */
HC_PURE_BIG void hc_fmt_decimal_set(hc_fmt_decimal *d, hc_u64 mant, hc_i32 exp2, hc_i32 digits, hc_i32 places) {
    hc_u32 frac[28];
    hc_i32 len, k, i, at;
    hc_u64 whole;
    d->n = 0;
    d->top = 0;
    d->more = 0;
    if (!mant) return;

    k = exp2 < 0 ? -exp2 : 0;
    whole = k < 64 ? mant >> k : 0u;
    HC_NO_UNROLL
    for (; whole; whole /= HC_BILLION) d->limb[d->n++] = (hc_u32)(whole % HC_BILLION);
    HC_NO_UNROLL
    for (; exp2 > 0; exp2 -= 29) {
        const hc_u32 shift = exp2 < 29 ? (hc_u32)exp2 : 29u;
        hc_u64 carry = 0;
        HC_NO_UNROLL
        for (i = 0; i < d->n; i++) {
            carry += (hc_u64)d->limb[i] << shift;
            d->limb[i] = (hc_u32)(carry % HC_BILLION);
            carry /= HC_BILLION;
        }
        if (carry) d->limb[d->n++] = (hc_u32)carry;
    }
    HC_NO_UNROLL
    for (i = 0; i < d->n / 2; i++) {
        const hc_u32 swap = d->limb[i];
        d->limb[i] = d->limb[d->n - 1 - i];
        d->limb[d->n - 1 - i] = swap;
    }
    d->top = d->n - 1;
    if (!k) return;

    if (k < 64) mant &= ((hc_u64)1 << k) - 1u;
    frac[0] = (hc_u32)mant;
    frac[1] = (hc_u32)(mant >> 32);
    len = frac[1] ? 2 : frac[0] ? 1 : 0;
    HC_NO_UNROLL
    for (at = -1; len; at--) {
        hc_u64 carry = 0;
        hc_u32 limb = 0;
        if (places >= 0 ? 9 * (at + 1) < -places : d->n && 9 * (at + 1) < hc_fmt_leading(d) - digits + 1) {
            d->more = 1;
            return;
        }
        HC_NO_UNROLL
        for (i = 0; i < len; i++) {
            carry += (hc_u64)frac[i] * 1953125u;
            frac[i] = (hc_u32)carry;
            carry >>= 32;
        }
        if (carry) frac[len++] = (hc_u32)carry;
        k -= 9;
        if (k <= 0) {
            limb = frac[0] << -k;
            len = 0;
        } else if (k / 32 < len) {
            const hc_i32 word = k / 32;
            const hc_u32 bit = (hc_u32)k % 32u;
            const hc_u64 high = (hc_u64)frac[word] | (word + 1 < len ? (hc_u64)frac[word + 1] << 32 : 0u);
            limb = (hc_u32)(high >> bit);
            frac[word] &= ((hc_u32)1 << bit) - 1u;
            len = word + 1;
            HC_NO_UNROLL
            while (len && !frac[len - 1]) len--;
        }
        if (!d->n && limb) d->top = at;
        if (d->n || limb) d->limb[d->n++] = limb;
    }
}

/* Rounds half to even at 10^cut, the lowest power that stays. Needs hc_fmt_decimal_set to have gone at least one digit
 * further. */
HC_PURE_BIG void hc_fmt_decimal_round(hc_fmt_decimal *d, hc_i32 cut) {
    const hc_i32 q = hc_floor9(cut);
    const hc_u32 unit = hc_pow10((hc_u32)(cut - 9 * q));
    hc_i32 i = d->top - q, from;
    hc_u32 mid, low, kept, up;
    if (!d->n || i >= d->n) return;
    if (i < -1 || (i == -1 && unit != 1u)) {
        d->n = 0;
        return;
    }
    kept = i < 0 ? 0u : d->limb[i];
    if (unit == 1u) {
        low = i + 1 < d->n ? d->limb[i + 1] : 0u;
        mid = HC_BILLION / 2u;
        from = i + 2;
    } else {
        low = kept % unit;
        mid = unit / 2u;
        from = i + 1;
    }
    up = low > mid;
    if (low == mid) {
        up = d->more;
        HC_NO_UNROLL
        for (; from < d->n && !up; from++) up = d->limb[from] != 0;
        if (!up) up = (kept / unit) & 1u;
    }
    if (i < 0) {
        d->n = 0;
        if (up) {
            d->limb[0] = 1;
            d->top++;
            d->n = 1;
        }
        return;
    }
    if (unit != 1u) kept -= low;
    d->limb[i] = kept;
    d->n = i + 1;
    if (up) {
        d->limb[i] += unit;
        HC_NO_UNROLL
        while (d->limb[i] == HC_BILLION) {
            d->limb[i] = 0;
            if (i == 0) {
                d->limb[0] = 1;
                d->top++;
                d->n = 1;
                break;
            }
            d->limb[--i]++;
        }
    } else if (i == 0 && !kept) {
        d->n = 0;
    }
}

/* The lowest power of ten whose digit is not 0. */
HC_PURE_BIG hc_i32 hc_fmt_lowest(const hc_fmt_decimal *d) {
    hc_i32 i = d->n - 1, power;
    hc_u32 limb;
    HC_NO_UNROLL
    while (i >= 0 && !d->limb[i]) i--;
    if (i < 0) return 0;
    power = 9 * (d->top - i);
    HC_NO_UNROLL
    for (limb = d->limb[i]; limb % 10u == 0; limb /= 10u) power++;
    return power;
}

/* The digits of 10^high down to 10^low. */
HC_PURE_BIG void hc_fmt_put_digits(hc_fmt_sink *sink, const hc_fmt_decimal *d, hc_i64 high, hc_i64 low) {
    const hc_i64 first = 9 * (hc_i64)d->top + 8, last = 9 * ((hc_i64)d->top - d->n + 1);
    if (high > first || !d->n) {
        const hc_i64 end = d->n && first >= low ? first : low - 1;
        hc_fmt_fill(sink, '0', high - end);
        high = end;
    }
    HC_NO_UNROLL
    while (high >= low && high >= last) {
        const hc_i32 q = hc_floor9(high);
        const hc_i64 base = 9 * (hc_i64)q, end = base > low ? base : low;
        const hc_u32 limb = d->limb[d->top - q];
        hc_u32 unit = hc_pow10((hc_u32)(high - base));
        HC_NO_UNROLL
        for (; high >= end; high--, unit /= 10u) hc_fmt_put(sink, '0' + limb / unit % 10u);
    }
    if (high >= low) hc_fmt_fill(sink, '0', high - low + 1);
}

/* Precisions beyond this add nothing but zeros: no double has a digit below 10^-1074, nor more than 767 of them. */
#define HC_FMT_EXACT 1100

HC_PURE_BIG void hc_fmt_emit_decimal(hc_fmt_sink *sink, const hc_fmt_spec *spec, hc_u32 sign, hc_u64 mant,
                                     hc_i32 exp2) {
    hc_fmt_decimal d;
    const hc_u32 lower = spec->conv | 32u, alt = spec->flags & HC_FMT_ALT;
    hc_i32 precision = spec->precision < 0 ? 6 : spec->precision, lead, style_e;
    hc_i32 exact = precision < HC_FMT_EXACT ? precision : HC_FMT_EXACT;
    hc_i64 body, pad, point;
    hc_u32 exp_abs = 0;

    if (lower == 'f') {
        style_e = 0;
        hc_fmt_decimal_set(&d, mant, exp2, 0, exact);
        hc_fmt_decimal_round(&d, -exact);
        lead = hc_fmt_leading(&d);
    } else {
        if (lower == 'g') {
            if (!precision) precision = exact = 1;
            precision--;
            exact--;
        }
        hc_fmt_decimal_set(&d, mant, exp2, exact + 1, -1);
        hc_fmt_decimal_round(&d, hc_fmt_leading(&d) - exact);
        lead = hc_fmt_leading(&d);
        style_e = lower == 'e' || lead < -4 || lead > precision;
        if (lower == 'g') {
            if (!alt) {
                const hc_i32 low = hc_fmt_lowest(&d), used = lead - low;
                if (used < precision) precision = used;
            }
            if (!style_e) precision -= lead;
            if (precision < 0) precision = 0;
        }
    }

    point = (hc_i64)precision + (precision || alt ? 1 : 0);
    if (style_e) {
        exp_abs = lead < 0 ? (hc_u32)-lead : (hc_u32)lead;
        body = 1 + point + (exp_abs >= 100u ? 5 : 4);
    } else {
        body = (lead > 0 ? (hc_i64)lead + 1 : 1) + point;
    }
    pad = (hc_i64)spec->width - body - (sign ? 1 : 0);
    if (!(spec->flags & (HC_FMT_LEFT | HC_FMT_ZERO))) hc_fmt_fill(sink, ' ', pad);
    if (sign) hc_fmt_put(sink, sign);
    if ((spec->flags & (HC_FMT_LEFT | HC_FMT_ZERO)) == HC_FMT_ZERO) hc_fmt_fill(sink, '0', pad);
    if (style_e) {
        hc_fmt_put_digits(sink, &d, lead, lead);
        if (point) hc_fmt_put(sink, '.');
        if (precision) hc_fmt_put_digits(sink, &d, (hc_i64)lead - 1, (hc_i64)lead - precision);
        hc_fmt_put(sink, spec->conv & 32u ? 'e' : 'E');
        hc_fmt_put(sink, lead < 0 ? '-' : '+');
        if (exp_abs >= 100u) hc_fmt_put(sink, '0' + exp_abs / 100u);
        hc_fmt_put(sink, '0' + exp_abs / 10u % 10u);
        hc_fmt_put(sink, '0' + exp_abs % 10u);
    } else {
        hc_fmt_put_digits(sink, &d, lead > 0 ? lead : 0, 0);
        if (point) hc_fmt_put(sink, '.');
        if (precision) hc_fmt_put_digits(sink, &d, -1, -(hc_i64)precision);
    }
    if (spec->flags & HC_FMT_LEFT) hc_fmt_fill(sink, ' ', pad);
}

/* The first hexadecimal digit is 1 for normal numbers and 0 for the others; it can become 2 by rounding. */
HC_PURE_BIG void hc_fmt_emit_hex(hc_fmt_sink *sink, const hc_fmt_spec *spec, hc_u32 sign, hc_u64 mant, hc_i32 exp2) {
    const hc_u32 upper = spec->conv == 'A', ten = (upper ? 'A' : 'a') - 10u;
    hc_i32 precision = spec->precision, shown = 13, power = mant ? exp2 + 52 : 0, i;
    hc_i64 body, pad;
    hc_u32 exp_abs = power < 0 ? (hc_u32)-power : (hc_u32)power, rest, exp_len = 1;
    if (precision < 0) {
        hc_u64 bits = mant;
        HC_NO_UNROLL
        for (precision = 13; precision && !(bits & 15u); precision--) bits >>= 4;
    }
    if (precision < 13) {
        const hc_u32 drop = 4u * (13u - (hc_u32)precision);
        const hc_u64 low = mant & (((hc_u64)1 << drop) - 1u), mid = (hc_u64)1 << (drop - 1u);
        mant >>= drop;
        if (low > mid || (low == mid && (mant & 1u))) mant++;
        shown = precision;
    }
    HC_NO_UNROLL
    for (rest = exp_abs; rest >= 10u; rest /= 10u) exp_len++;
    body = 2 + 1 + (precision || spec->flags & HC_FMT_ALT ? 1 : 0) + (hc_i64)precision + 2 + (hc_i64)exp_len;
    pad = (hc_i64)spec->width - body - (sign ? 1 : 0);
    if (!(spec->flags & (HC_FMT_LEFT | HC_FMT_ZERO))) hc_fmt_fill(sink, ' ', pad);
    if (sign) hc_fmt_put(sink, sign);
    hc_fmt_put(sink, '0');
    hc_fmt_put(sink, upper ? 'X' : 'x');
    if ((spec->flags & (HC_FMT_LEFT | HC_FMT_ZERO)) == HC_FMT_ZERO) hc_fmt_fill(sink, '0', pad);
    hc_fmt_put(sink, '0' + ((hc_u32)(mant >> (4 * shown)) & 15u));
    if (precision || spec->flags & HC_FMT_ALT) hc_fmt_put(sink, '.');
    HC_NO_UNROLL
    for (i = shown - 1; i >= 0; i--) {
        const hc_u32 digit = (hc_u32)(mant >> (4 * i)) & 15u;
        hc_fmt_put(sink, digit + (digit < 10u ? '0' : ten));
    }
    hc_fmt_fill(sink, '0', (hc_i64)precision - shown);
    hc_fmt_put(sink, upper ? 'P' : 'p');
    hc_fmt_put(sink, power < 0 ? '-' : '+');
    HC_NO_UNROLL
    for (rest = hc_pow10(exp_len - 1u); rest; rest /= 10u) hc_fmt_put(sink, '0' + exp_abs / rest % 10u);
    if (spec->flags & HC_FMT_LEFT) hc_fmt_fill(sink, ' ', pad);
}

HC_PURE_BIG void hc_fmt_emit_double(hc_fmt_sink *sink, const hc_fmt_spec *spec, hc_u64 bits) {
    const hc_u32 biased = (hc_u32)(bits >> 52) & 0x7ffu;
    hc_u64 mant = bits & 0xfffffffffffffu;
    const hc_u32 sign = bits >> 63                   ? '-'
                        : spec->flags & HC_FMT_PLUS  ? '+'
                        : spec->flags & HC_FMT_BLANK ? ' '
                                                     : 0u;
    if (biased == 0x7ffu) {
        hc_u64 word = mant ? HC_FMT_WORD_NAN : HC_FMT_WORD_INF;
        if (!(spec->conv & 32u)) word -= HC_FMT_UPPER_3;
        hc_fmt_emit_word(sink, spec, sign, word, 3);
        return;
    }
    if (biased) mant |= (hc_u64)1 << 52;
    if ((spec->conv | 32u) == 'a') hc_fmt_emit_hex(sink, spec, sign, mant, (hc_i32)(biased ? biased : 1u) - 1075);
    else hc_fmt_emit_decimal(sink, spec, sign, mant, (hc_i32)(biased ? biased : 1u) - 1075);
}

/* --------------------------------------------------------------------------------------------------------------
 * engine */
/* Formats one conversion, its width and precision settled, with its argument (ignored for %%). 0, or -EINVAL when the
 * argument is of a kind that the conversion does not take: such a pair is never followed as a pointer. */
HC_PURE_BIG int hc_fmt_emit(hc_fmt_sink *sink, const hc_fmt_spec *spec, const hc_fmt_arg *arg) {
    switch (hc_fmt_kind(spec)) {
    case HC_FMT_KIND_NONE:
        if (spec->conv) hc_fmt_put(sink, '%');
        return 0;
    case HC_FMT_KIND_INT:
        if (arg->kind != HC_FMT_KIND_INT && arg->kind != HC_FMT_KIND_PTR) return -HC_FMT_EINVAL;
        if (spec->conv == 'c') hc_fmt_emit_word(sink, spec, 0, arg->bits & 255u, 1);
        else hc_fmt_emit_int(sink, spec, arg->bits);
        return 0;
    case HC_FMT_KIND_DOUBLE:
        if (arg->kind != HC_FMT_KIND_DOUBLE) return -HC_FMT_EINVAL;
        hc_fmt_emit_double(sink, spec, arg->bits);
        return 0;
    case HC_FMT_KIND_PTR:
        if (arg->kind == HC_FMT_KIND_DOUBLE || arg->kind == HC_FMT_KIND_NONE) return -HC_FMT_EINVAL;
        if (arg->bits) hc_fmt_emit_int(sink, spec, arg->bits);
        else hc_fmt_emit_word(sink, spec, 0, HC_FMT_WORD_NIL, 5);
        return 0;
    default:
        if (arg->kind != HC_FMT_KIND_STR && !(arg->kind == HC_FMT_KIND_PTR && !arg->bits)) return -HC_FMT_EINVAL;
        /* Either the whole word or nothing, so that a short precision does not print something that looks like data. */
        if (!arg->bits) {
            const hc_u32 shown = spec->precision < 0 || spec->precision >= 6 ? 6u : 0u;
            hc_fmt_emit_word(sink, spec, 0, HC_FMT_WORD_NULL, shown);
        } else {
            hc_fmt_emit_text(sink, spec, arg->space, arg->bits, hc_fmt_text_len(spec, arg));
        }
        return 0;
    }
}

HC_PURE hc_i64 hc_fmt_result(const hc_fmt_sink *sink) {
    return sink->total > 0x7fffffffu ? -(hc_i64)HC_FMT_EOVERFLOW : (hc_i64)sink->total;
}

/* Settles the stars of a conversion from an array of arguments. Negative errno when there are too few or they are no
 * integers. */
HC_PURE_BIG int hc_fmt_settle(hc_fmt_spec *spec, const hc_fmt_arg *args, hc_u32 n, hc_u32 *used) {
    if (spec->flags & HC_FMT_STAR_WIDTH) {
        if (*used >= n || args[*used].kind != HC_FMT_KIND_INT) return -HC_FMT_EINVAL;
        if (hc_fmt_set_width(spec, (hc_i32)(hc_u32)args[*used].bits)) return -HC_FMT_EOVERFLOW;
        ++*used;
    }
    if (spec->flags & HC_FMT_STAR_PRECISION) {
        if (*used >= n || args[*used].kind != HC_FMT_KIND_INT) return -HC_FMT_EINVAL;
        hc_fmt_set_precision(spec, (hc_i32)(hc_u32)args[*used].bits);
        ++*used;
    }
    return 0;
}

/* Formats all of it. The number of characters the result has, whatever fitted; or a negative errno. Arguments that the
 * format does not use are ignored, as C has it; arguments that are missing are refused. */
HC_PURE_BIG hc_i64 hc_format(hc_fmt_sink *sink, hc_fmt_cursor fmt, const hc_fmt_arg *args, hc_u32 n) {
    hc_fmt_spec spec;
    hc_u32 used = 0;
    int rc;
    HC_NO_UNROLL
    for (;;) {
        const int more = hc_fmt_next(&fmt, &spec);
        hc_fmt_copy(sink, spec.space, spec.text, spec.text_len);
        if (more < 0) return more;
        if (!more) return hc_fmt_result(sink);
        if ((rc = hc_fmt_settle(&spec, args, n, &used)) != 0) return rc;
        if (spec.conv == '%') {
            hc_fmt_put(sink, '%');
            continue;
        }
        if (used >= n) return -HC_FMT_EINVAL;
        if ((rc = hc_fmt_emit(sink, &spec, &args[used++])) != 0) return rc;
    }
}

/* Walks a format with its arguments and fills in the lengths of strings as far as they will be printed: what a record
 * has to carry. The number of arguments that the format uses, or a negative errno. */
HC_PURE_BIG hc_i32 hc_fmt_measure(hc_fmt_cursor fmt, hc_fmt_arg *args, hc_u32 n) {
    hc_fmt_spec spec;
    hc_u32 used = 0;
    int more, rc;
    HC_NO_UNROLL
    while ((more = hc_fmt_next(&fmt, &spec)) > 0) {
        if ((rc = hc_fmt_settle(&spec, args, n, &used)) != 0) return rc;
        if (spec.conv == '%') continue;
        if (used >= n) return -HC_FMT_EINVAL;
        if (args[used].kind == HC_FMT_KIND_STR) {
            hc_u64 len = args[used].bits && spec.conv == 's' ? hc_fmt_text_len(&spec, &args[used]) : 0u;
            args[used].len = len < HC_FMT_LEN_UNKNOWN ? (hc_u32)len : HC_FMT_LEN_UNKNOWN - 1u;
        }
        used++;
    }
    return more < 0 ? more : (hc_i32)used;
}

/* ----------------------------------------------------------------------------------------- making sinks, cursors,
 * arguments */
HC_PURE hc_fmt_arg hc_fmt_arg_of(hc_u32 kind, hc_u64 bits, hc_u32 space) {
    hc_fmt_arg arg;
    arg.kind = kind;
    arg.len = kind == HC_FMT_KIND_STR ? HC_FMT_LEN_UNKNOWN : 0u;
    arg.bits = bits;
    arg.space = space;
    arg.reserved = 0;
    return arg;
}

HC_PURE hc_fmt_cursor hc_fmt_cursor_at(hc_u32 space, hc_u64 at, hc_u64 left) {
    hc_fmt_cursor cursor;
    cursor.at = at;
    cursor.left = left;
    cursor.space = space;
    cursor.reserved = 0;
    return cursor;
}

#if !defined(HC_OPENCL)
HC_PURE hc_fmt_cursor hc_fmt_text(const char *fmt) {
    return hc_fmt_cursor_at(HC_SPACE_FLAT, (hc_u64)(size_t)fmt, HC_FMT_UNBOUNDED);
}

HC_PURE hc_fmt_sink hc_fmt_into(char *out, hc_u64 cap) {
    hc_fmt_sink sink;
    sink.out = out;
    sink.cap = cap;
    sink.total = 0;
    return sink;
}

/* ------------------------------------------------------------------------------------------------- C and CUDA:
 * variadics */
/* NVRTC predeclares the standard names; elsewhere the builtins do without a header. */
#if defined(__CUDACC_RTC__)
#define HC_VA_LIST va_list
#define HC_VA_START(list, last) va_start(list, last)
#define HC_VA_END(list) va_end(list)
#define HC_VA_ARG(list, type) va_arg(list, type)
#define HC_VA_COPY(to, from) va_copy(to, from)
#else
#define HC_VA_LIST __builtin_va_list
#define HC_VA_START(list, last) __builtin_va_start(list, last)
#define HC_VA_END(list) __builtin_va_end(list)
#define HC_VA_ARG(list, type) __builtin_va_arg(list, type)
#define HC_VA_COPY(to, from) __builtin_va_copy(to, from)
#endif
#define HC_FMT_CHECKED(fmt, first) __attribute__((format(__printf__, fmt, first)))

/* In a struct, because a va_list that is an array cannot be passed on by address once it has been a parameter. */
typedef struct hc_fmt_va {
    HC_VA_LIST list;
} hc_fmt_va;

/* Takes the next argument off the list, in the type that the conversion names. */
HC_PURE_BIG hc_fmt_arg hc_fmt_pull(hc_fmt_va *va, const hc_fmt_spec *spec) {
    const hc_u32 kind = hc_fmt_kind(spec);
    hc_u64 bits = 0;
    if (kind == HC_FMT_KIND_DOUBLE) {
        union {
            double value;
            hc_u64 bits;
        } both;
        both.value = HC_VA_ARG(va->list, double);
        bits = both.bits;
    } else if (kind == HC_FMT_KIND_STR || kind == HC_FMT_KIND_PTR) {
        bits = (hc_u64)(size_t)HC_VA_ARG(va->list, void *);
    } else if (kind == HC_FMT_KIND_INT) {
        if (spec->length <= HC_FMT_LEN_H) bits = (hc_u64)(hc_i64)HC_VA_ARG(va->list, int);
        else if (spec->length == HC_FMT_LEN_L) bits = (hc_u64)(hc_i64)HC_VA_ARG(va->list, long);
        else bits = (hc_u64)HC_VA_ARG(va->list, long long);
    }
    return hc_fmt_arg_of(kind, bits, HC_SPACE_FLAT);
}

/* Settles the stars of a conversion from the list. */
HC_PURE_BIG int hc_fmt_pull_stars(hc_fmt_va *va, hc_fmt_spec *spec) {
    if (spec->flags & HC_FMT_STAR_WIDTH && hc_fmt_set_width(spec, HC_VA_ARG(va->list, int))) return -HC_FMT_EOVERFLOW;
    if (spec->flags & HC_FMT_STAR_PRECISION) hc_fmt_set_precision(spec, HC_VA_ARG(va->list, int));
    return 0;
}

/* hc_format with arguments taken off the list one at a time: their number has no limit. */
HC_PURE_BIG hc_i64 hc_vformat(hc_fmt_sink *sink, hc_fmt_cursor fmt, hc_fmt_va *va) {
    hc_fmt_spec spec;
    hc_fmt_arg arg;
    int rc;
    HC_NO_UNROLL
    for (;;) {
        const int more = hc_fmt_next(&fmt, &spec);
        hc_fmt_copy(sink, spec.space, spec.text, spec.text_len);
        if (more < 0) return more;
        if (!more) return hc_fmt_result(sink);
        if ((rc = hc_fmt_pull_stars(va, &spec)) != 0) return rc;
        arg = hc_fmt_pull(va, &spec);
        if ((rc = hc_fmt_emit(sink, &spec, &arg)) != 0) return rc;
    }
}

/* Pulls typed arguments off a list, stars included, and measures the strings as far as they will be printed. Returns
 * how many the format uses, which may be more than `max`, of which the first `max` are stored; or a negative errno. */
HC_PURE_BIG hc_i32 hc_fmt_scan_args(const char *fmt, HC_VA_LIST list, hc_fmt_arg *args, hc_u32 max) {
    hc_fmt_cursor cursor = hc_fmt_text(fmt);
    hc_fmt_spec spec;
    hc_fmt_va va;
    hc_u32 used = 0;
    int more;
    HC_VA_COPY(va.list, list);
    HC_NO_UNROLL
    while ((more = hc_fmt_next(&cursor, &spec)) > 0) {
        hc_i32 star;
        if (spec.flags & HC_FMT_STAR_WIDTH) {
            star = HC_VA_ARG(va.list, int);
            if (used < max) args[used] = hc_fmt_arg_of(HC_FMT_KIND_INT, (hc_u64)(hc_i64)star, HC_SPACE_FLAT);
            used++;
            more = hc_fmt_set_width(&spec, star);
            if (more) break;
        }
        if (spec.flags & HC_FMT_STAR_PRECISION) {
            star = HC_VA_ARG(va.list, int);
            if (used < max) args[used] = hc_fmt_arg_of(HC_FMT_KIND_INT, (hc_u64)(hc_i64)star, HC_SPACE_FLAT);
            used++;
            hc_fmt_set_precision(&spec, star);
        }
        if (spec.conv != '%') {
            hc_fmt_arg arg = hc_fmt_pull(&va, &spec);
            if (arg.kind == HC_FMT_KIND_STR) {
                const hc_u64 len = arg.bits ? hc_fmt_text_len(&spec, &arg) : 0u;
                arg.len = len < HC_FMT_LEN_UNKNOWN ? (hc_u32)len : HC_FMT_LEN_UNKNOWN - 1u;
            }
            if (used < max) args[used] = arg;
            used++;
        }
    }
    HC_VA_END(va.list);
    return more < 0 ? more : (hc_i32)used;
}

/* Counts only. */
HC_PURE_BIG hc_i64 hc_fmt_length(hc_fmt_cursor fmt, const hc_fmt_arg *args, hc_u32 n) {
    hc_fmt_sink sink = hc_fmt_into(0, 0);
    return hc_format(&sink, fmt, args, n);
}
HC_PURE_BIG hc_i64 hc_fmt_vlength(const char *fmt, HC_VA_LIST list) {
    hc_fmt_sink sink = hc_fmt_into(0, 0);
    hc_fmt_va va;
    hc_i64 total;
    HC_VA_COPY(va.list, list);
    total = hc_vformat(&sink, hc_fmt_text(fmt), &va);
    HC_VA_END(va.list);
    return total;
}

HC_PURE_BIG int hc_vsnprintf(char *out, size_t size, const char *fmt, HC_VA_LIST list) {
    hc_fmt_sink sink = hc_fmt_into(out, size ? size - 1 : 0);
    hc_fmt_va va;
    hc_i64 total;
    HC_VA_COPY(va.list, list);
    total = hc_vformat(&sink, hc_fmt_text(fmt), &va);
    HC_VA_END(va.list);
    if (size) out[sink.total < sink.cap ? sink.total : sink.cap] = 0;
    if (total < 0) {
        HC_SET_ERRNO((int)-total);
        return -1;
    }
    return (int)total;
}

HC_PURE int hc_vsprintf(char *out, const char *fmt, HC_VA_LIST list) {
    return hc_vsnprintf(out, ~(size_t)0 >> 1, fmt, list);
}

HC_FMT_CHECKED(3, 4) HC_PURE_BIG int hc_snprintf(char *out, size_t size, const char *fmt, ...) {
    HC_VA_LIST list;
    int total;
    HC_VA_START(list, fmt);
    total = hc_vsnprintf(out, size, fmt, list);
    HC_VA_END(list);
    return total;
}

HC_FMT_CHECKED(2, 3) HC_PURE_BIG int hc_sprintf(char *out, const char *fmt, ...) {
    HC_VA_LIST list;
    int total;
    HC_VA_START(list, fmt);
    total = hc_vsprintf(out, fmt, list);
    HC_VA_END(list);
    return total;
}

#else
/* ------------------------------------------------------------------------------------------- OpenCL C: macros and
 * packers */
HC_PURE_INLINE HC_OVERLOAD hc_fmt_cursor hc_fmt_text(const __private char *fmt) {
    return hc_fmt_cursor_at(HC_SPACE_PRIVATE, (hc_u64)(size_t)fmt, HC_FMT_UNBOUNDED);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_cursor hc_fmt_text(const __global char *fmt) {
    return hc_fmt_cursor_at(HC_SPACE_GLOBAL, (hc_u64)(size_t)fmt, HC_FMT_UNBOUNDED);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_cursor hc_fmt_text(const __constant char *fmt) {
    return hc_fmt_cursor_at(HC_SPACE_CONSTANT, (hc_u64)(size_t)fmt, HC_FMT_UNBOUNDED);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_cursor hc_fmt_text(const __local char *fmt) {
    return hc_fmt_cursor_at(HC_SPACE_LOCAL, hc_hide_local(fmt), HC_FMT_UNBOUNDED);
}

HC_PURE hc_fmt_sink hc_fmt_sink_at(hc_u32 space, hc_u64 out, hc_u64 cap) {
    hc_fmt_sink sink;
    sink.out = out;
    sink.space = space;
    sink.reserved = 0;
    sink.cap = cap;
    sink.total = 0;
    return sink;
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_sink hc_fmt_into(__private char *out, hc_u64 cap) {
    return hc_fmt_sink_at(HC_SPACE_PRIVATE, (hc_u64)(size_t)out, cap);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_sink hc_fmt_into(__global char *out, hc_u64 cap) {
    return hc_fmt_sink_at(HC_SPACE_GLOBAL, (hc_u64)(size_t)out, cap);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_sink hc_fmt_into(__local char *out, hc_u64 cap) {
    return hc_fmt_sink_at(HC_SPACE_LOCAL, hc_hide_local(out), cap);
}
/* NULL, as in snprintf(NULL, 0, ...), is a pointer to void. */
HC_PURE_INLINE HC_OVERLOAD hc_fmt_sink hc_fmt_into(__private void *out, hc_u64 cap) {
    return hc_fmt_sink_at(HC_SPACE_PRIVATE, (hc_u64)(size_t)out, cap);
}

/* Packers are not inlined: a printf has many, and what is inlined into a kernel is compiled again for every kernel. */
#define HC_FMT_PACKER(type, kind, bits) \
    HC_PURE_BIG HC_OVERLOAD hc_fmt_arg hc_fmt_pack(type x) { return hc_fmt_arg_of(kind, bits, HC_SPACE_FLAT); }
HC_FMT_PACKER(char, HC_FMT_KIND_INT, (hc_u64)(hc_i64)x)
HC_FMT_PACKER(uchar, HC_FMT_KIND_INT, (hc_u64)x)
HC_FMT_PACKER(short, HC_FMT_KIND_INT, (hc_u64)(hc_i64)x)
HC_FMT_PACKER(ushort, HC_FMT_KIND_INT, (hc_u64)x)
HC_FMT_PACKER(int, HC_FMT_KIND_INT, (hc_u64)(hc_i64)x)
HC_FMT_PACKER(uint, HC_FMT_KIND_INT, (hc_u64)x)
HC_FMT_PACKER(long, HC_FMT_KIND_INT, (hc_u64)x)
HC_FMT_PACKER(ulong, HC_FMT_KIND_INT, (hc_u64)x)
/* clang has long long as a 64-bit type apart from long, and literals such as 1LL are of it. */
HC_FMT_PACKER(long long, HC_FMT_KIND_INT, (hc_u64)x)
HC_FMT_PACKER(unsigned long long, HC_FMT_KIND_INT, (hc_u64)x)

/* The bits of a float as those of the double that it is promoted to: not every device has doubles. */
HC_PURE_BIG hc_u64 hc_fmt_widen(hc_u32 bits) {
    const hc_u64 sign = (hc_u64)(bits >> 31) << 63;
    hc_u32 biased = (bits >> 23) & 255u, mant = bits & 0x7fffffu;
    if (biased == 255u) return sign | (hc_u64)0x7ff << 52 | (hc_u64)mant << 29;
    if (!biased) {
        if (!mant) return sign;
        HC_NO_UNROLL
        for (biased = 1; !(mant & 0x800000u); biased--) mant <<= 1;
        mant &= 0x7fffffu;
    }
    return sign | (hc_u64)(biased + (1023u - 127u)) << 52 | (hc_u64)mant << 29;
}
HC_FMT_PACKER(float, HC_FMT_KIND_DOUBLE, hc_fmt_widen(as_uint(x)))
#if defined(cl_khr_fp64) || defined(__opencl_c_fp64)
HC_FMT_PACKER(double, HC_FMT_KIND_DOUBLE, as_ulong(x))
#endif
#undef HC_FMT_PACKER

#define HC_FMT_POINTER_PACKER(fn, type, kind, space, bits) \
    fn HC_OVERLOAD hc_fmt_arg hc_fmt_pack(const type *p) { return hc_fmt_arg_of(kind, bits, space); }
#define HC_FMT_POINTER_PACKERS(fn, in, space, bits)                       \
    HC_FMT_POINTER_PACKER(fn, in char, HC_FMT_KIND_STR, space, bits)      \
    HC_FMT_POINTER_PACKER(fn, in uchar, HC_FMT_KIND_STR, space, bits)     \
    HC_FMT_POINTER_PACKER(fn, in void, HC_FMT_KIND_PTR, space, bits)
HC_FMT_POINTER_PACKERS(HC_PURE_BIG, __private, HC_SPACE_PRIVATE, (hc_u64)(size_t)p)
HC_FMT_POINTER_PACKERS(HC_PURE_BIG, __global, HC_SPACE_GLOBAL, (hc_u64)(size_t)p)
HC_FMT_POINTER_PACKERS(HC_PURE_BIG, __constant, HC_SPACE_CONSTANT, (hc_u64)(size_t)p)
HC_FMT_POINTER_PACKERS(HC_PURE_INLINE, __local, HC_SPACE_LOCAL, hc_hide_local(p))

/* NULL as an argument: a type of its own, or every pointer packer would do. */
HC_PURE_BIG HC_OVERLOAD hc_fmt_arg hc_fmt_pack(__private void *p) {
    return hc_fmt_arg_of(HC_FMT_KIND_PTR, (hc_u64)(size_t)p, HC_SPACE_PRIVATE);
}

#if defined(HC_HAS_GENERIC_SPACE)
HC_PURE_BIG HC_OVERLOAD hc_fmt_arg hc_fmt_pack(__generic void *p) {
    return hc_fmt_arg_of(HC_FMT_KIND_PTR, (hc_u64)(size_t)p, HC_SPACE_FLAT);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_cursor hc_fmt_text(const __generic char *fmt) {
    return hc_fmt_cursor_at(HC_SPACE_FLAT, (hc_u64)(size_t)fmt, HC_FMT_UNBOUNDED);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_sink hc_fmt_into(__generic char *out, hc_u64 cap) {
    return hc_fmt_sink_at(HC_SPACE_FLAT, (hc_u64)(size_t)out, cap);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_sink hc_fmt_into(__generic void *out, hc_u64 cap) {
    return hc_fmt_sink_at(HC_SPACE_FLAT, (hc_u64)(size_t)out, cap);
}
HC_FMT_POINTER_PACKERS(HC_PURE_INLINE, __generic, HC_SPACE_FLAT, (hc_u64)(size_t)p)
#endif
#undef HC_FMT_POINTER_PACKERS
#undef HC_FMT_POINTER_PACKER

HC_PURE_BIG hc_i64 hc_fmt_length(hc_fmt_cursor fmt, const hc_fmt_arg *args, hc_u32 n) {
    hc_fmt_sink sink = hc_fmt_sink_at(HC_SPACE_PRIVATE, 0, 0);
    return hc_format(&sink, fmt, args, n);
}

HC_PURE_BIG int hc_fmt_snprintf(hc_fmt_sink sink, hc_fmt_cursor fmt, const hc_fmt_arg *args, hc_u32 n) {
    const int room = sink.cap != 0;
    hc_i64 total;
    if (room) sink.cap--;
    total = hc_format(&sink, fmt, args, n);
    if (room) hc_fmt_poke(&sink, sink.total < sink.cap ? sink.total : sink.cap, 0);
    if (total < 0) {
        HC_SET_ERRNO((int)-total);
        return -1;
    }
    return (int)total;
}

#define HC_FMT_JOIN(a, b) HC_FMT_JOIN_(a, b)
#define HC_FMT_JOIN_(a, b) a##b
#define HC_FMT_FIRST(first, ...) first
#define HC_FMT_PICK(f, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, n, ...) n
#define HC_FMT_ARGS_0(f) ((HC_PRIVATE hc_fmt_arg[1]){hc_fmt_arg_of(HC_FMT_KIND_NONE, 0, HC_SPACE_FLAT)})
#define HC_FMT_L_1(a) hc_fmt_pack(a)
#define HC_FMT_L_2(a, ...) hc_fmt_pack(a), HC_FMT_L_1(__VA_ARGS__)
#define HC_FMT_L_3(a, ...) hc_fmt_pack(a), HC_FMT_L_2(__VA_ARGS__)
#define HC_FMT_L_4(a, ...) hc_fmt_pack(a), HC_FMT_L_3(__VA_ARGS__)
#define HC_FMT_L_5(a, ...) hc_fmt_pack(a), HC_FMT_L_4(__VA_ARGS__)
#define HC_FMT_L_6(a, ...) hc_fmt_pack(a), HC_FMT_L_5(__VA_ARGS__)
#define HC_FMT_L_7(a, ...) hc_fmt_pack(a), HC_FMT_L_6(__VA_ARGS__)
#define HC_FMT_L_8(a, ...) hc_fmt_pack(a), HC_FMT_L_7(__VA_ARGS__)
#define HC_FMT_L_9(a, ...) hc_fmt_pack(a), HC_FMT_L_8(__VA_ARGS__)
#define HC_FMT_L_10(a, ...) hc_fmt_pack(a), HC_FMT_L_9(__VA_ARGS__)
#define HC_FMT_L_11(a, ...) hc_fmt_pack(a), HC_FMT_L_10(__VA_ARGS__)
#define HC_FMT_L_12(a, ...) hc_fmt_pack(a), HC_FMT_L_11(__VA_ARGS__)
#define HC_FMT_L_13(a, ...) hc_fmt_pack(a), HC_FMT_L_12(__VA_ARGS__)
#define HC_FMT_L_14(a, ...) hc_fmt_pack(a), HC_FMT_L_13(__VA_ARGS__)
#define HC_FMT_L_15(a, ...) hc_fmt_pack(a), HC_FMT_L_14(__VA_ARGS__)
#define HC_FMT_L_16(a, ...) hc_fmt_pack(a), HC_FMT_L_15(__VA_ARGS__)
#define HC_FMT_ARGS_1(f, ...) ((HC_PRIVATE hc_fmt_arg[1]){HC_FMT_L_1(__VA_ARGS__)})
#define HC_FMT_ARGS_2(f, ...) ((HC_PRIVATE hc_fmt_arg[2]){HC_FMT_L_2(__VA_ARGS__)})
#define HC_FMT_ARGS_3(f, ...) ((HC_PRIVATE hc_fmt_arg[3]){HC_FMT_L_3(__VA_ARGS__)})
#define HC_FMT_ARGS_4(f, ...) ((HC_PRIVATE hc_fmt_arg[4]){HC_FMT_L_4(__VA_ARGS__)})
#define HC_FMT_ARGS_5(f, ...) ((HC_PRIVATE hc_fmt_arg[5]){HC_FMT_L_5(__VA_ARGS__)})
#define HC_FMT_ARGS_6(f, ...) ((HC_PRIVATE hc_fmt_arg[6]){HC_FMT_L_6(__VA_ARGS__)})
#define HC_FMT_ARGS_7(f, ...) ((HC_PRIVATE hc_fmt_arg[7]){HC_FMT_L_7(__VA_ARGS__)})
#define HC_FMT_ARGS_8(f, ...) ((HC_PRIVATE hc_fmt_arg[8]){HC_FMT_L_8(__VA_ARGS__)})
#define HC_FMT_ARGS_9(f, ...) ((HC_PRIVATE hc_fmt_arg[9]){HC_FMT_L_9(__VA_ARGS__)})
#define HC_FMT_ARGS_10(f, ...) ((HC_PRIVATE hc_fmt_arg[10]){HC_FMT_L_10(__VA_ARGS__)})
#define HC_FMT_ARGS_11(f, ...) ((HC_PRIVATE hc_fmt_arg[11]){HC_FMT_L_11(__VA_ARGS__)})
#define HC_FMT_ARGS_12(f, ...) ((HC_PRIVATE hc_fmt_arg[12]){HC_FMT_L_12(__VA_ARGS__)})
#define HC_FMT_ARGS_13(f, ...) ((HC_PRIVATE hc_fmt_arg[13]){HC_FMT_L_13(__VA_ARGS__)})
#define HC_FMT_ARGS_14(f, ...) ((HC_PRIVATE hc_fmt_arg[14]){HC_FMT_L_14(__VA_ARGS__)})
#define HC_FMT_ARGS_15(f, ...) ((HC_PRIVATE hc_fmt_arg[15]){HC_FMT_L_15(__VA_ARGS__)})
#define HC_FMT_ARGS_16(f, ...) ((HC_PRIVATE hc_fmt_arg[16]){HC_FMT_L_16(__VA_ARGS__)})
/* These take a format and its arguments together: HC_FMT_COUNT their number without the format (0 to 16), HC_FMT_ARGS
 * the packed array, HC_FMT_TEXT the format as a cursor. */
#define HC_FMT_COUNT(...) HC_FMT_PICK(__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0)
#define HC_FMT_ARGS(...) HC_FMT_JOIN(HC_FMT_ARGS_, HC_FMT_COUNT(__VA_ARGS__))(__VA_ARGS__)
#define HC_FMT_TEXT(...) hc_fmt_text(HC_FMT_FIRST(__VA_ARGS__, 0))

#define hc_snprintf(out, size, ...) \
    hc_fmt_snprintf(hc_fmt_into(out, size), HC_FMT_TEXT(__VA_ARGS__), HC_FMT_ARGS(__VA_ARGS__), \
                    HC_FMT_COUNT(__VA_ARGS__))
#define hc_sprintf(out, ...) hc_snprintf(out, (~(size_t)0 >> 1), __VA_ARGS__)
#endif

#endif
