/* SPDX-License-Identifier: Apache-2.0
 *
 * realloc keeps what fits, grows from NULL, and leaves the block alone when it fails.
 */
#include <stdint.h>
#include "check.h"

int main(void) {
    char *p = realloc(NULL, 10);
    strcpy(p, "kept");
    for (int n = 10; n < 100000; n *= 3) p = realloc(p, (size_t)n);
    S(p);
    p = realloc(p, 5);
    S(p);
    volatile size_t much = SIZE_MAX / 2 + 5;
    char *q = realloc(p, much);
    I(q == NULL);
    if (q == NULL) {
        S(p);
        free(p);
    }
    return 0;
}
