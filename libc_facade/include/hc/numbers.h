/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of stdlib.h that turns text into numbers and divides: strto*, ato*, abs and div with their kin. Integer
 * arithmetic only; a double is correctly rounded (half to even) from any number of digits.
 */
#ifndef HC_NUMBERS_H
#define HC_NUMBERS_H

#include "ctype.h"
#include "pure.h"

/* Errors go to errno of the lane. The server has no lane and looks at results only. */
#if !defined(HC_HOST_SERVER)
#include "errno.h"
#elif !defined(HC_SET_ERRNO)
#define HC_SET_ERRNO(code) ((void)(code))
#endif

#define HC_NUM_EINVAL 22
#define HC_NUM_ERANGE 34

/* ------------------------------------------------------------------------------------------------------- absolute
 * values */
HC_PURE int hc_abs(int x) { return x < 0 ? -x : x; }
HC_PURE long hc_labs(long x) { return x < 0 ? -x : x; }
HC_PURE hc_i64 hc_llabs(hc_i64 x) { return x < 0 ? -x : x; }
HC_PURE long hc_imaxabs(long x) { return x < 0 ? -x : x; }

typedef struct hc_div_t {
    int quot, rem;
} hc_div_t;
typedef struct hc_ldiv_t {
    long quot, rem;
} hc_ldiv_t;
typedef struct hc_lldiv_t {
    hc_i64 quot, rem;
} hc_lldiv_t;
typedef hc_ldiv_t hc_imaxdiv_t;

HC_PURE hc_div_t hc_div(int x, int y) {
    hc_div_t both;
    both.quot = x / y;
    both.rem = x % y;
    return both;
}
HC_PURE hc_ldiv_t hc_ldiv(long x, long y) {
    hc_ldiv_t both;
    both.quot = x / y;
    both.rem = x % y;
    return both;
}
HC_PURE hc_lldiv_t hc_lldiv(hc_i64 x, hc_i64 y) {
    hc_lldiv_t both;
    both.quot = x / y;
    both.rem = x % y;
    return both;
}
HC_PURE hc_imaxdiv_t hc_imaxdiv(long x, long y) { return hc_ldiv(x, y); }

/* --------------------------------------------------------------------------------------------------------------
 * integers */
typedef struct hc_num_int {
    hc_u64 value;   /* the magnitude */
    hc_u64 used;    /* characters of the number with what stands before it; 0 when there is none */
    hc_u32 minus;
    hc_u32 too_big; /* for 64 bits */
} hc_num_int;

HC_PURE hc_u32 hc_num_digit(hc_u32 c) {
    if (c - '0' < 10u) return c - '0';
    c |= 32u;
    return c - 'a' < 26u ? c - 'a' + 10u : 255u;
}

HC_PURE_BIG hc_num_int hc_num_scan(hc_u32 space, hc_u64 from, int base) {
    hc_num_int number;
    hc_u64 at = from;
    hc_u32 digit;
    number.value = 0;
    number.used = 0;
    number.minus = 0;
    number.too_big = 0;
    if (base < 0 || base == 1 || base > 36) {
        HC_SET_ERRNO(HC_NUM_EINVAL);
        return number;
    }
    while (hc_isspace(hc_peek(space, at))) at++;
    if (hc_peek(space, at) == '-' || hc_peek(space, at) == '+') number.minus = hc_peek(space, at++) == '-';
    /* The prefix counts only when a digit follows: "0x" alone is a zero and an x. */
    if ((base == 0 || base == 16) && hc_peek(space, at) == '0' && (hc_peek(space, at + 1) | 32u) == 'x' &&
        hc_num_digit(hc_peek(space, at + 2)) < 16u) {
        at += 2;
        base = 16;
    }
    if (base == 0) base = hc_peek(space, at) == '0' ? 8 : 10;
    for (; (digit = hc_num_digit(hc_peek(space, at))) < (hc_u32)base; at++) {
        if (number.value > (~(hc_u64)0 - digit) / (hc_u32)base) number.too_big = 1;
        number.value = number.value * (hc_u32)base + digit;
        number.used = at + 1 - from;
    }
    return number;
}

HC_PURE hc_i64 hc_num_signed(const hc_num_int *number) {
    const hc_u64 limit = ((hc_u64)1 << 63) - 1u + number->minus;
    if (number->too_big || number->value > limit) {
        HC_SET_ERRNO(HC_NUM_ERANGE);
        return (hc_i64)limit;
    }
    return (hc_i64)(number->minus ? 0u - number->value : number->value);
}

HC_PURE hc_u64 hc_num_unsigned(const hc_num_int *number) {
    if (number->too_big) {
        HC_SET_ERRNO(HC_NUM_ERANGE);
        return ~(hc_u64)0;
    }
    return number->minus ? 0u - number->value : number->value;
}

/* -----------------------------------------------------------------------------------------------------------------
 * reals */
typedef struct hc_num_real {
    hc_u64 bits; /* of a double or a float */
    hc_u64 used;
} hc_num_real;

/* What a binary format has room for: bits of the significand, exponent of the smallest and of the largest normal
 * number. */
typedef struct hc_num_format {
    hc_i32 digits, least, most;
} hc_num_format;

/* value * 2^scale, plus something below its last bit when `more`; value has 55 to 60 bits. Half to even. */
HC_PURE_BIG hc_u64 hc_num_round(hc_u64 value, hc_i64 scale, hc_u32 more, hc_num_format format) {
    const hc_u64 infinite = (hc_u64)(2 * format.most + 1) << (format.digits - 1);
    hc_i64 exponent, kept = format.digits;
    hc_u64 rest, mid, result;
    hc_u32 bits = 0, drop;
    while (value >> bits) bits++;
    exponent = scale + bits - 1;
    if (exponent > format.most) {
        HC_SET_ERRNO(HC_NUM_ERANGE);
        return infinite;
    }
    if (exponent < format.least) kept -= format.least - exponent;
    if (kept < 0) {
        HC_SET_ERRNO(HC_NUM_ERANGE);
        return 0;
    }
    drop = bits - (hc_u32)kept;
    result = value >> drop;
    rest = value & (((hc_u64)1 << drop) - 1u);
    mid = (hc_u64)1 << (drop - 1u);
    if (rest > mid || (rest == mid && (more || (result & 1u)))) result++;
    if (exponent >= format.least) {
        /* The leading bit of the significand adds one to the exponent field, as does a carry out of it. */
        result += (hc_u64)(exponent + format.most - 1) << (format.digits - 1);
        if (result >= infinite) HC_SET_ERRNO(HC_NUM_ERANGE);
    } else if (rest || more) {
        /* Too small is what would still be so if the exponent had no end, as on x86: the largest of such numbers round up to a normal one. */
        drop = bits - (hc_u32)format.digits;
        rest = value & (((hc_u64)1 << drop) - 1u);
        mid = (hc_u64)1 << (drop - 1u);
        if (exponent < format.least - 1 || ((value >> drop) + 1u) >> format.digits == 0 || rest < mid) HC_SET_ERRNO(HC_NUM_ERANGE);
    }
    return result;
}

/* 88 limbs hold at least 784 digits; the longest decimal that lies halfway between two doubles has 768. Further digits
 * can only decide on which side of it a number is, and for that it is enough to know that one of them is not 0. */
#define HC_NUM_LIMBS 88
typedef struct hc_num_decimal {
    hc_u32 limb[HC_NUM_LIMBS + 1]; /* most significant first; limb[i] counts 10^(9 * (top - i)) */
    hc_i32 n, top;
    hc_u32 more;
} hc_num_decimal;

HC_PURE_BIG void hc_num_double(hc_num_decimal *d, hc_u32 bits) {
    hc_u64 carry = 0;
    hc_i32 i;
    for (i = d->n - 1; i >= 0; i--) {
        carry += (hc_u64)d->limb[i] << bits;
        d->limb[i] = (hc_u32)(carry % HC_BILLION);
        carry /= HC_BILLION;
    }
    if (carry) {
        for (i = d->n; i > 0; i--) d->limb[i] = d->limb[i - 1];
        d->limb[0] = (hc_u32)carry;
        d->top++;
        d->n++;
        if (d->n > HC_NUM_LIMBS) d->more |= d->limb[--d->n] != 0;
    }
    while (d->n && !d->limb[d->n - 1]) d->n--;
}

HC_PURE_BIG void hc_num_halve(hc_num_decimal *d, hc_u32 bits) {
    hc_u64 rest = 0;
    hc_i32 i;
    for (i = 0; i < d->n || rest; i++) {
        if (i == HC_NUM_LIMBS) {
            d->more = 1;
            break;
        }
        rest = rest * HC_BILLION + (i < d->n ? d->limb[i] : 0u);
        d->limb[i] = (hc_u32)(rest >> bits);
        rest &= ((hc_u64)1 << bits) - 1u;
    }
    if (i > d->n) d->n = i;
    if (!d->limb[0]) {
        d->n--;
        d->top--;
        for (i = 0; i < d->n; i++) d->limb[i] = d->limb[i + 1];
    }
}

/* The digits from `at` to `end`, with at most one point among them, of which the first that is not 0 stands for
 * 10^lead. The value is scaled by powers of two until its integer part has 55 bits or more and still fits two limbs. */
HC_PURE_BIG hc_u64 hc_num_decimal_bits(hc_u32 space, hc_u64 at, hc_u64 end, hc_i64 lead, hc_num_format format) {
    hc_num_decimal d;
    hc_i64 power = lead, scale = 0;
    hc_u64 value;
    hc_i32 i;
    d.n = 0;
    d.top = hc_floor9(lead);
    d.more = 0;
    for (; at < end; at++) {
        const hc_u32 digit = hc_peek(space, at) - (hc_u32)'0';
        if (digit > 9u) continue;
        if (d.n == 0 && digit == 0) continue;
        i = d.top - hc_floor9(power);
        if (i >= HC_NUM_LIMBS) {
            if (digit) {
                d.more = 1;
                break;
            }
        } else {
            while (d.n <= i) d.limb[d.n++] = 0;
            d.limb[i] += digit * hc_pow10((hc_u32)(power - 9 * (hc_i64)hc_floor9(power)));
        }
        power--;
    }
    while (d.top > 1) {
        hc_num_halve(&d, 29);
        scale += 29;
    }
    for (;;) {
        hc_u32 bits = 29;
        if (d.top == 1) {
            value = (hc_u64)d.limb[0] * HC_BILLION + (d.n > 1 ? d.limb[1] : 0u);
            if (value >> 54) break;
            for (bits = 1; !((value << bits) >> 54); bits++) {
            }
            if (bits > 29) bits = 29;
        }
        hc_num_double(&d, bits);
        scale -= bits;
    }
    for (i = 2; i < d.n && !d.more; i++) d.more = d.limb[i] != 0;
    return hc_num_round(value, scale, d.more, format);
}

/* Whether `word` (lower case, packed, first character lowest) stands at `at` in any case. */
HC_PURE_BIG int hc_num_word(hc_u32 space, hc_u64 at, hc_u64 word) {
    for (; word; word >>= 8, at++)
        if ((hc_peek(space, at) | 32u) != (word & 255u)) return 0;
    return 1;
}

/* An exponent after its letter: 0 when there is none, saturated far beyond what can matter. */
HC_PURE_BIG hc_i64 hc_num_exponent(hc_u32 space, hc_u64 *at) {
    hc_u64 p = *at;
    hc_i64 value = 0;
    hc_u32 minus = 0;
    if (hc_peek(space, p) == '-' || hc_peek(space, p) == '+') minus = hc_peek(space, p++) == '-';
    if (!hc_isdigit(hc_peek(space, p))) return 0;
    for (; hc_isdigit(hc_peek(space, p)); p++)
        if (value < 1000000000000000) value = value * 10 + (hc_peek(space, p) - '0');
    *at = p;
    return minus ? -value : value;
}

HC_PURE_BIG hc_num_real hc_num_scan_real(hc_u32 space, hc_u64 from, hc_num_format format) {
    const hc_u64 infinite = (hc_u64)(2 * format.most + 1) << (format.digits - 1);
    hc_num_real real;
    hc_u64 at = from, start, minus = 0, value = 0, end;
    hc_i64 lead = 0, exponent = 0;
    hc_u32 c, any = 0, point = 0, found = 0, more = 0, base = 10;
    real.bits = 0;
    real.used = 0;
    while (hc_isspace(hc_peek(space, at))) at++;
    if (hc_peek(space, at) == '-' || hc_peek(space, at) == '+') minus = hc_peek(space, at++) == '-';
    minus <<= format.digits == 53 ? 63 : 31;
    if (hc_num_word(space, at, 0x666e69u)) { /* inf, infinity */
        at += 3;
        if (hc_num_word(space, at, 0x7974696e69u)) at += 5;
        real.bits = minus | infinite;
        real.used = at - from;
        return real;
    }
    if (hc_num_word(space, at, 0x6e616eu)) { /* nan, nan(...) */
        at += 3;
        if (hc_peek(space, at) == '(') {
            for (end = at + 1; hc_isalnum(hc_peek(space, end)) || hc_peek(space, end) == '_'; end++) {
            }
            if (hc_peek(space, end) == ')') at = end + 1;
        }
        real.bits = minus | infinite | (hc_u64)1 << (format.digits - 2);
        real.used = at - from;
        return real;
    }
    if (hc_peek(space, at) == '0' && (hc_peek(space, at + 1) | 32u) == 'x' &&
        (hc_num_digit(hc_peek(space, at + 2)) < 16u ||
         (hc_peek(space, at + 2) == '.' && hc_num_digit(hc_peek(space, at + 3)) < 16u))) {
        base = 16;
        at += 2;
    }
    /* `lead` becomes the power of the base at the first digit that is not 0. */
    for (start = at;; at++) {
        c = hc_peek(space, at);
        if (c == '.' && !point) {
            point = 1;
            continue;
        }
        if (hc_num_digit(c) >= base) break;
        any = 1;
        if (hc_num_digit(c)) found = 1;
        if (point ? !found : 0) lead--;
        if (!point && found) lead++;
        if (base == 16) {
            if (!(value >> 56)) {
                value = value << 4 | hc_num_digit(c);
                if (point) exponent -= 4;
            } else {
                more |= hc_num_digit(c) != 0;
                if (!point) exponent += 4;
            }
        }
    }
    if (!any) return real;
    lead--;
    end = at;
    c = hc_peek(space, at) | 32u;
    if (c == (base == 16 ? 'p' : 'e')) {
        hc_u64 after = at + 1;
        const hc_i64 written = hc_num_exponent(space, &after);
        if (hc_isdigit(hc_peek(space, after - 1)) && after > at + 1) at = after;
        exponent += written;
    }
    real.used = at - from;
    real.bits = minus;
    if (!found) return real;
    if (base == 16) {
        for (; !(value >> 59); value <<= 1) exponent--;
        real.bits |= hc_num_round(value, exponent, more, format);
        return real;
    }
    lead += exponent;
    if (lead > 400 || lead < -400) {
        HC_SET_ERRNO(HC_NUM_ERANGE);
        if (lead > 0) real.bits |= infinite;
        return real;
    }
    real.bits |= hc_num_decimal_bits(space, start, end, lead, format);
    return real;
}

HC_PURE hc_num_format hc_num_format_of(int is_double) {
    hc_num_format format;
    format.digits = is_double ? 53 : 24;
    format.least = is_double ? -1022 : -126;
    format.most = is_double ? 1023 : 127;
    return format;
}

#if defined(HC_OPENCL)
#define HC_NUM_AS_FLOAT(bits) as_float((hc_u32)(bits))
#define HC_NUM_AS_DOUBLE(bits) as_double(bits)
#else
HC_PURE float hc_num_as_float(hc_u32 bits) {
    union {
        hc_u32 bits;
        float value;
    } both;
    both.bits = bits;
    return both.value;
}
HC_PURE double hc_num_as_double(hc_u64 bits) {
    union {
        hc_u64 bits;
        double value;
    } both;
    both.bits = bits;
    return both.value;
}
#define HC_NUM_AS_FLOAT(bits) hc_num_as_float((hc_u32)(bits))
#define HC_NUM_AS_DOUBLE(bits) hc_num_as_double(bits)
#endif

/* -------------------------------------------------------------------------------------------------- the standard
 * functions */
/* `rest` is what a pointer to the text is when it is handed back; `address` makes a number of the pointer s. */
#define HC_NUM_INT(fn, text, rest, space, address, name, type, make)                     \
    fn HC_OVERLOAD type name(const text char *s, rest char **end, int base) {            \
        const hc_num_int number = hc_num_scan(space, address, base);                     \
        if (end && base >= 0 && base != 1 && base <= 36) *end = (rest char *)s + number.used; \
        return (type)make(&number);                                                      \
    }
#define HC_NUM_REAL(fn, text, rest, space, address, name, type, is_double, make)         \
    fn HC_OVERLOAD type name(const text char *s, rest char **end) {                      \
        const hc_num_real real = hc_num_scan_real(space, address, hc_num_format_of(is_double)); \
        if (end) *end = (rest char *)s + real.used;                                      \
        return make(real.bits);                                                          \
    }
#define HC_NUM_INTS(fn, text, rest, space, address)                                                \
    HC_NUM_INT(fn, text, rest, space, address, hc_strtol, long, hc_num_signed)                     \
    HC_NUM_INT(fn, text, rest, space, address, hc_strtoll, hc_i64, hc_num_signed)                  \
    HC_NUM_INT(fn, text, rest, space, address, hc_strtoimax, long, hc_num_signed)                  \
    HC_NUM_INT(fn, text, rest, space, address, hc_strtoul, unsigned long, hc_num_unsigned)         \
    HC_NUM_INT(fn, text, rest, space, address, hc_strtoull, hc_u64, hc_num_unsigned)               \
    HC_NUM_INT(fn, text, rest, space, address, hc_strtoumax, unsigned long, hc_num_unsigned)       \
    fn HC_OVERLOAD long hc_atol(const text char *s) { return hc_strtol(s, (rest char **)0, 10); }  \
    fn HC_OVERLOAD hc_i64 hc_atoll(const text char *s) { return hc_strtoll(s, (rest char **)0, 10); } \
    fn HC_OVERLOAD int hc_atoi(const text char *s) { return (int)hc_strtol(s, (rest char **)0, 10); } \
    HC_NUM_REAL(fn, text, rest, space, address, hc_strtof, float, 0, HC_NUM_AS_FLOAT)
#define HC_NUM_DOUBLES(fn, text, rest, space, address)                                             \
    HC_NUM_REAL(fn, text, rest, space, address, hc_strtod, double, 1, HC_NUM_AS_DOUBLE)            \
    fn HC_OVERLOAD double hc_atof(const text char *s) { return hc_strtod(s, (rest char **)0); }

#if defined(HC_OPENCL)
#if defined(cl_khr_fp64) || defined(__opencl_c_fp64)
#define HC_NUM_ALL(fn, text, rest, space, address) \
    HC_NUM_INTS(fn, text, rest, space, address) HC_NUM_DOUBLES(fn, text, rest, space, address)
#else
#define HC_NUM_ALL(fn, text, rest, space, address) HC_NUM_INTS(fn, text, rest, space, address)
#endif
HC_NUM_ALL(HC_PURE, __private, __private, HC_SPACE_PRIVATE, (hc_u64)(size_t)s)
HC_NUM_ALL(HC_PURE, __global, __global, HC_SPACE_GLOBAL, (hc_u64)(size_t)s)
HC_NUM_ALL(HC_PURE, __constant, const __constant, HC_SPACE_CONSTANT, (hc_u64)(size_t)s)
HC_NUM_ALL(HC_PURE_INLINE, __local, __local, HC_SPACE_LOCAL, hc_hide_local(s))
#if defined(HC_HAS_GENERIC_SPACE)
HC_NUM_ALL(HC_PURE, __generic, __generic, HC_SPACE_FLAT, (hc_u64)(size_t)s)
#endif
#undef HC_NUM_ALL
#else
HC_NUM_INTS(HC_PURE, , , HC_SPACE_FLAT, (hc_u64)(size_t)s)
HC_NUM_DOUBLES(HC_PURE, , , HC_SPACE_FLAT, (hc_u64)(size_t)s)
#endif
#undef HC_NUM_INT
#undef HC_NUM_REAL
#undef HC_NUM_INTS
#undef HC_NUM_DOUBLES

#endif
