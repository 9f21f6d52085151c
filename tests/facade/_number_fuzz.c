/* SPDX-License-Identifier: Apache-2.0
 *
 * Random numerals through the device's strto* and through the machine's libc: same value to the last bit, same end,
 * same errno. Arguments: seed, rounds. Prints the cases that differ. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HC_HOST_SERVER 1
#define HC_SET_ERRNO(code) (errno = (code))
#include "hc/numbers.h"

static unsigned long long state;
static unsigned long long draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1dull;
}
static int below(int n) { return (int)((draw() >> 20) % (unsigned)n); }

static char text[8192];
static long failures;

/* A decimal exactly between two neighbouring doubles, left as it is or nudged in a digit far down. */
static void halfway(double x) {
    double next = nextafter(x, INFINITY);
    char *e;
    if (isinf(next) || isnan(next) || isnan(x)) x = 1.5, next = nextafter(x, INFINITY);
    /* long double has the bit below the last one of a double, also next to the smallest doubles. */
    snprintf(text, sizeof text, "%.*Le", 755 + below(50), ((long double)x + (long double)next) / 2);
    e = strchr(text, 'e');
    switch (below(3)) {
    case 0: break;
    case 1: {
        char tail[16];
        strcpy(tail, e);
        strcpy(e, "0000000001");
        strcat(e, tail);
        break;
    }
    default:
        while (*--e == '0') *e = '9';
        if (*e > '0' && *e <= '9') --*e;
    }
}

static const char *const edges[] = {
    "inf", "InFinity", "infinit", "nan", "nan(1)", "nan(", ".", "e5", ".e5", "0x", "0x.p1", "0x.8p", "1e", "1e+",
    "1.e-x", "..5", "00.0e99999999999999999999", "1e-99999999999", "9007199254740993", "1e23", "8.5e-324",
};

static void a_real(void) {
    union {
        double value;
        unsigned long long bits;
    } x;
    x.bits = draw();
    if (!below(4)) x.bits &= 0x800fffffffffffffull;
    switch (below(10)) {
    case 0: sprintf(text, "%.17g", x.value); break;
    case 1: sprintf(text, "%.*e", below(900), x.value); break;
    case 2: sprintf(text, "%d.%llue%d", below(1000), draw(), below(700) - 350); break;
    case 3: sprintf(text, "%llu", draw()); break;
    case 4: sprintf(text, "%s%a", below(2) ? " \t" : "", x.value); break;
    case 5: sprintf(text, "0.%0*d%llu", below(340), 0, draw()); break;
    case 6: sprintf(text, "0x%llx.%llxp%d", draw(), draw(), below(2300) - 1150); break;
    case 7: sprintf(text, "%s%s", below(2) ? "-" : "+", edges[below((int)(sizeof edges / sizeof *edges))]); break;
    default: halfway(x.value); break;
    }
    if (!below(10)) strcat(text, "xyz");
    if (!below(20)) strcat(text, "e");
}

static void an_integer(void) {
    static const char letters[] = "0123456789abcxXzZ-+ \t9999";
    const int n = below(26), digits = below(2);
    int i;
    for (i = 0; i < n; i++) {
        text[i] = letters[below(digits ? 10 : (int)sizeof letters - 1)];
        if (i == 0 && !below(3)) text[i] = "-+ "[below(3)];
        if (i > 0 && i < 3 && !below(4)) text[i] = "0x"[below(2)];
    }
    text[n] = 0;
}

#define BOTH(type, conv, wanted, got, same)                                                                  \
    do {                                                                                                     \
        char *ea = text, *eb = text;                                                                         \
        type a, b;                                                                                           \
        int ra, rb;                                                                                          \
        errno = 0, a = wanted, ra = errno;                                                                   \
        errno = 0, b = got, rb = errno;                                                                      \
        if ((!(same) || ea != eb || ra != rb) && failures++ < 20)                                            \
            printf(#wanted " [%.160s]: " conv " end %ld errno %d, ours " conv " end %ld errno %d\n", text, a, \
                   (long)(ea - text), ra, b, (long)(eb - text), rb);                                         \
    } while (0)
#define REAL(type, theirs, ours) \
    BOTH(type, "%a", theirs(text, &ea), ours(text, &eb), !memcmp(&a, &b, sizeof a) || (isnan(a) && isnan(b)))
#define INTEGER(type, theirs, ours, conv) BOTH(type, conv, theirs(text, &ea, base), ours(text, &eb, base), a == b)

int main(int argc, char **argv) {
    long rounds = argc > 2 ? atol(argv[2]) : 100000, i;
    state = argc > 1 ? strtoull(argv[1], 0, 10) | 1u : 1u;
    for (i = 0; i < rounds; i++) {
        const int base = below(2) ? (int[]){0, 10, 16, 8}[below(4)] : 2 + below(35);
        a_real();
        REAL(double, strtod, hc_strtod);
        REAL(float, strtof, hc_strtof);
        an_integer();
        INTEGER(long, strtol, hc_strtol, "%ld");
        INTEGER(long long, strtoll, hc_strtoll, "%lld");
        INTEGER(unsigned long, strtoul, hc_strtoul, "%lu");
        INTEGER(unsigned long long, strtoull, hc_strtoull, "%llu");
        if (hc_atoi(text) != atoi(text) || hc_atol(text) != atol(text) || hc_atoll(text) != atoll(text)) {
            failures++;
            printf("ato* [%s]\n", text);
        }
    }
    for (i = 0; i < 3; i++) {
        char *end = text + 1;
        errno = 0;
        if (hc_strtol("12", &end, (int[]){-1, 1, 37}[i]) != 0 || errno != EINVAL || end != text + 1) failures++;
    }
    if (hc_div(-7, 2).quot != -3 || hc_div(-7, 2).rem != -1 || hc_lldiv(7, -2).rem != 1 || hc_abs(-3) != 3) failures++;
    printf("%ld of %ld rounds differ\n", failures, rounds);
    return failures != 0;
}
