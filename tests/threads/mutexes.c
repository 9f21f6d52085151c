/* SPDX-License-Identifier: Apache-2.0
 *
 * Kinds of mutexes and what each answers; counters under contention; spin locks.
 */
#define _GNU_SOURCE 1
#include "check.h"
#include <errno.h>
#include <pthread.h>
#include <time.h>

#define THREADS 8
#define TURNS 2000

static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER, recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP, checking, held;
static pthread_spinlock_t spin;
static long counters[3];

static void *count(void *argument) {
    int i;
    (void)argument;
    for (i = 0; i < TURNS; i++) {
        pthread_mutex_lock(&plain);
        counters[0]++;
        pthread_mutex_unlock(&plain);
        pthread_mutex_lock(&recursive);
        pthread_mutex_lock(&recursive);
        counters[1]++;
        pthread_mutex_unlock(&recursive);
        pthread_mutex_unlock(&recursive);
        pthread_spin_lock(&spin);
        counters[2]++;
        pthread_spin_unlock(&spin);
    }
    return NULL;
}

static struct timespec in_ms(clockid_t clock, long ms) {
    struct timespec t;
    clock_gettime(clock, &t);
    t.tv_nsec += ms * 1000000;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

/* Against a lock that main holds. */
static void *refused(void *argument) {
    struct timespec soon = in_ms(CLOCK_REALTIME, 30), past = {1, 0}, wrong = {1, 1000000000}, steady = in_ms(CLOCK_MONOTONIC, 30);
    (void)argument;
    CHECK_IS(pthread_mutex_trylock(&held), EBUSY);
    CHECK_IS(pthread_mutex_timedlock(&held, &soon), ETIMEDOUT);
    CHECK_IS(pthread_mutex_timedlock(&held, &past), ETIMEDOUT);
    CHECK_IS(pthread_mutex_timedlock(&held, &wrong), EINVAL);
    CHECK_IS(pthread_mutex_clocklock(&held, CLOCK_MONOTONIC, &steady), ETIMEDOUT);
    CHECK_IS(pthread_mutex_trylock(&checking), EBUSY);
    CHECK_IS(pthread_mutex_unlock(&checking), EPERM);
    CHECK_IS(pthread_mutex_unlock(&recursive), EPERM);
    CHECK_IS(pthread_spin_trylock(&spin), EBUSY);
    return (void *)1;
}

int main(void) {
    pthread_t threads[THREADS];
    pthread_mutexattr_t attr;
    struct timespec past = {1, 0};
    void *result;
    int i, type;
    CHECK_IS(pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE), 0);
    for (i = 0; i < THREADS; i++) CHECK_IS(pthread_create(&threads[i], NULL, count, NULL), 0);
    for (i = 0; i < THREADS; i++) CHECK_IS(pthread_join(threads[i], NULL), 0);
    printf("%ld %ld %ld\n", counters[0], counters[1], counters[2]);

    CHECK_IS(pthread_mutexattr_init(&attr), 0);
    CHECK_IS(pthread_mutexattr_gettype(&attr, &type), 0);
    CHECK_IS(type, PTHREAD_MUTEX_DEFAULT);
    CHECK_IS(pthread_mutexattr_settype(&attr, 77), EINVAL);
    CHECK_IS(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK), 0);
    CHECK_IS(pthread_mutex_init(&checking, &attr), 0);
    CHECK_IS(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE), 0);
    CHECK_IS(pthread_mutexattr_gettype(&attr, &type), 0);
    CHECK_IS(type, PTHREAD_MUTEX_RECURSIVE);
    CHECK_IS(pthread_mutexattr_destroy(&attr), 0);
    CHECK_IS(pthread_mutex_init(&held, NULL), 0);

    CHECK_IS(pthread_mutex_unlock(&checking), EPERM);
    CHECK_IS(pthread_mutex_lock(&checking), 0);
    CHECK_IS(pthread_mutex_lock(&checking), EDEADLK);
    CHECK_IS(pthread_mutex_trylock(&checking), EBUSY);
    CHECK_IS(pthread_mutex_timedlock(&held, &past), 0); /* free: taken, whatever the time */
    CHECK_IS(pthread_mutex_trylock(&held), EBUSY);
    CHECK_IS(pthread_mutex_trylock(&recursive), 0);
    CHECK_IS(pthread_mutex_trylock(&recursive), 0);
    CHECK_IS(pthread_mutex_unlock(&recursive), 0);
    CHECK_IS(pthread_spin_lock(&spin), 0);
    CHECK_IS(pthread_create(&threads[0], NULL, refused, NULL), 0);
    CHECK_IS(pthread_join(threads[0], &result), 0);
    CHECK(result == (void *)1);
    CHECK_IS(pthread_spin_unlock(&spin), 0);
    CHECK_IS(pthread_spin_destroy(&spin), 0);
    CHECK_IS(pthread_mutex_destroy(&held), EBUSY);
    CHECK_IS(pthread_mutex_unlock(&held), 0);
    CHECK_IS(pthread_mutex_destroy(&held), 0);
    CHECK_IS(pthread_mutex_unlock(&checking), 0);
    CHECK_IS(pthread_mutex_unlock(&recursive), 0);
    CHECK_IS(pthread_mutex_unlock(&recursive), EPERM);
    puts("mutexes");
    return 0;
}
