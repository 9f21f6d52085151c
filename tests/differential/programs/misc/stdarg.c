/* SPDX-License-Identifier: Apache-2.0
 *
 * Variable arguments of every promoted kind, copied, and handed on.
 */
#include <stdarg.h>
#include "check.h"

static void show(const char *kinds, ...) {
    va_list args, again;
    char text[100];
    va_start(args, kinds);
    va_copy(again, args);
    for (const char *k = kinds; *k; k++) {
        if (*k == 'i') printf("%d ", va_arg(args, int));
        if (*k == 'l') printf("%lld ", va_arg(args, long long));
        if (*k == 'd') printf("%g ", va_arg(args, double));
        if (*k == 's') printf("%s ", va_arg(args, char *));
    }
    vsnprintf(text, sizeof text, "%d %g %s %lld", again);
    S(text);
    va_end(again);
    va_end(args);
}

int main(void) {
    show("idslidi", 1, 2.5, "three", 4LL << 40, 5, 6.25, 7);
    show("idsl", (char)-1, 1.5f, "", (long long)-2);
    show("idsliiiiiiiiiiiiiiidddddddddddd", 1, 2.0, "x", 3LL, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12.);
    return 0;
}
