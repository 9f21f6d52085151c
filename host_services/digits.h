/* SPDX-License-Identifier: Apache-2.0
 *
 * Decimal text of numbers, exact: integers, and %f of doubles below 2^63. Functions write from `to` on and return the
 * end; they may scribble up to HC_DIGITS_SLACK bytes behind it.
 */
#ifndef HC_DIGITS_H
#define HC_DIGITS_H
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define HC_DIGITS_SLACK  16u
#define HC_DIGITS_PLACES 17 /* 10^17 times a 53-bit fraction fits 128 bits */

static const char HC_PAIRS[201] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

static const uint64_t HC_TENS[20] = {1ull,
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
                                     100000000000000000ull,
                                     1000000000000000000ull,
                                     10000000000000000000ull};

static inline void hc_put_pair(uint8_t *to, uint32_t v) { memcpy(to, HC_PAIRS + 2 * v, 2); }

/* Decimal digits of v: log2 times log10(2) is one too small at most. */
static inline uint32_t hc_count_digits(uint64_t v) {
    uint32_t guess = (uint32_t)(64 - __builtin_clzll(v | 1)) * 1233u >> 12;
    return guess + (v >= HC_TENS[guess] || v == 0);
}

/* Exactly n digits, with leading zeros; v < 10^n. */
static inline uint8_t *hc_put_places(uint8_t *to, uint64_t v, uint32_t n) {
    uint8_t *end = to + n, *at = end;
    while (at - to >= 2 && v >> 32) {
        uint64_t q = v / 100;
        hc_put_pair(at -= 2, (uint32_t)(v - q * 100));
        v = q;
    }
    uint32_t w = (uint32_t)v; /* in 32 bits a division costs half */
    while (at - to >= 2) {
        uint32_t q = w / 100;
        hc_put_pair(at -= 2, w - q * 100);
        w = q;
    }
    if (at > to) *to = (uint8_t)('0' + w);
    return end;
}

static inline uint8_t *hc_put_decimal(uint8_t *to, uint64_t v) { return hc_put_places(to, v, hc_count_digits(v)); }

static inline uint8_t *hc_put_hexadecimal(uint8_t *to, uint64_t v, bool upper) {
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    uint32_t n = (uint32_t)(67 - __builtin_clzll(v | 1)) / 4;
    for (uint8_t *at = to + n; at > to; v >>= 4) *--at = (uint8_t)digits[v & 15];
    return to + n;
}

/* The magnitude of a double below 2^63 with so many places, exact: the fraction is F / 2^q with F < 2^53, so F * 10^places
 * fits 128 bits, and rounding looks at all that a division by 2^q leaves over. Ties go to the even digit, as everywhere
 * in round-to-nearest. NULL: not such a number. */
static inline uint8_t *hc_put_fixed(uint8_t *to, uint64_t bits, uint32_t places) {
    uint32_t exponent = (uint32_t)(bits >> 52) & 0x7ff;
    uint64_t mantissa = bits & 0xfffffffffffffull, whole, fraction = 0;
    if (exponent >= 1023 + 63) return NULL;
    mantissa |= exponent ? 1ull << 52 : 0;
    int q = 1075 - (int)(exponent ? exponent : 1); /* value = mantissa / 2^q */
    if (q <= 0) {
        whole = mantissa << -q;
    } else {
        whole = q < 64 ? mantissa >> q : 0;
        uint64_t rest = q < 64 ? mantissa & ((1ull << q) - 1) : mantissa;
        if (rest && q < 128) { /* from 2^128 on it is less than half of the last digit */
            unsigned __int128 scaled = (unsigned __int128)rest * HC_TENS[places];
            unsigned __int128 half = (unsigned __int128)1 << (q - 1), over = scaled & ((half - 1) | half);
            fraction = (uint64_t)(scaled >> q);
            bool odd = places ? fraction & 1 : whole & 1;
            fraction += over > half || (over == half && odd);
            if (fraction == HC_TENS[places]) {
                fraction = 0;
                whole++;
            }
        }
    }
    to = hc_put_decimal(to, whole);
    if (!places) return to;
    *to++ = '.';
    return hc_put_places(to, fraction, places);
}
#endif
