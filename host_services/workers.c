/* SPDX-License-Identifier: Apache-2.0
 *
 * The worker pool: threads that run services which may sleep. Calls queue without limit (their number is bounded by
 * slots and tickets); a worker never waits for an event, those are parked.
 *
 * Handing over costs the poller one compare-and-swap and never a lock, so a worker that lost its core in mid-step
 * cannot hold a poller up. A system call to wake somebody is made only when no worker is looking for work: one that
 * finds more than it can run wakes the next, so a burst wakes as many workers as it needs and its poller wakes one.
 *
 * The counters `looking` and `asleep` answer two questions that must not cross: "is there work?" by a worker that goes
 * to sleep, "is somebody asleep?" by whoever brings work. Each side writes its own first and reads the other's second,
 * all sequentially consistent; at least one of the two then sees the other.
 */
#include "server_internal.h"
#include <sched.h>

#define LOOK_US  20u  /* any worker that ran out of work looks so long for more */
#define STAND_US 200u /* one of them goes on looking: waking a sleeper costs more than most calls */

int hc_workers_create(hc_server *s) {
    hc_workers *w = &s->workers;
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
#if defined(__GLIBC__)
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ADAPTIVE_NP); /* held for some loads and stores: sleeping on it is dearer */
#endif
    pthread_mutex_init(&w->lock, &kind);
    pthread_mutexattr_destroy(&kind);
    sem_init(&w->tokens, 0, 0);
    w->count = s->o.workers ? s->o.workers : 1;
    w->threads = calloc(w->count, sizeof *w->threads);
    w->tallies = calloc(w->count, sizeof *w->tallies);
    if (!w->threads || !w->tallies) return -ENOMEM;
    for (uint32_t i = 0; i < w->count; i++)
        if (!(w->tallies[i] = calloc(1, sizeof *w->tallies[i]))) return -ENOMEM;
    return 0;
}

void hc_workers_destroy(hc_server *s) {
    hc_workers *w = &s->workers;
    for (uint32_t i = 0; w->tallies && i < w->count; i++) free(w->tallies[i]);
    free(w->tallies);
    free(w->threads);
    sem_destroy(&w->tokens);
    pthread_mutex_destroy(&w->lock);
}

static void finish_all(hc_call *c, int64_t result) {
    for (uint32_t r = 0; r < c->lanes; r++) c->result[r] = result;
    hc_call_finish(c);
}

/* ------------------------------------------------------------------------------------------------------- who sleeps */
/* Takes one sleeper off the count; false: there is none, or each of them has its token already. */
static bool less_one_asleep(hc_workers *w) {
    uint32_t n = atomic_load(&w->asleep);
    while (n && !atomic_compare_exchange_weak(&w->asleep, &n, n - 1)) {}
    return n != 0;
}

static bool wake_one(hc_workers *w) {
    if (!less_one_asleep(w)) return false;
    (void)sem_post(&w->tokens);
    return true;
}

static void tell(hc_workers *w) {
    if (!atomic_load(&w->looking)) (void)wake_one(w);
}

/* ------------------------------------------------------------------------------------------------------------ queue */
/* Two lists: the inbox, newest first, where anybody pushes, and behind the workers' lock what was taken out of it,
 * oldest first. Only the whole inbox is ever taken, so a push that compares one address cannot be deceived. */
void hc_call_enqueue(hc_call *c, hc_service_fn fn) {
    hc_workers *w = &c->server->workers;
    hc_call *newest = atomic_load_explicit(&w->inbox, memory_order_relaxed);
    c->then = fn;
    do c->next = newest;
    while (!atomic_compare_exchange_weak(&w->inbox, &newest, c));
    tell(w);
}

static bool has_work(hc_workers *w) { return atomic_load(&w->inbox) || atomic_load(&w->ready); }

static hc_call *oldest_first(hc_call *newest) {
    hc_call *list = NULL;
    while (newest) {
        hc_call *c = newest;
        newest = c->next;
        c->next = list;
        list = c;
    }
    return list;
}

/* With the lock held: the oldest call, or NULL. Whether another is left is for all to see afterwards, so that nobody
 * goes to sleep beside it. */
static hc_call *pop_if(hc_workers *w, hc_service_fn fn, bool (*same)(const hc_call *c, int64_t key), int64_t key) {
    if (!w->head) w->head = oldest_first(atomic_exchange(&w->inbox, NULL));
    hc_call *c = w->head;
    if (c && fn && (c->then != fn || !same(c, key))) c = NULL;
    if (c) {
        w->head = c->next;
        c->next = NULL;
    }
    if (atomic_load_explicit(&w->ready, memory_order_relaxed) != (w->head != NULL)) atomic_store(&w->ready, w->head != NULL);
    return c;
}

/* *more: others are left behind it. */
static hc_call *pop(hc_workers *w, bool *more) {
    pthread_mutex_lock(&w->lock);
    hc_call *c = pop_if(w, NULL, NULL, 0);
    *more = has_work(w);
    pthread_mutex_unlock(&w->lock);
    return c;
}

hc_call *hc_call_next_if(hc_server *s, hc_service_fn fn, bool (*same)(const hc_call *c, int64_t key), int64_t key) {
    hc_workers *w = &s->workers;
    if (!has_work(w)) return NULL;
    pthread_mutex_lock(&w->lock);
    hc_call *c = pop_if(w, fn, same, key);
    bool more = has_work(w);
    pthread_mutex_unlock(&w->lock);
    if (more) tell(w);
    if (c) hc_bump(hc_tally_here(s), &hc_tally_here(s)->worker_calls, 1);
    return c;
}

/* ---------------------------------------------------------------------------------------------------------- workers */
/* Looks a while for work while a kernel runs. The first to look goes on longer than the others; with idle_spin for as
 * long as the kernel runs. The others look less often: a call that all of them see at once has all of them at the lock,
 * and one of them has work. On two cores it would only keep lanes and pollers from running. */
static bool look(hc_server *s, bool first) {
    hc_workers *w = &s->workers;
    uint64_t since = hc_ticks(), limit = (first ? STAND_US : LOOK_US) * s->ticks_per_us;
    for (;;) {
        if (has_work(w)) return true;
        if (s->cores <= 2 || hc_server_closing(s)) return false;
        if (atomic_load_explicit(&s->active, memory_order_relaxed) <= 0) return false;
        if (!(first && s->o.idle_spin) && hc_ticks() - since > limit) return false;
        for (uint32_t i = 0; i < (first ? 1u : 16u); i++) hc_cpu_relax();
    }
}

/* NULL when the server closes and nothing is left. */
static hc_call *take(hc_server *s) {
    hc_workers *w = &s->workers;
    for (;;) {
        bool more, found;
        hc_call *c = has_work(w) ? pop(w, &more) : NULL;
        if (c) {
            if (more) tell(w);
            return c;
        }
        if (hc_server_closing(s)) return NULL;
        found = look(s, atomic_fetch_add(&w->looking, 1) == 0);
        (void)atomic_fetch_sub(&w->looking, 1);
        if (found) continue;
        (void)atomic_fetch_add(&w->asleep, 1);
        /* Work that came since: nobody may have been told. If no sleeper is left to take back, this one's token is on
         * its way and must be used up. */
        if ((has_work(w) || hc_server_closing(s)) && less_one_asleep(w)) continue;
        while (sem_wait(&w->tokens) && errno == EINTR) {}
    }
}

static void *worker_main(void *arg) {
    hc_server *s = arg;
    hc_thread_is_worker = true;
    hc_thread_tally = s->workers.tallies[atomic_fetch_add(&s->workers.started, 1)];
    for (hc_call *c; (c = take(s)) != NULL;) {
        hc_bump(hc_thread_tally, &hc_thread_tally->worker_calls, 1);
        if (hc_server_closing(s)) {
            finish_all(c, -ESHUTDOWN);
            continue;
        }
        int rc = c->then(c);
        if (rc == HC_SERVED)
            hc_call_finish(c);
        else if (rc == HC_WORKER) /* it is on one: a service that asks again would ask for ever */
            finish_all(c, -ENOSYS);
    }
    hc_thread_done(s);
    return NULL;
}

int hc_workers_start(hc_server *s) {
    for (uint32_t i = 0; i < s->workers.count; i++) {
        pthread_mutex_lock(&s->lock);
        int rc = pthread_create(&s->workers.threads[i], NULL, worker_main, s);
        if (!rc) s->threads++;
        pthread_mutex_unlock(&s->lock);
        if (rc) {
            return i ? 0 : -rc; /* those that run are enough, if there is one */
        }
        s->workers.created = i + 1;
    }
    return 0;
}

/* The server closes: a worker that goes to sleep after this sees so itself, by its own step on `asleep`. */
void hc_workers_wake(hc_server *s) {
    (void)atomic_fetch_add(&s->workers.asleep, 0);
    while (wake_one(&s->workers)) {}
}

void hc_workers_join(hc_server *s) {
    hc_workers *w = &s->workers;
    for (uint32_t i = 0; i < w->created; i++) pthread_join(w->threads[i], NULL);
    w->created = 0;
    /* What event callbacks handed over after the last worker had left. */
    bool more;
    for (hc_call *c; (c = pop(w, &more)) != NULL;) finish_all(c, -ESHUTDOWN);
}
