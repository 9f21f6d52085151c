/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads return values, and get their own arguments.
 * libs: -pthread
 */
#include <pthread.h>
#include "check.h"

static void *square(void *p) {
    long n = (long)p;
    return (void *)(n * n);
}

int main(void) {
    pthread_t t[8];
    for (long i = 0; i < 8; i++) I(pthread_create(&t[i], NULL, square, (void *)i));
    for (long i = 0; i < 8; i++) {
        void *r;
        I(pthread_join(t[i], &r));
        I((long)r);
    }
    return 0;
}
