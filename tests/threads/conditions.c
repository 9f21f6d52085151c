/* SPDX-License-Identifier: Apache-2.0
 *
 * Condition variables: producers and consumers through a small queue, timeouts by both clocks, one signal for one waiter, all by broadcast.
 */
#include "check.h"
#include <errno.h>
#include <pthread.h>
#include <time.h>

#define ROOM 4
#define ITEMS 600
#define EACH 3 /* producers, and consumers */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied = PTHREAD_COND_INITIALIZER;
static int queue[ROOM], used, first, made, taken;
static long sum;

static void *produce(void *argument) {
    (void)argument;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (used == ROOM && made < ITEMS) pthread_cond_wait(&emptied, &lock);
        if (made == ITEMS) break;
        queue[(first + used++) % ROOM] = ++made;
        pthread_cond_signal(&filled);
        if (made == ITEMS) pthread_cond_broadcast(&emptied);
        pthread_mutex_unlock(&lock);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}
static void *consume(void *argument) {
    long mine = 0;
    (void)argument;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (used == 0 && taken < ITEMS) pthread_cond_wait(&filled, &lock);
        if (used == 0) break;
        sum += queue[first];
        first = (first + 1) % ROOM;
        used--;
        mine++;
        if (++taken == ITEMS) pthread_cond_broadcast(&filled);
        pthread_cond_signal(&emptied);
        pthread_mutex_unlock(&lock);
    }
    pthread_mutex_unlock(&lock);
    return (void *)mine;
}

static pthread_cond_t gate = PTHREAD_COND_INITIALIZER;
static int waiting, tickets, through;
static void *pass(void *argument) {
    (void)argument;
    pthread_mutex_lock(&lock);
    waiting++;
    while (tickets == 0) pthread_cond_wait(&gate, &lock);
    tickets--;
    through++;
    pthread_cond_signal(&emptied);
    pthread_mutex_unlock(&lock);
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
static int after(clockid_t clock, const struct timespec *t) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec > t->tv_sec || (now.tv_sec == t->tv_sec && now.tv_nsec >= t->tv_nsec);
}

int main(void) {
    pthread_t threads[2 * EACH];
    pthread_condattr_t attr;
    pthread_cond_t steady;
    struct timespec soon, wrong = {0, -1};
    clockid_t clock;
    long all = 0;
    int i;
    for (i = 0; i < EACH; i++) {
        CHECK_IS(pthread_create(&threads[i], NULL, produce, NULL), 0);
        CHECK_IS(pthread_create(&threads[EACH + i], NULL, consume, NULL), 0);
    }
    for (i = 0; i < 2 * EACH; i++) {
        void *result;
        CHECK_IS(pthread_join(threads[i], &result), 0);
        all += (long)result;
    }
    printf("%ld items, sum %ld\n", all, sum);

    pthread_mutex_lock(&lock);
    soon = in_ms(CLOCK_REALTIME, 40);
    CHECK_IS(pthread_cond_timedwait(&gate, &lock, &soon), ETIMEDOUT);
    CHECK(after(CLOCK_REALTIME, &soon));
    CHECK_IS(pthread_cond_timedwait(&gate, &lock, &soon), ETIMEDOUT); /* long past */
    CHECK_IS(pthread_cond_timedwait(&gate, &lock, &wrong), EINVAL);
    CHECK_IS(pthread_condattr_init(&attr), 0);
    CHECK_IS(pthread_condattr_setclock(&attr, CLOCK_PROCESS_CPUTIME_ID), EINVAL);
    CHECK_IS(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC), 0);
    CHECK_IS(pthread_condattr_getclock(&attr, &clock), 0);
    CHECK_IS(clock, CLOCK_MONOTONIC);
    CHECK_IS(pthread_cond_init(&steady, &attr), 0);
    CHECK_IS(pthread_condattr_destroy(&attr), 0);
    soon = in_ms(CLOCK_MONOTONIC, 40);
    CHECK_IS(pthread_cond_timedwait(&steady, &lock, &soon), ETIMEDOUT);
    CHECK(after(CLOCK_MONOTONIC, &soon));
    CHECK_IS(pthread_cond_destroy(&steady), 0);
    pthread_mutex_unlock(&lock);

    /* One signal to six that wait lets one through, as long as there is one ticket. */
    for (i = 0; i < 2 * EACH; i++) CHECK_IS(pthread_create(&threads[i], NULL, pass, NULL), 0);
    pthread_mutex_lock(&lock);
    while (waiting < 2 * EACH) {
        pthread_mutex_unlock(&lock);
        pthread_mutex_lock(&lock);
    }
    for (i = 1; i <= 3; i++) {
        tickets = 1;
        CHECK_IS(pthread_cond_signal(&gate), 0);
        while (through < i) pthread_cond_wait(&emptied, &lock);
        CHECK_IS(through, i);
        CHECK_IS(tickets, 0);
    }
    tickets = 3;
    CHECK_IS(pthread_cond_broadcast(&gate), 0);
    pthread_mutex_unlock(&lock);
    for (i = 0; i < 2 * EACH; i++) CHECK_IS(pthread_join(threads[i], NULL), 0);
    CHECK_IS(through, 2 * EACH);
    CHECK_IS(pthread_cond_destroy(&gate), 0);
    puts("conditions");
    return 0;
}
