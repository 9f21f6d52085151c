/* SPDX-License-Identifier: Apache-2.0
 *
 * pthread_exit from deep down; pthread_self and pthread_equal.
 * libs: -pthread
 */
#include <pthread.h>
#include "check.h"

static pthread_t seen;
static void deep(int n) {
    if (n == 0) pthread_exit((void *)77);
    deep(n - 1);
    puts("never");
}
static void *run(void *p) {
    (void)p;
    seen = pthread_self();
    deep(5);
    return NULL;
}

int main(void) {
    pthread_t t;
    void *r;
    pthread_create(&t, NULL, run, NULL);
    pthread_join(t, &r);
    I((long)r);
    I(pthread_equal(t, seen) != 0);
    I(pthread_equal(t, pthread_self()) != 0);
    I(pthread_equal(pthread_self(), pthread_self()) != 0);
    return 0;
}
