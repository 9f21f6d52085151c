/* SPDX-License-Identifier: Apache-2.0
 *
 * strdup and strndup give memory of one's own.
 */
#include "check.h"

int main(void) {
    char source[] = "some text";
    char *a = strdup(source), *b = strndup(source, 4), *c = strndup(source, 100), *d = strdup("");
    source[0] = 'X';
    S(a);
    S(b);
    S(c);
    S(d);
    a[0] = 'Y';
    S(source);
    free(a);
    free(b);
    free(c);
    free(d);
    return 0;
}
