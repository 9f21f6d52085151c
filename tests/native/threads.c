/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine of threads on C threads that play lanes, without a server: what locks guard are plain variables, so that a sanitizer sees every
 * access that a lock failed to order. Two lanes run main, the others are the pool.
 */
#include "hc/threads.h"
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of lanes.c; server.h is for the other role. */
typedef struct hc_lanes hc_lanes;
hc_lanes *hc_lanes_create(uint32_t max_threads, size_t stack_bytes);
int64_t hc_lanes_launch(hc_lanes *p, void (*entry)(void *), void (*set_self)(hc_host_lane *), const void *args, size_t arg_bytes, uint32_t grid,
                        uint32_t block, void (*on_done)(void *), void *on_done_arg);
int hc_lanes_wait(hc_lanes *p, int64_t ticket, uint64_t timeout_ns);
void hc_lanes_destroy(hc_lanes *p);

#define MAINS 2u
#define POOL 6u
#define WAIT_NS 200000000000ull

#define CHECK(condition)                                                                     \
    do {                                                                                     \
        if (!(condition)) {                                                                  \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, running, #condition);     \
            _Exit(1);                                                                        \
        }                                                                                    \
    } while (0)
#define CHECK_IS(value, wanted)                                                                                          \
    do {                                                                                                                 \
        long long got_ = (long long)(value), wanted_ = (long long)(wanted);                                              \
        if (got_ != wanted_) {                                                                                           \
            fprintf(stderr, "%s:%d: %s: %s is %lld, not %lld\n", __FILE__, __LINE__, running, #value, got_, wanted_);     \
            _Exit(1);                                                                                                    \
        }                                                                                                                \
    } while (0)

static const char *running = "";
static long turns;
static uint64_t seed;
static hc_client client;
static hc_barrier mains;

static uint32_t random_of(uint64_t *state) {
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33);
}
static void set_self(hc_host_lane *self) { hc_self = self; }

/* Runs `function` on n threads of the pool, from the lane of main that calls it. */
static void on_threads(unsigned n, void *(*function)(void *), void *argument) {
    hc_u64 threads[POOL];
    for (unsigned i = 0; i < n; i++) CHECK_IS(hc_pthread_create(&threads[i], NULL, function, argument), 0);
    for (unsigned i = 0; i < n; i++) {
        void *result;
        CHECK_IS(hc_pthread_join(threads[i], &result), 0);
        CHECK(result == argument);
    }
}
static hc_timespec_t soon(uint64_t ns) {
    hc_i64 at = hc_monotonic_ns() + (hc_i64)ns;
    hc_timespec_t t = {(hc_long)(at / HC_BILLION_NS), (hc_long)(at % HC_BILLION_NS)};
    return t;
}

/* ------------------------------------------------------------------------------------------------------------------------ mutex */
static hc_mutex plain, recursive;
static long guarded[2];
static void *count(void *argument) {
    uint64_t state = seed + hc_lane_number();
    for (long i = 0; i < turns; i++) {
        hc_timespec_t at = soon(random_of(&state) % 20000);
        int r = 0;
        switch (random_of(&state) % 3) {
        case 0: r = hc_pthread_mutex_trylock(&plain); break;
        case 1: r = hc_pthread_mutex_clocklock(&plain, HC_CLOCK_MONOTONIC, &at); break;
        default: r = hc_pthread_mutex_lock(&plain); break;
        }
        if (r) {
            CHECK(r == HC_EBUSY || r == HC_ETIMEDOUT);
            CHECK_IS(hc_pthread_mutex_lock(&plain), 0);
        }
        guarded[0]++;
        CHECK_IS(hc_pthread_mutex_unlock(&plain), 0);
        CHECK_IS(hc_pthread_mutex_lock(&recursive), 0);
        CHECK_IS(hc_pthread_mutex_lock(&recursive), 0);
        guarded[1]++;
        CHECK_IS(hc_pthread_mutex_unlock(&recursive), 0);
        CHECK_IS(hc_pthread_mutex_unlock(&recursive), 0);
    }
    return argument;
}
static void case_mutex(void) {
    hc_u32 kind = HC_MUTEX_RECURSIVE;
    hc_pthread_mutex_init(&recursive, &kind);
    on_threads(POOL, count, &plain);
    CHECK_IS(guarded[0], POOL * turns);
    CHECK_IS(guarded[1], POOL * turns);
}

/* ------------------------------------------------------------------------------------------------------------------------- cond */
static hc_mutex lock;
static hc_cond filled, emptied;
static long queue[3], used, made, taken, sum;
static void *produce_or_consume(void *argument) {
    uint64_t state = seed + hc_lane_number();
    int producer;
    hc_pthread_mutex_lock(&lock);
    producer = (int)(made++ % 2); /* one after another, until items are counted */
    hc_pthread_mutex_unlock(&lock);
    for (long i = 0; i < turns; i++) {
        hc_pthread_mutex_lock(&lock);
        while (producer ? used == 3 : used == 0) {
            hc_timespec_t at = soon(random_of(&state) % 30000);
            hc_cond *c = producer ? &emptied : &filled;
            int r = random_of(&state) % 2 ? hc_pthread_cond_wait(c, &lock) : hc_pthread_cond_clockwait(c, &lock, HC_CLOCK_MONOTONIC, &at);
            CHECK(r == 0 || r == HC_ETIMEDOUT);
        }
        if (producer) {
            queue[used++] = i;
            CHECK_IS(hc_pthread_cond_signal(&filled), 0);
        } else {
            sum += queue[--used];
            taken++;
            CHECK_IS(random_of(&state) % 8 ? hc_pthread_cond_signal(&emptied) : hc_pthread_cond_broadcast(&emptied), 0);
        }
        hc_pthread_mutex_unlock(&lock);
    }
    return argument;
}
static void case_cond(void) {
    on_threads(POOL, produce_or_consume, &lock);
    CHECK_IS(taken, POOL / 2 * turns);
    CHECK_IS(sum, (long)(POOL / 2) * (turns * (turns - 1) / 2));
    CHECK_IS(used, 0);
    CHECK_IS(hc_cond_waiting(filled.state), 0);
    CHECK_IS(hc_cond_go(filled.state), 0);
    CHECK_IS(hc_pthread_cond_destroy(&filled), 0);
}

/* ----------------------------------------------------------------------------------------------------------------------- rwlock */
static hc_rwlock rw;
static long left, right;
static void *read_and_write(void *argument) {
    uint64_t state = seed + hc_lane_number();
    for (long i = 0; i < turns; i++) {
        if (random_of(&state) % 4 == 0) {
            CHECK_IS(hc_pthread_rwlock_wrlock(&rw), 0);
            left++;
            right--;
        } else {
            hc_timespec_t at = soon(random_of(&state) % 20000);
            int r = hc_pthread_rwlock_clockrdlock(&rw, HC_CLOCK_MONOTONIC, &at);
            if (r == HC_ETIMEDOUT) r = hc_pthread_rwlock_rdlock(&rw);
            CHECK_IS(r, 0);
            CHECK_IS(left + right, 0);
        }
        CHECK_IS(hc_pthread_rwlock_unlock(&rw), 0);
    }
    return argument;
}
static void case_rwlock(void) {
    on_threads(POOL, read_and_write, &rw);
    CHECK_IS(rw.word, 0);
    CHECK_IS(rw.writers, 0);
}

/* ---------------------------------------------------------------------------------------------------------------------- barrier */
static hc_barrier meet;
static long places[POOL], serials;
static hc_u32 numbers;
static void *meet_often(void *argument) {
    unsigned me = hc_sync_add(&numbers, 1);
    for (long i = 1; i <= turns; i++) {
        places[me] = i;
        if (hc_pthread_barrier_wait(&meet) == HC_BARRIER_SERIAL) serials++;
        for (unsigned k = 0; k < POOL; k++) CHECK_IS(places[k], i);
        (void)hc_pthread_barrier_wait(&meet);
    }
    return argument;
}
static void case_barrier(void) {
    CHECK_IS(hc_pthread_barrier_init(&meet, POOL), 0);
    on_threads(POOL, meet_often, &meet);
    CHECK_IS(serials, turns);
    CHECK_IS(hc_pthread_barrier_destroy(&meet), 0);
}

/* ------------------------------------------------------------------------------------------------------------ semaphores, futexes */
static hc_semaphore room;
static hc_u32 futex;
static long inside;
static void futex_lock(void) {
    if (hc_sync_cas(&futex, 0, 1) == 0) return;
    while (hc_sync_exch(&futex, 2) != 0) (void)hc_futex(&futex, HC_FUTEX_WAIT, 2, NULL, 0);
}
static void futex_unlock(void) {
    if (hc_sync_exch(&futex, 0) == 2) CHECK(hc_futex(&futex, HC_FUTEX_WAKE, 1, NULL, 0) <= 1);
}
static void *one_at_a_time(void *argument) {
    for (long i = 0; i < turns; i++) {
        CHECK_IS(hc_sem_wait(&room), 0);
        inside++;
        CHECK_IS(hc_sem_post(&room), 0);
        futex_lock();
        guarded[0]++;
        futex_unlock();
    }
    return argument;
}
static void case_semaphore(void) {
    guarded[0] = 0;
    CHECK_IS(hc_sem_init(&room, 0, 1), 0);
    on_threads(POOL, one_at_a_time, &room);
    CHECK_IS(inside, POOL * turns);
    CHECK_IS(guarded[0], POOL * turns);
}

/* ------------------------------------------------------------------------------------------------ the pool: both mains start threads */
static hc_u32 key, started;
static void destroy(void *value) { (void)hc_sync_add((hc_u32 *)value, ~0u); }
static void *add_one(void *argument) {
    long *number = argument;
    ++*number; /* of whoever starts and joins */
    (void)hc_sync_add(&started, 1);
    CHECK(hc_pthread_getspecific(key) == NULL);
    CHECK_IS(hc_pthread_setspecific(key, &started), 0);
    if (*number % 5 == 0) hc_pthread_exit(argument);
    return argument;
}
static void case_pool(void) {
    long number = 0, done = 0;
    uint64_t state = seed + hc_lane_number();
    while (done < turns) {
        hc_u64 thread;
        void *result;
        int r = hc_pthread_create(&thread, NULL, add_one, &number);
        if (r == HC_EAGAIN) continue;
        CHECK_IS(r, 0);
        CHECK_IS(hc_pthread_join(thread, &result), 0);
        CHECK(result == &number);
        CHECK_IS(hc_pthread_join(thread, NULL), HC_ESRCH);
        CHECK_IS(number, ++done);
        if (random_of(&state) % 4 == 0) {
            long *other = malloc(sizeof *other);
            CHECK(other);
            *other = 0;
            r = hc_pthread_create(&thread, NULL, add_one, other);
            if (r == 0) CHECK_IS(hc_pthread_join(thread, &result), 0);
            CHECK_IS(*other, r == 0);
            free(other);
        }
    }
}
static void *hold(void *argument) {
    CHECK_IS(hc_sem_wait(&room), 0);
    return argument;
}
static void case_full(void) {
    hc_u64 threads[POOL], one;
    CHECK_IS(hc_sem_init(&room, 0, 0), 0);
    for (unsigned i = 0; i < POOL; i++) CHECK_IS(hc_pthread_create(&threads[i], NULL, hold, NULL), 0);
    CHECK_IS(hc_pthread_create(&one, NULL, hold, NULL), HC_EAGAIN);
    for (unsigned i = 0; i < POOL; i++) CHECK_IS(hc_sem_post(&room), 0);
    for (unsigned i = 0; i < POOL; i++) {
        CHECK_IS(hc_pthread_detach(threads[i]), 0);
        CHECK(hc_pthread_detach(threads[i]) != 0); /* ESRCH if it is over already */
    }
}
/* They wait for ever: the end of the program ends them. */
static hc_semaphore never;
static void *hold_for_ever(void *argument) {
    CHECK_IS(hc_sem_wait(&never), 0);
    return argument;
}
static void case_end(void) {
    hc_u64 one;
    for (unsigned i = 0; i < 2; i++) {
        int r;
        while ((r = hc_pthread_create(&one, NULL, hold_for_ever, NULL)) == HC_EAGAIN) hc_relax(200);
        CHECK_IS(r, 0);
    }
}

static void main_lane(void *arguments) {
    (void)arguments;
    if (hc_thread_id() >= (int)MAINS) {
        hc_threads_serve();
        return;
    }
    if (hc_thread_id() == 0) {
        hc_threads_expect(MAINS, 0);
        CHECK_IS(hc_pthread_key_create(&key, destroy), 0);
        running = "mutex", case_mutex();
        running = "cond", case_cond();
        running = "rwlock", case_rwlock();
        running = "barrier", case_barrier();
        running = "semaphore", case_semaphore();
        running = "pool";
    }
    (void)hc_pthread_barrier_wait(&mains);
    case_pool();
    (void)hc_pthread_barrier_wait(&mains);
    if (hc_thread_id() == 0) {
        CHECK_IS(hc_sync_load(&started), 0); /* every destructor has run */
        running = "full", case_full();
        running = "end", case_end();
        hc_program_ends();
    }
}

int main(int argc, char **argv) {
    static _Alignas(4096) unsigned char heap[4 << 20], control[HC_CONTROL_BYTES];
    const char *scale = getenv("STRESS_SCALE");
    hc_lanes *lanes = hc_lanes_create(MAINS + POOL, 0);
    turns = 2000 / (scale && atoi(scale) > 1 ? 4 : 1);
    seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    client.control = (hc_u64)(uintptr_t)control;
    client.pollers = 1;
    client.heap = (hc_u64)(uintptr_t)heap;
    client.heap_bytes = sizeof heap;
    hc_use_client((hc_u64)(uintptr_t)&client);
    for (int round = 0; round < 3; round++) { /* a module outlives its launches */
        int64_t ticket;
        memset(guarded, 0, sizeof guarded);
        made = taken = sum = left = right = serials = inside = 0;
        numbers = 0;
        CHECK_IS(hc_pthread_barrier_init(&mains, MAINS), 0);
        ticket = hc_lanes_launch(lanes, main_lane, set_self, NULL, 0, 1, MAINS + POOL, NULL, NULL);
        CHECK(ticket > 0);
        CHECK_IS(hc_lanes_wait(lanes, ticket, WAIT_NS), 0);
        CHECK_IS(hc_pthread_key_delete(key), 0);
    }
    hc_lanes_destroy(lanes);
    return 0;
}
