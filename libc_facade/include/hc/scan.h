/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanf family: one engine over a text or over a FILE whose lock is held. Every conversion of C11 with glibc's results, down to how many
 * characters a failed one has taken. Refused with EINVAL: wide characters, long double, positional arguments.
 * OpenCL C has no variable arguments and so none of this.
 */
#ifndef HC_SCAN_H
#define HC_SCAN_H
#include "lines.h"
#include "numbers.h"

#if !defined(HC_OPENCL)
typedef struct hc_scan {
    const char *text; /* what is left of it; null: the stream's */
    hc_stream *f;
    hc_i64 taken;     /* characters so far */
    hc_i64 error;     /* why the stream gave no more */
} hc_scan;

/* The next character or EOF. */
HC_BODY int hc_scan_get(hc_scan *s) {
    hc_i64 r;
    if (s->text) {
        if (!*s->text) return HC_EOF;
        s->taken++;
        return (int)(hc_u8)*s->text++;
    }
    r = hc_stream_next(s->f);
    if (r >= 0) {
        s->taken++;
        return (int)r;
    }
    if (r != HC_FILE_END) s->error = r;
    return HC_EOF;
}
/* The last one was not for us. */
HC_FN void hc_scan_back(hc_scan *s, int c) {
    if (c == HC_EOF) return;
    s->taken--;
    if (s->text) s->text--;
    else s->f->at--;
}
HC_BODY void hc_scan_space(hc_scan *s) {
    int c;
    do c = hc_scan_get(s);
    while (hc_isspace(c));
    hc_scan_back(s, c);
}

/* ------------------------------------------------------------------------------------------------------------- specifications */
#define HC_SCAN_MATCH 1   /* a value was stored, or skipped with * */
#define HC_SCAN_FAIL 0    /* what is there is none */
#define HC_SCAN_INPUT (-1) /* there is nothing more */
#define HC_SCAN_REFUSED (-2)

typedef struct hc_scan_spec {
    void *to;     /* null: * */
    char **made;  /* of m: where the address of new memory goes, and how much of it there is */
    size_t room;
    int width;    /* -1: none given */
    hc_u32 length; /* HC_FMT_LEN_* */
    hc_u32 conv;
} hc_scan_spec;

/* One more character of an item, as long as its width allows. */
HC_FN int hc_scan_more(hc_scan *s, hc_scan_spec *spec) {
    if (spec->width > 0) spec->width--;
    return hc_scan_get(s);
}

HC_FN void hc_scan_store(const hc_scan_spec *spec, hc_u64 value) {
    if (!spec->to) return;
    switch (spec->length) {
    case HC_FMT_LEN_HH: *(hc_u8 *)spec->to = (hc_u8)value; break;
    case HC_FMT_LEN_H: *(hc_u16 *)spec->to = (hc_u16)value; break;
    case HC_FMT_LEN_NONE: *(hc_u32 *)spec->to = (hc_u32)value; break;
    default: *(hc_u64 *)spec->to = value; break;
    }
}

/* --------------------------------------------------------------------------------------------------------------------- integers */
/* "(nil)", of which the first character is taken: what %p prints for a null pointer. */
HC_BODY int hc_scan_nil(hc_scan *s, int *c) {
    hc_u32 i;
    HC_ROLLED for (i = 0; i < 4u; i++) {
        *c = hc_scan_get(s);
        if (hc_tolower(*c) != "nil)"[i]) return 0;
    }
    return 1;
}
/* Bounds of long as strtol has them, narrowed afterwards to the type asked for. */
HC_FN hc_u64 hc_scan_limit(hc_u64 value, int minus, int is_signed, int *too_big) {
    hc_u64 most = is_signed ? (hc_u64)HC_SSIZE_MAX + (minus ? 1u : 0u) : ~(hc_u64)0;
    if (value > most) *too_big = 1;
    if (*too_big) return is_signed && minus ? 0u - most : most;
    return minus ? 0u - value : value;
}
HC_BODY int hc_scan_int(hc_scan *s, hc_scan_spec *spec) {
    hc_u32 base = spec->conv == 'o' ? 8u : spec->conv == 'x' || spec->conv == 'X' || spec->conv == 'p' ? 16u : spec->conv == 'i' ? 0u : 10u;
    int is_signed = spec->conv == 'd' || spec->conv == 'i', digits = 0, minus = 0, sign = 0, too_big = 0, c = hc_scan_get(s);
    hc_u64 value = 0;
    if (c == HC_EOF) return HC_SCAN_INPUT;
    if (c == '-' || c == '+') {
        minus = c == '-';
        sign = 1;
        c = hc_scan_more(s, spec);
    }
    if (spec->width != 0 && c == '0') {
        digits = 1;
        c = hc_scan_more(s, spec);
        if (spec->width != 0 && hc_tolower(c) == 'x' && (base == 0 || base == 16u)) {
            base = 16u;
            c = hc_scan_more(s, spec);
        } else if (base == 0) {
            base = 8u;
        }
    }
    if (base == 0) base = 10u;
    HC_ROLLED while (c != HC_EOF && spec->width != 0) {
        hc_u32 digit = hc_num_digit((hc_u32)c);
        if (digit >= base) break;
        if (value > (~(hc_u64)0 - digit) / base) too_big = 1;
        value = value * base + digit;
        digits = 1;
        c = hc_scan_more(s, spec);
    }
    if (digits || sign || spec->conv != 'p' || c != '(' || (spec->width >= 0 && spec->width < 5) || !hc_scan_nil(s, &c)) {
        hc_scan_back(s, c);
        if (!digits) return HC_SCAN_FAIL;
    }
    value = hc_scan_limit(value, minus, is_signed, &too_big);
    if (too_big) hc_errno_note(HC_ERANGE);
    if (spec->conv == 'p') spec->length = HC_FMT_LEN_L;
    hc_scan_store(spec, value);
    return HC_SCAN_MATCH;
}

/* --------------------------------------------------------------------------------------------------------------- floating point
 * The digits are collected without leading zeros and without the point, as many as can decide about a double; then strtod's engine
 * has the last word. */
#define HC_SCAN_DIGITS 784u
#define HC_SCAN_FIRST 2u /* behind the 0x of a hexadecimal one */
typedef struct hc_scan_real {
    char text[HC_SCAN_FIRST + HC_SCAN_DIGITS + 32u];
    hc_u32 n, digits;        /* characters in it; digits of the number, leading zeros too */
    hc_i64 scale, exponent;  /* powers of the base by the point; what stood behind the e */
    int hex, point, in_exponent, exponent_minus, more;
} hc_scan_real;
HC_FN void hc_scan_digit(hc_scan_real *r, int c) {
    if (r->in_exponent) {
        if (r->exponent < 100000000) r->exponent = r->exponent * 10 + (c - '0');
        return;
    }
    r->digits++;
    if (r->n < HC_SCAN_FIRST + HC_SCAN_DIGITS) {
        if (c != '0' || r->n > HC_SCAN_FIRST) r->text[r->n++] = (char)c;
        if (r->point) r->scale--;
    } else {
        if (c != '0') r->more = 1;
        if (!r->point) r->scale++;
    }
}
/* Makes of it the text that strtod reads: digits, then the exponent. */
HC_BODY hc_u64 hc_scan_real_bits(hc_scan_real *r, int is_double) {
    hc_i64 e = (r->exponent_minus ? -r->exponent : r->exponent) + r->scale * (r->hex ? 4 : 1);
    hc_u32 n = r->n, start, i;
    hc_u64 rest;
    r->text[0] = '0';
    r->text[1] = r->hex ? 'x' : '0';
    if (n == HC_SCAN_FIRST) r->text[n++] = '0';
    if (r->more) { /* something follows: that it is not nothing is all that counts */
        r->text[n++] = '1';
        e -= r->hex ? 4 : 1;
    }
    r->text[n++] = r->hex ? 'p' : 'e';
    if (e < 0) r->text[n++] = '-';
    start = n;
    HC_ROLLED for (rest = (hc_u64)(e < 0 ? -e : e); rest || n == start; rest /= 10u) r->text[n++] = (char)('0' + rest % 10u);
    HC_ROLLED for (i = 0; i < (n - start) / 2u; i++) {
        char swap = r->text[start + i];
        r->text[start + i] = r->text[n - 1u - i];
        r->text[n - 1u - i] = swap;
    }
    r->text[n] = 0;
    return hc_num_scan_real(HC_SPACE_FLAT, (hc_u64)(size_t)r->text, hc_num_format_of(is_double)).bits;
}
HC_FN void hc_scan_store_real(const hc_scan_spec *spec, hc_u64 bits, int minus) {
    if (!spec->to) return;
    if (spec->length == HC_FMT_LEN_L) *(hc_u64 *)spec->to = bits | ((hc_u64)minus << 63);
    else *(hc_u32 *)spec->to = (hc_u32)bits | ((hc_u32)minus << 31);
}
/* The letters of a word from the second on; c is the last one read. */
HC_FN int hc_scan_word(hc_scan *s, hc_scan_spec *spec, const char *word) {
    HC_ROLLED for (; *word; word++) {
        int c;
        if (spec->width == 0) return 0;
        c = hc_scan_more(s, spec);
        if (hc_tolower(c) != *word) return 0; /* taken all the same */
    }
    return 1;
}
HC_BODY int hc_scan_float(hc_scan *s, hc_scan_spec *spec) {
    hc_scan_real r;
    int c = hc_scan_more(s, spec), minus = 0, is_double = spec->length == HC_FMT_LEN_L, got_digit = 0, at_exponent = 0, any = 0;
    hc_u64 infinite = is_double ? (hc_u64)0x7ff << 52 : (hc_u64)0xff << 23;
    if (c == HC_EOF) return HC_SCAN_INPUT;
    r.n = HC_SCAN_FIRST;
    r.digits = 0;
    r.scale = 0;
    r.exponent = 0;
    r.hex = 0;
    r.point = 0;
    r.in_exponent = 0;
    r.exponent_minus = 0;
    r.more = 0;
    if (c == '-' || c == '+') {
        minus = c == '-';
        if (spec->width == 0 || (c = hc_scan_more(s, spec)) == HC_EOF) return HC_SCAN_FAIL;
    }
    if (hc_tolower(c) == 'n') {
        if (!hc_scan_word(s, spec, "an")) return HC_SCAN_FAIL;
        hc_scan_store_real(spec, infinite | (is_double ? (hc_u64)1 << 51 : (hc_u64)1 << 22), minus);
        return HC_SCAN_MATCH;
    }
    if (hc_tolower(c) == 'i') {
        if (!hc_scan_word(s, spec, "nf")) return HC_SCAN_FAIL;
        if (spec->width != 0) {
            c = hc_scan_get(s);
            if (hc_tolower(c) != 'i') hc_scan_back(s, c);
            else {
                if (spec->width > 0) spec->width--;
                if (!hc_scan_word(s, spec, "nity")) return HC_SCAN_FAIL;
            }
        }
        hc_scan_store_real(spec, infinite, minus);
        return HC_SCAN_MATCH;
    }
    if (spec->width != 0 && c == '0') {
        any = 1;
        c = hc_scan_more(s, spec);
        if (spec->width != 0 && hc_tolower(c) == 'x') {
            r.hex = 1;
            any = 0;
            c = hc_scan_more(s, spec);
        } else {
            got_digit = 1;
            hc_scan_digit(&r, '0');
        }
    }
    for (;;) {
        int lower = hc_tolower(c);
        if (hc_isdigit(c) || (r.hex && !r.in_exponent && hc_isxdigit(c))) {
            hc_scan_digit(&r, c);
            got_digit = 1;
            at_exponent = 0;
        } else if (at_exponent && (c == '-' || c == '+')) {
            r.exponent_minus = c == '-';
            at_exponent = 0;
        } else if (got_digit && !r.in_exponent && lower == (r.hex ? 'p' : 'e')) {
            r.in_exponent = 1;
            at_exponent = 1;
        } else if (c == '.' && !r.point && !r.in_exponent) {
            r.point = 1;
        } else {
            hc_scan_back(s, c);
            break;
        }
        any = 1;
        if (spec->width == 0) break;
        c = hc_scan_get(s);
        if (c == HC_EOF) break;
        if (spec->width > 0) spec->width--;
    }
    if (!any || (!r.digits && !r.hex)) return HC_SCAN_FAIL;
    hc_scan_store_real(spec, hc_scan_real_bits(&r, is_double), minus);
    return HC_SCAN_MATCH;
}

/* ------------------------------------------------------------------------------------------------------------------------- text */
/* Stores the character number n. 0, or -1 where there is no memory for it. */
HC_FN int hc_scan_put(hc_scan_spec *spec, int n, int c) {
    if (spec->made) {
        if (hc_line_room(spec->made, &spec->room, (hc_u64)n, 1) < 0) {
            hc_free(*spec->made);
            *spec->made = (char *)0;
            hc_errno_note(HC_ENOMEM);
            return -1;
        }
        (*spec->made)[n] = (char)c;
    } else if (spec->to) {
        ((char *)spec->to)[n] = (char)c;
    }
    return 0;
}
HC_BODY int hc_scan_chars(hc_scan *s, hc_scan_spec *spec) {
    int left = spec->width < 0 ? 1 : spec->width, n = 0, c = hc_scan_get(s);
    if (c == HC_EOF) return HC_SCAN_INPUT;
    HC_ROLLED for (;;) {
        if (hc_scan_put(spec, n++, c)) return HC_SCAN_INPUT;
        if (--left <= 0) break;
        c = hc_scan_get(s);
        if (c == HC_EOF) break;
    }
    return HC_SCAN_MATCH;
}
/* The set of %[, whose text begins behind the bracket: a bit for each character. Its end, or null if it has none. */
HC_BODY const char *hc_scan_set(const char *fmt, hc_u32 *set) {
    hc_u32 i, not_in = *fmt == '^';
    hc_u8 c;
    HC_ROLLED for (i = 0; i < 8u; i++) set[i] = 0;
    if (not_in) fmt++;
    if (*fmt == ']' || *fmt == '-') {
        set[(hc_u8)*fmt >> 5] |= 1u << (*fmt & 31);
        fmt++;
    }
    HC_ROLLED for (; (c = (hc_u8)*fmt) != 0 && c != ']'; fmt++) {
        hc_u8 before = (hc_u8)fmt[-1], after = (hc_u8)fmt[1];
        if (c == '-' && after && after != ']' && before <= after) {
            hc_u32 k;
            HC_ROLLED for (k = before; k < after; k++) set[k >> 5] |= 1u << (k & 31u);
        } else {
            set[c >> 5] |= 1u << (c & 31u);
        }
    }
    if (!c) return (const char *)0;
    if (not_in) {
        HC_ROLLED for (i = 0; i < 8u; i++) set[i] = ~set[i];
    }
    return fmt + 1;
}
/* Characters of a set; without one, everything but space. */
HC_BODY int hc_scan_text(hc_scan *s, hc_scan_spec *spec, const hc_u32 *set) {
    int left = spec->width <= 0 ? 0x7fffffff : spec->width, n = 0, c = hc_scan_get(s);
    if (c == HC_EOF) return HC_SCAN_INPUT;
    HC_ROLLED for (;;) {
        if (set ? !((set[c >> 5] >> (c & 31)) & 1u) : hc_isspace(c)) {
            hc_scan_back(s, c);
            break;
        }
        if (hc_scan_put(spec, n++, c)) return HC_SCAN_INPUT;
        if (--left <= 0) break;
        c = hc_scan_get(s);
        if (c == HC_EOF) break;
    }
    if (set && !n) return HC_SCAN_FAIL;
    return hc_scan_put(spec, n, 0) ? HC_SCAN_INPUT : HC_SCAN_MATCH;
}

/* ---------------------------------------------------------------------------------------------------------------------- formats */
/* Reads a specification behind its %, up to its conversion. What it is refused for, or 0. */
HC_BODY int hc_scan_parse(const char **fmt, hc_scan_spec *spec, int *skip, int *makes) {
    const char *p = *fmt;
    int digits = 0;
    *skip = 0;
    *makes = 0;
    spec->width = -1;
    spec->length = HC_FMT_LEN_NONE;
    spec->made = (char **)0;
    spec->room = 0;
    HC_ROLLED for (; *p == '*' || *p == '\'' || *p == 'I'; p++) *skip |= *p == '*';
    HC_ROLLED for (; hc_isdigit(*p); p++, digits = 1) {
        int digit = *p - '0';
        if (spec->width < 0) spec->width = 0;
        spec->width = spec->width > (0x7fffffff - digit) / 10 ? 0x7fffffff : spec->width * 10 + digit;
    }
    if (digits && *p == '$') return HC_SCAN_REFUSED;
    if (spec->width == 0) spec->width = -1;
    if (*p == 'm') {
        p++;
        if (*p != 'c' && *p != 's' && *p != '[') return HC_SCAN_REFUSED;
        *makes = 1;
    }
    if (*p == 'h') spec->length = *++p == 'h' ? (p++, HC_FMT_LEN_HH) : HC_FMT_LEN_H;
    else if (*p == 'l') spec->length = *++p == 'l' ? (p++, HC_FMT_LEN_LL) : HC_FMT_LEN_L;
    else if (*p == 'j') p++, spec->length = HC_FMT_LEN_J;
    else if (*p == 'z') p++, spec->length = HC_FMT_LEN_Z;
    else if (*p == 't') p++, spec->length = HC_FMT_LEN_T;
    else if (*p == 'q') p++, spec->length = HC_FMT_LEN_LL;
    else if (*p == 'L') return HC_SCAN_REFUSED;
    spec->conv = (hc_u8)*p;
    if (*p) p++;
    *fmt = p;
    return 0;
}
/* One conversion. *fmt stands behind it, also behind the set of %[. */
HC_BODY int hc_scan_convert(hc_scan *s, const char **fmt, hc_scan_spec *spec, int skip, int makes, hc_fmt_va *va) {
    hc_u32 set[8];
    const char *end;
    int wide = spec->length == HC_FMT_LEN_L;
    spec->to = (void *)0;
    if (!skip && spec->conv != '%') spec->to = (void *)HC_VA_ARG(va->list, void *);
    if (makes && spec->to) {
        spec->made = (char **)spec->to;
        *spec->made = (char *)0;
    }
    switch (spec->conv) {
    case 'd': case 'i': case 'o': case 'u': case 'x': case 'X': case 'p': return hc_scan_int(s, spec);
    case 'a': case 'e': case 'f': case 'g': case 'A': case 'E': case 'F': case 'G':
        return spec->length == HC_FMT_LEN_LL ? HC_SCAN_REFUSED : hc_scan_float(s, spec);
    case 'c': return wide ? HC_SCAN_REFUSED : hc_scan_chars(s, spec);
    case 's': return wide ? HC_SCAN_REFUSED : hc_scan_text(s, spec, (const hc_u32 *)0);
    case '[':
        end = hc_scan_set(*fmt, set);
        if (!end) return HC_SCAN_FAIL;
        *fmt = end;
        return wide ? HC_SCAN_REFUSED : hc_scan_text(s, spec, set);
    case '%': {
        int c = hc_scan_get(s);
        if (c == '%') return HC_SCAN_MATCH;
        hc_scan_back(s, c);
        return c == HC_EOF ? HC_SCAN_INPUT : HC_SCAN_FAIL;
    }
    case 'C': case 'S': return HC_SCAN_REFUSED;
    default: return HC_SCAN_FAIL;
    }
}
/* The number of values stored, or EOF. */
HC_BODY int hc_scan_run(hc_scan *s, const char *fmt, hc_fmt_va *va) {
    int done = 0, space = 0, rc = HC_SCAN_MATCH;
    HC_ROLLED while (*fmt && rc == HC_SCAN_MATCH) {
        hc_scan_spec spec;
        int skip, makes;
        if (hc_isspace((hc_u8)*fmt)) {
            space = 1;
            fmt++;
        } else if (*fmt != '%') {
            int c;
            if (space) hc_scan_space(s);
            space = 0;
            c = hc_scan_get(s);
            if (c == (int)(hc_u8)*fmt) {
                fmt++;
            } else {
                hc_scan_back(s, c);
                rc = c == HC_EOF ? HC_SCAN_INPUT : HC_SCAN_FAIL;
            }
        } else {
            fmt++;
            rc = hc_scan_parse(&fmt, &spec, &skip, &makes);
            if (rc) break;
            if (space || (spec.conv != '[' && spec.conv != 'c' && spec.conv != 'n')) hc_scan_space(s);
            space = 0;
            rc = HC_SCAN_MATCH;
            if (spec.conv == 'n') {
                spec.to = (void *)0;
                if (!skip) spec.to = (void *)HC_VA_ARG(va->list, void *);
                hc_scan_store(&spec, (hc_u64)s->taken);
                continue;
            }
            rc = hc_scan_convert(s, &fmt, &spec, skip, makes, va);
            if (rc == HC_SCAN_MATCH && spec.conv != '%' && !skip) done++;
        }
    }
    if (space && rc == HC_SCAN_MATCH) hc_scan_space(s);
    if (s->error) hc_errno_note((int)-s->error);
    if (rc == HC_SCAN_REFUSED) hc_errno_note(HC_EINVAL);
    return done == 0 && (rc == HC_SCAN_INPUT || rc == HC_SCAN_REFUSED) ? HC_EOF : done;
}

/* -------------------------------------------------------------------------------------------------------------------- functions */
HC_BODY int hc_vsscanf_any(const char *text, const char *fmt, HC_VA_LIST list) {
    hc_scan s;
    hc_fmt_va va;
    int n;
    s.text = text;
    s.f = (hc_stream *)0;
    s.taken = 0;
    s.error = 0;
    HC_VA_COPY(va.list, list);
    n = hc_scan_run(&s, fmt, &va);
    HC_VA_END(va.list);
    return n;
}
HC_BODY hc_i64 hc_stream_scan(hc_stream *f, const char *fmt, hc_fmt_va *va) {
    hc_scan s;
    hc_i64 r = hc_stream_to_read(f);
    if (r < 0) return r;
    s.text = (const char *)0;
    s.f = f;
    s.taken = 0;
    s.error = 0;
    r = hc_scan_run(&s, fmt, va);
    return r == HC_EOF ? HC_FILE_END : r;
}
HC_BODY int hc_vfscanf_any(hc_file_t *stream, const char *fmt, HC_VA_LIST list) {
    hc_stream *f = hc_stream_of(stream);
    hc_fmt_va va;
    hc_i64 r = 0;
    HC_VA_COPY(va.list, list);
    HC_STREAM_LOCKED(f, r, hc_stream_scan(f, fmt, &va));
    HC_VA_END(va.list);
    return hc_stream_byte(r);
}
HC_API int hc_vsscanf(const char *text, const char *fmt, HC_VA_LIST list) { HC_SPLIT(hc_vsscanf_any(text, fmt, list), ::vsscanf(text, fmt, list)) }
HC_API int hc_vfscanf(hc_file_t *stream, const char *fmt, HC_VA_LIST list) { HC_SPLIT(hc_vfscanf_any(stream, fmt, list), ::vfscanf(stream, fmt, list)) }
HC_API int hc_vscanf(const char *fmt, HC_VA_LIST list) { HC_SPLIT(hc_vfscanf_any(hc_stream_handle(0), fmt, list), ::vscanf(fmt, list)) }
#define HC_SCAN_CHECKED(fmt, first) __attribute__((format(__scanf__, fmt, first)))
HC_SCAN_CHECKED(2, 3) HC_VARIADIC int hc_sscanf(const char *text, const char *fmt, ...) {
    HC_VA_LIST list;
    int n;
    HC_VA_START(list, fmt);
    n = hc_vsscanf(text, fmt, list);
    HC_VA_END(list);
    return n;
}
HC_SCAN_CHECKED(2, 3) HC_VARIADIC int hc_fscanf(hc_file_t *stream, const char *fmt, ...) {
    HC_VA_LIST list;
    int n;
    HC_VA_START(list, fmt);
    n = hc_vfscanf(stream, fmt, list);
    HC_VA_END(list);
    return n;
}
HC_SCAN_CHECKED(1, 2) HC_VARIADIC int hc_scanf(const char *fmt, ...) {
    HC_VA_LIST list;
    int n;
    HC_VA_START(list, fmt);
    n = hc_vscanf(fmt, list);
    HC_VA_END(list);
    return n;
}
#endif

#endif
