/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server does to a printf record that a broken kernel made: any format bytes, without a NUL, with any
 * arguments. Run under AddressSanitizer, where a read or a write too far ends the program. Arguments: seed, rounds. */
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
static unsigned below(unsigned n) { return (unsigned)(draw() >> 20) % n; }

static hc_fmt_arg an_argument(char *text, unsigned len) {
    hc_fmt_arg arg;
    arg.kind = below(6);
    arg.bits = below(4) ? draw() : draw() >> below(64);
    arg.len = (hc_u32)draw();
    arg.space = below(7);
    arg.reserved = 0;
    if (arg.kind == HC_FMT_KIND_STR) {
        /* The one thing that the server checks before it hands a record on. */
        arg.bits = below(8) ? (hc_u64)(size_t)text : 0;
        arg.len = below(len + 1);
    }
    return arg;
}

int main(int argc, char **argv) {
    static const char alphabet[] = "%%%%%%%%**..0123456789-+ #'hljztLdiouxXcspfFeEgGaAn$mCSI\001abc";
    long rounds = argc > 2 ? atol(argv[2]) : 100000, i, refused = 0, done = 0;
    state = argc > 1 ? strtoull(argv[1], 0, 10) | 1u : 1u;
    for (i = 0; i < rounds; i++) {
        const unsigned n = below(24), count = below(5), cap = below(100), len = below(30);
        char *format = malloc(n ? n : 1), *out = malloc(cap ? cap : 1), *text = malloc(len ? len : 1);
        hc_fmt_arg *args = malloc(count ? count * sizeof *args : 1);
        hc_fmt_sink sink = hc_fmt_into(out, cap);
        hc_fmt_cursor cursor;
        hc_i64 total, length;
        unsigned k;
        for (k = 0; k < n; k++) format[k] = alphabet[below(sizeof alphabet - 1)];
        memset(text, 'x', len ? len : 1);
        for (k = 0; k < count; k++) args[k] = an_argument(text, len);
        cursor = hc_fmt_cursor_at(below(7), (hc_u64)(size_t)format, n);
        total = hc_format(&sink, cursor, args, count);
        length = hc_fmt_length(cursor, args, count);
        if (total != length) {
            printf("round %ld: %lld characters written, %lld counted\n", i, total, length);
            return 1;
        }
        if (total < 0) refused++;
        else done++;
        free(args);
        free(text);
        free(out);
        free(format);
    }
    printf("%ld formatted, %ld refused\n", done, refused);
    return done < rounds / 100 || refused < rounds / 100;
}
