/* SPDX-License-Identifier: Apache-2.0
 *
 * syscall(SYS_futex, ...): a lock and a gate built on it, results, timeouts.
 */
#define _GNU_SOURCE 1
#include "check.h"
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define THREADS 6
#define TURNS 500

static uint32_t lock_word, gate, asleep;
static long counter;

static long wait_while(uint32_t *word, uint32_t value) { return syscall(SYS_futex, word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0); }
static long wake(uint32_t *word, int n) { return syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, n, NULL, NULL, 0); }

/* 0 free, 1 taken, 2 taken and waited for. */
static void lock(void) {
    uint32_t c = 0;
    if (__atomic_compare_exchange_n(&lock_word, &c, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
    while (__atomic_exchange_n(&lock_word, 2, __ATOMIC_ACQUIRE) != 0) wait_while(&lock_word, 2);
}
static void unlock(void) {
    if (__atomic_exchange_n(&lock_word, 0, __ATOMIC_RELEASE) == 2) wake(&lock_word, 1);
}
static void *work(void *argument) {
    int i;
    (void)argument;
    for (i = 0; i < TURNS; i++) {
        lock();
        counter++;
        unlock();
    }
    __atomic_fetch_add(&asleep, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_ACQUIRE) == 0) wait_while(&gate, 0);
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    struct timespec span = {0, 20000000}, at;
    uint32_t word = 5;
    int i;
    for (i = 0; i < THREADS; i++) CHECK_IS(pthread_create(&threads[i], NULL, work, NULL), 0);
    while (__atomic_load_n(&asleep, __ATOMIC_ACQUIRE) < THREADS) sched_yield();
    __atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
    CHECK(wake(&gate, 1000) <= THREADS);
    for (i = 0; i < THREADS; i++) CHECK_IS(pthread_join(threads[i], NULL), 0);
    printf("counter %ld\n", counter);

    CHECK_IS(wake(&word, 1), 0);
    CHECK_IS(wait_while(&word, 4), -1);
    CHECK_IS(errno, EAGAIN);
    CHECK_IS(syscall(SYS_futex, &word, FUTEX_WAIT, 5, &span, NULL, 0), -1);
    CHECK_IS(errno, ETIMEDOUT);
    clock_gettime(CLOCK_MONOTONIC, &at);
    CHECK_IS(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 5, &at, NULL, ~0u), -1);
    CHECK_IS(errno, ETIMEDOUT);
    clock_gettime(CLOCK_REALTIME, &at);
    CHECK_IS(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &at, NULL, 1u), -1);
    CHECK_IS(errno, ETIMEDOUT);
    CHECK_IS(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 5, &at, NULL, 0u), -1);
    CHECK_IS(errno, EINVAL);
    CHECK_IS(syscall(SYS_gettid), gettid());
    CHECK_IS(syscall(-1), -1);
    CHECK_IS(errno, ENOSYS);
    puts("futexes");
    return 0;
}
