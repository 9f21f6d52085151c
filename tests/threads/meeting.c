/* SPDX-License-Identifier: Apache-2.0
 *
 * Read-write locks, barriers, once, semaphores.
 */
#define _GNU_SOURCE 1
#include "check.h"
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#define THREADS 6
#define TURNS 300

static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t items, done;
static long pair[2];
static int once_calls, round_of[THREADS];

static void first(void) { once_calls++; }

static void *turns(void *argument) {
    long me = (long)argument, serial = 0;
    int i, k;
    CHECK_IS(pthread_once(&once, first), 0);
    CHECK_IS(once_calls, 1);
    for (i = 0; i < TURNS; i++) {
        if ((i + me) % 4 == 0) {
            CHECK_IS(pthread_rwlock_wrlock(&rw), 0);
            pair[0]++;
            pair[1]--;
        } else {
            CHECK_IS(pthread_rwlock_rdlock(&rw), 0);
            if (i % 8 == 1) { /* once more, beside writers that wait */
                CHECK_IS(pthread_rwlock_rdlock(&rw), 0);
                CHECK_IS(pthread_rwlock_unlock(&rw), 0);
            }
            CHECK_IS(pair[0] + pair[1], 0);
        }
        CHECK_IS(pthread_rwlock_unlock(&rw), 0);
    }
    for (i = 1; i <= 50; i++) {
        int r;
        round_of[me] = i;
        r = pthread_barrier_wait(&barrier);
        CHECK(r == 0 || r == PTHREAD_BARRIER_SERIAL_THREAD);
        serial += r != 0;
        for (k = 0; k < THREADS; k++) CHECK_IS(round_of[k], i);
        pthread_barrier_wait(&barrier);
    }
    while (sem_wait(&items) == 0) {
        int left;
        CHECK_IS(sem_post(&done), 0);
        CHECK_IS(sem_getvalue(&items, &left), 0);
        if (serial >= 0 && me >= 0) break;
    }
    return (void *)serial;
}

static void *refused(void *argument) {
    struct timespec soon;
    (void)argument;
    clock_gettime(CLOCK_REALTIME, &soon);
    CHECK_IS(pthread_rwlock_tryrdlock(&rw), EBUSY);
    CHECK_IS(pthread_rwlock_trywrlock(&rw), EBUSY);
    soon.tv_sec += soon.tv_nsec / 980000000;
    soon.tv_nsec = (soon.tv_nsec + 20000000) % 1000000000;
    CHECK_IS(pthread_rwlock_timedrdlock(&rw, &soon), ETIMEDOUT);
    CHECK_IS(pthread_rwlock_timedwrlock(&rw, &soon), ETIMEDOUT);
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    struct timespec past = {1, 0};
    long i, serial = 0;
    void *result;
    CHECK_IS(pthread_barrier_init(&barrier, NULL, 0), EINVAL);
    CHECK_IS(pthread_barrier_init(&barrier, NULL, THREADS), 0);
    CHECK_IS(sem_init(&items, 0, 0), 0);
    CHECK_IS(sem_init(&done, 0, 0), 0);
    for (i = 0; i < THREADS; i++) CHECK_IS(pthread_create(&threads[i], NULL, turns, (void *)i), 0);
    for (i = 0; i < THREADS; i++) CHECK_IS(sem_post(&items), 0);
    for (i = 0; i < THREADS; i++) CHECK_IS(sem_wait(&done), 0);
    for (i = 0; i < THREADS; i++) {
        CHECK_IS(pthread_join(threads[i], &result), 0);
        serial += (long)result;
    }
    printf("%ld %ld, %ld serial\n", pair[0], pair[1], serial);
    CHECK_IS(pthread_barrier_destroy(&barrier), 0);

    errno = 0;
    CHECK_IS(sem_trywait(&items), -1);
    CHECK_IS(errno, EAGAIN);
    CHECK_IS(sem_timedwait(&items, &past), -1);
    CHECK_IS(errno, ETIMEDOUT);
    CHECK_IS(sem_post(&items), 0);
    CHECK_IS(sem_timedwait(&items, &past), 0); /* at once, whatever the time */
    CHECK_IS(sem_init(&items, 0, 0x80000000u), -1);
    CHECK_IS(errno, EINVAL);
    CHECK_IS(sem_init(&items, 0, SEM_VALUE_MAX), 0);
    CHECK_IS(sem_post(&items), -1);
    CHECK_IS(errno, EOVERFLOW);
    CHECK_IS(sem_destroy(&items), 0);

    CHECK_IS(pthread_rwlock_wrlock(&rw), 0);
    CHECK_IS(pthread_rwlock_wrlock(&rw), EDEADLK);
    CHECK_IS(pthread_rwlock_rdlock(&rw), EDEADLK);
    CHECK_IS(pthread_create(&threads[0], NULL, refused, NULL), 0);
    CHECK_IS(pthread_join(threads[0], NULL), 0);
    CHECK_IS(pthread_rwlock_unlock(&rw), 0);
    CHECK_IS(pthread_rwlock_tryrdlock(&rw), 0);
    CHECK_IS(pthread_rwlock_trywrlock(&rw), EBUSY);
    CHECK_IS(pthread_rwlock_unlock(&rw), 0);
    CHECK_IS(pthread_rwlock_destroy(&rw), 0);
    puts("meeting");
    return 0;
}
