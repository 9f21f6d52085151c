/* SPDX-License-Identifier: Apache-2.0
 *
 * A megabyte of text through the functions that scan it.
 */
#include "check.h"

int main(void) {
    size_t n = 1 << 20;
    char *a = malloc(n + 1), *b = malloc(n + 1);
    memset(a, 'a', n);
    a[n] = 0;
    memcpy(b, a, n + 1);
    I(strlen(a));
    I(strcmp(a, b));
    b[n - 1] = 'b';
    SIGN(strcmp(a, b));
    I(strchr(b, 'b') - b);
    I(strstr(b, "ab") - b);
    I(strspn(b, "a"));
    memmove(a + 1, a, n - 1);
    a[0] = 'x';
    I(strrchr(a, 'x') - a);
    free(a);
    free(b);
    return 0;
}
