/* SPDX-License-Identifier: Apache-2.0
 *
 * aligned_alloc and posix_memalign; what is no power of two is refused.
 */
#include <stdint.h>
#include "check.h"

int main(void) {
    for (size_t a = 8; a <= 4096; a *= 2) {
        void *p = aligned_alloc(a, a * 2), *q = NULL;
        int e = posix_memalign(&q, a, 100);
        printf("%zu %d %d %d\n", a, (uintptr_t)p % a == 0, e, (uintptr_t)q % a == 0);
        free(p);
        free(q);
    }
    void *p = NULL;
    volatile size_t odd = 24, small = 2;
    I(posix_memalign(&p, odd, 100));
    I(posix_memalign(&p, small, 100));
    return 0;
}
