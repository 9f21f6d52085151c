/* SPDX-License-Identifier: Apache-2.0
 *
 * Recursive and error-checking mutexes, trylock.
 * libs: -pthread
 */
#include <pthread.h>
#include "check.h"

int main(void) {
    pthread_mutex_t m;
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    I(pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE));
    I(pthread_mutex_init(&m, &a));
    I(pthread_mutex_lock(&m));
    I(pthread_mutex_lock(&m));
    I(pthread_mutex_trylock(&m));
    I(pthread_mutex_unlock(&m));
    I(pthread_mutex_unlock(&m));
    I(pthread_mutex_unlock(&m));
    I(pthread_mutex_destroy(&m));
    I(pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK));
    I(pthread_mutex_init(&m, &a));
    I(pthread_mutex_unlock(&m));
    I(pthread_mutex_lock(&m));
    I(pthread_mutex_lock(&m));
    I(pthread_mutex_unlock(&m));
    I(pthread_mutexattr_settype(&a, 99));
    pthread_mutexattr_destroy(&a);
    pthread_mutex_t n = PTHREAD_MUTEX_INITIALIZER;
    I(pthread_mutex_trylock(&n));
    I(pthread_mutex_trylock(&n));
    I(pthread_mutex_unlock(&n));
    return 0;
}
