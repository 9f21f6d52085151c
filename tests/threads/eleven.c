/* SPDX-License-Identifier: Apache-2.0
 *
 * The threads of C11.
 */
#include "check.h"
#include <threads.h>
#include <time.h>

static mtx_t lock, twice;
static cnd_t changed;
static tss_t key;
static once_flag flag = ONCE_FLAG_INIT;
static int ready, destroyed, called;
static thread_local int local = 3;

static void once(void) { called++; }
static void destroy(void *value) { destroyed += *(int *)value; }
static int work(void *argument) {
    static int one = 1;
    call_once(&flag, once);
    CHECK_IS(tss_set(key, &one), thrd_success);
    CHECK(tss_get(key) == &one);
    CHECK_IS(local, 3);
    local = 4;
    CHECK_IS(mtx_lock(&lock), thrd_success);
    while (!ready) CHECK_IS(cnd_wait(&changed, &lock), thrd_success);
    ready++;
    CHECK_IS(mtx_unlock(&lock), thrd_success);
    if (argument) thrd_exit(-5);
    return -4;
}

int main(void) {
    thrd_t threads[4];
    struct timespec past = {1, 0}, span = {0, 2000000}, zone = {0, -1};
    int i, result, sum = 0;
    CHECK_IS(mtx_init(&lock, mtx_timed), thrd_success);
    CHECK_IS(mtx_init(&twice, mtx_plain | mtx_recursive), thrd_success);
    CHECK_IS(cnd_init(&changed), thrd_success);
    CHECK_IS(tss_create(&key, destroy), thrd_success);
    for (i = 0; i < 4; i++) CHECK_IS(thrd_create(&threads[i], work, i % 2 ? &lock : NULL), thrd_success);
    CHECK_IS(mtx_lock(&twice), thrd_success);
    CHECK_IS(mtx_trylock(&twice), thrd_success);
    CHECK_IS(mtx_unlock(&twice), thrd_success);
    CHECK_IS(mtx_unlock(&twice), thrd_success);
    CHECK_IS(mtx_lock(&lock), thrd_success);
    CHECK_IS(mtx_trylock(&lock), thrd_busy);
    CHECK_IS(mtx_timedlock(&lock, &past), thrd_timedout);
    CHECK_IS(cnd_timedwait(&changed, &lock, &past), thrd_timedout);
    ready = 1;
    CHECK_IS(cnd_broadcast(&changed), thrd_success);
    CHECK_IS(mtx_unlock(&lock), thrd_success);
    for (i = 0; i < 4; i++) {
        CHECK_IS(thrd_join(threads[i], &result), thrd_success);
        sum += result;
    }
    CHECK_IS(thrd_sleep(&span, NULL), 0);
    CHECK(thrd_sleep(&zone, NULL) < 0);
    CHECK(thrd_equal(thrd_current(), thrd_current()));
    thrd_yield();
    tss_delete(key);
    cnd_destroy(&changed);
    mtx_destroy(&lock);
    printf("results %d, ready %d, destroyed %d, called %d, local %d\n", sum, ready, destroyed, called, local);
    return 0;
}
