/* SPDX-License-Identifier: Apache-2.0
 *
 * Random conversions through the device's formatter and through the machine's libc: same bytes, same result, nothing
 * past the buffer. Arguments: seed, rounds. Prints the cases that differ. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HC_HOST_SERVER 1
#include "hc/format.h"

static unsigned long long state;
static unsigned long long draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1dull;
}
static int below(int n) { return (int)((draw() >> 20) % (unsigned)n); }

/* Doubles where rounding is hard or the digits are many, and the ones that programs print. */
static double a_double(void) {
    union {
        unsigned long long bits;
        double value;
    } both;
    const unsigned long long sign = draw() & 0x8000000000000000ull;
    both.bits = draw();
    switch (below(10)) {
    case 0: return both.value;
    case 1: both.bits &= 0x800fffffffffffffull; return both.value;
    case 2: return (double)(long long)draw() / 1000;
    case 3: return (double)below(100000) / (double)(1 << below(16));
    case 4: return (double)below(1000000) / 100.0;
    case 5: return (double)(below(20000001) - 10000000) + 0.5;
    case 6:
        both.bits = sign | (unsigned long long)(1023 - 60 + below(120)) << 52 | (below(3) ? 0 : draw() >> 12);
        return both.value;
    case 7: return pow(10.0, below(618) - 309) * (below(2) ? 1.0 : 9.99999999999999);
    case 8: return nextafter(pow(10.0, below(40) - 20), below(2) ? INFINITY : 0);
    default:
        both.bits = sign | (below(2) ? 0x7ff0000000000000ull : 0) | (below(2) ? 0 : 1ull << below(52));
        return both.value;
    }
}

static char format[64], ours[16384], theirs[16384];
static long failures;

static void compare(int a, int b, size_t size, const char *what) {
    const size_t looked_at = size < 64 ? 64 : size;
    if (a == b && !memcmp(ours, theirs, looked_at)) return;
    if (failures++ < 20)
        printf("%s with %s, size %zu\n  libc %d [%.200s]\n  ours %d [%.200s]\n", format, what, size, a, theirs, b,
               ours);
}

static size_t prepare(void) {
    const size_t size = below(8) ? sizeof ours : (size_t)below(40);
    memset(ours, 'Z', sizeof ours);
    memset(theirs, 'Z', sizeof theirs);
    return size;
}

/* A conversion with its flags, width and precision in `format`. */
static void make(const char *flags, int max_precision, const char *length, char conv) {
    int n = 0, i;
    format[n++] = '%';
    for (i = 0; flags[i]; i++)
        if (!below(4)) format[n++] = flags[i];
    if (!below(3)) n += sprintf(format + n, "%d", 1 + below(60));
    if (below(3)) n += sprintf(format + n, ".%d", below(8) ? below(22) : below(max_precision));
    sprintf(format + n, "%s%c", length, conv);
}

/* %#g of a value that rounds up to a power of ten: C asks for the zeros that # keeps, and glibc 2.36 loses them. What
 * it prints for the same digits by %#e is right. */
static int libc_double(char *out, size_t size, double x) {
    const char conv = format[strlen(format) - 1];
    char *point = strchr(format, '.'), probe[2048], other[72];
    int precision = point ? atoi(point + 1) : 6, exponent;
    if ((conv != 'g' && conv != 'G') || !strchr(format, '#') || isnan(x) || isinf(x))
        return snprintf(out, size, format, x);
    if (!precision) precision = 1;
    snprintf(probe, sizeof probe, "%.*e", precision - 1, x);
    exponent = atoi(strchr(probe, 'e') + 1);
    if (exponent != precision) return snprintf(out, size, format, x);
    strcpy(other, format);
    if (!point) point = format + strcspn(format, "lgG");
    sprintf(other + (point - format), ".%d%c", precision - 1, conv == 'g' ? 'e' : 'E');
    return snprintf(out, size, other, x);
}

static int format_one(char *out, size_t size, hc_fmt_arg arg) {
    hc_fmt_sink sink = hc_fmt_into(out, size ? size - 1 : 0);
    const hc_i64 total = hc_format(&sink, hc_fmt_text(format), &arg, 1);
    if (size) out[sink.total < sink.cap ? sink.total : sink.cap] = 0;
    return (int)total;
}

static void doubles(void) {
    union {
        double value;
        unsigned long long bits;
    } x;
    char what[64];
    size_t size;
    int a;
    x.value = a_double();
    make("-+ #0'", 1400, below(8) ? "" : "l", "feEgGaAF"[below(8)]);
    size = prepare();
    sprintf(what, "%a", x.value);
    a = libc_double(theirs, size, x.value);
    compare(a, hc_snprintf(ours, size, format, x.value), size, what);
    memset(ours, 'Z', sizeof ours);
    compare(a, format_one(ours, size, hc_fmt_arg_of(HC_FMT_KIND_DOUBLE, x.bits, HC_SPACE_FLAT)), size, "record");
}

static void integers(void) {
    static const char *const lengths[] = {"hh", "h", "", "l", "ll", "j", "z", "t"};
    const int length = below(8);
    const char conv = "diouxX"[below(6)];
    long long value = (long long)(draw() >> below(64));
    char what[64];
    size_t size;
    int a;
    if (below(2)) value = -value;
    if (!below(8)) value = below(3) - 1;
    make(conv == 'd' || conv == 'i' ? "-+ 0'" : conv == 'u' ? "-0'" : "-#0", 100, lengths[length], conv);
    size = prepare();
    sprintf(what, "%lld", value);
    if (length < 3) {
        a = snprintf(theirs, size, format, (int)value);
        compare(a, hc_snprintf(ours, size, format, (int)value), size, what);
        value = (int)value;
    } else {
        a = snprintf(theirs, size, format, value);
        compare(a, hc_snprintf(ours, size, format, value), size, what);
    }
    memset(ours, 'Z', sizeof ours);
    compare(a, format_one(ours, size, hc_fmt_arg_of(HC_FMT_KIND_INT, (hc_u64)value, HC_SPACE_FLAT)), size, "record");
}

static void texts(void) {
    char *text = malloc(41); /* on the heap, so that a sanitizer sees a read too far */
    void *pointer;
    size_t size;
    int i, n = below(40), a, b;
    for (i = 0; i < n; i++) text[i] = (char)(1 + below(255));
    switch (below(4)) {
    case 0:
        make("-", 50, "", 'c');
        size = prepare();
        a = snprintf(theirs, size, format, n * 7);
        b = hc_snprintf(ours, size, format, n * 7);
        break;
    case 1:
        make("-+ ", 50, "", 'p');
        size = prepare();
        pointer = below(4) ? text : 0;
        a = snprintf(theirs, size, format, pointer);
        b = hc_snprintf(ours, size, format, pointer);
        break;
    case 2:
        text[n] = 0;
        make("-", 50, "", 's');
        size = prepare();
        a = snprintf(theirs, size, format, text);
        b = hc_snprintf(ours, size, format, text);
        break;
    default: {
        /* No NUL: the precision is what keeps the formatter inside. */
        char *exact = malloc((size_t)n + 1), *view = exact + 1;
        memcpy(view, text, (size_t)n);
        sprintf(format, "%%%s%d.*s", below(2) ? "-" : "", 1 + below(50));
        size = prepare();
        a = snprintf(theirs, size, format, n, view);
        b = hc_snprintf(ours, size, format, n, view);
        free(exact);
        break;
    }
    }
    compare(a, b, size, "text");
    free(text);
}

int main(int argc, char **argv) {
    long rounds = argc > 2 ? atol(argv[2]) : 100000, i;
    state = argc > 1 ? strtoull(argv[1], 0, 10) | 1u : 1u;
    for (i = 0; i < rounds; i++) {
        doubles();
        integers();
        texts();
    }
    printf("%ld of %ld rounds differ\n", failures, rounds);
    return failures != 0;
}
