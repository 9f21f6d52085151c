/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads that come and go: a thousand one after another, detached ones, ones that start others, errors of those who wait for them.
 */
#define _GNU_SOURCE 1
#include "check.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ended, release;

static void *add(void *argument) { return (void *)((long)argument + 1); }
static void *last(void *argument) {
    pthread_mutex_lock(&lock);
    ended += (int)(long)argument;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    return NULL;
}
static void *hold(void *argument) {
    pthread_mutex_lock(&lock);
    while (!release) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return argument;
}
/* The sum of 1..n by a tree of threads. */
struct range {
    long from, to;
};
static long sum_of(struct range r);
static void *half(void *argument) {
    struct range *r = argument;
    r->from = sum_of(*r);
    return NULL;
}
static long sum_of(struct range r) {
    struct range *left;
    pthread_t thread;
    long right, sum;
    if (r.to - r.from < 100) {
        for (sum = 0; r.from <= r.to; r.from++) sum += r.from;
        return sum;
    }
    left = malloc(sizeof *left);
    CHECK(left);
    left->from = r.from;
    left->to = r.from + (r.to - r.from) / 2;
    r.from = left->to + 1;
    CHECK_IS(pthread_create(&thread, NULL, half, left), 0);
    right = sum_of(r);
    CHECK_IS(pthread_join(thread, NULL), 0);
    sum = left->from + right;
    free(left);
    return sum;
}

int main(void) {
    pthread_attr_t attr;
    pthread_t thread;
    struct range all = {1, 1600};
    struct timespec past = {1, 0};
    size_t size;
    void *result;
    long i, sum = 0;
    int state, low, high;
    for (i = 0; i < 1000; i++) {
        CHECK_IS(pthread_create(&thread, NULL, add, (void *)i), 0);
        CHECK_IS(pthread_join(thread, &result), 0);
        sum += (long)result;
    }
    printf("sum %ld\n", sum);

    CHECK_IS(pthread_attr_init(&attr), 0);
    CHECK_IS(pthread_attr_getdetachstate(&attr, &state), 0);
    CHECK_IS(state, PTHREAD_CREATE_JOINABLE);
    CHECK_IS(pthread_attr_setdetachstate(&attr, 5), EINVAL);
    CHECK_IS(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED), 0);
    CHECK_IS(pthread_attr_setstacksize(&attr, 1), EINVAL);
    CHECK_IS(pthread_attr_setstacksize(&attr, 65536), 0);
    CHECK_IS(pthread_attr_getstacksize(&attr, &size), 0);
    CHECK_IS(size, 65536);
    for (i = 0; i < 5; i++) {
        CHECK_IS(pthread_create(&thread, &attr, last, (void *)1), 0);
        CHECK_IS(pthread_create(&thread, NULL, last, (void *)10), 0);
        CHECK_IS(pthread_detach(thread), 0);
    }
    CHECK_IS(pthread_attr_destroy(&attr), 0);
    pthread_mutex_lock(&lock);
    while (ended != 55) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);

    CHECK_IS(pthread_create(&thread, NULL, hold, &attr), 0);
    CHECK_IS(pthread_tryjoin_np(thread, NULL), EBUSY);
    CHECK_IS(pthread_timedjoin_np(thread, NULL, &past), ETIMEDOUT);
    pthread_mutex_lock(&lock);
    release = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    CHECK_IS(pthread_join(thread, &result), 0);
    CHECK(result == &attr);

    printf("tree %ld\n", sum_of(all));
    CHECK_IS(pthread_getattr_np(pthread_self(), &attr), 0);
    CHECK_IS(pthread_attr_getstack(&attr, &result, &size), 0);
#ifndef __NVPTX__ /* locals of a function that starts threads are elsewhere there */
    CHECK((char *)&attr >= (char *)result && (char *)&attr < (char *)result + size);
#endif
    CHECK_IS(pthread_attr_destroy(&attr), 0);
    low = sched_get_priority_min(SCHED_FIFO);
    high = sched_get_priority_max(SCHED_FIFO);
    printf("priorities %d to %d, %d\n", low, high, sched_get_priority_max(SCHED_OTHER));
    CHECK_IS(sched_get_priority_max(99), -1);
    CHECK_IS(errno, EINVAL);
    CHECK_IS(sched_yield(), 0);
    CHECK_IS(pthread_atfork(NULL, NULL, NULL), 0);
    puts("lives");
    return 0;
}
