/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine: formats one conversion with one argument, or a whole format with all of its arguments. Integers, text, and doubles as exact
 * decimal numbers; no floating-point instruction decides about a digit.
 */
#ifndef HC_FORMAT_ENGINE_H
#define HC_FORMAT_ENGINE_H

#include "format_parse.h"

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

#endif
