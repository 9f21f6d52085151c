/* SPDX-License-Identifier: Apache-2.0
 *
 * The v-forms.
 * stdin: 5 six\n
 */
#include <stdarg.h>
#include "check.h"

static int from_text(const char *text, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsscanf(text, format, args);
    va_end(args);
    return n;
}
static int from_stdin(const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vscanf(format, args);
    va_end(args);
    return n;
}

int main(void) {
    int a;
    char b[8];
    I(from_text("77 x", "%d %7s", &a, b));
    printf("%d %s\n", a, b);
    I(from_stdin("%d %7s", &a, b));
    printf("%d %s\n", a, b);
    return 0;
}
