/* SPDX-License-Identifier: Apache-2.0
 *
 * The worker pool: threads that run services which may sleep. Calls queue without limit (their number is bounded by
 * slots and tickets); a worker never waits for an event, those are parked.
 */
#include "server_internal.h"
#include <sched.h>

#define SPIN_ROUNDS 200u

int hc_workers_create(hc_server *s) {
    hc_workers *w = &s->workers;
    pthread_mutex_init(&w->lock, NULL);
    hc_cond_init(&w->work);
    w->end = &w->head;
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
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
}

static void finish_all(hc_call *c, int64_t result) {
    for (uint32_t r = 0; r < c->lanes; r++) c->result[r] = result;
    hc_call_finish(c);
}

void hc_call_enqueue(hc_call *c, hc_service_fn fn) {
    hc_server *s = c->server;
    hc_workers *w = &s->workers;
    c->then = fn;
    c->next = NULL;
    pthread_mutex_lock(&w->lock);
    *w->end = c;
    w->end = &c->next;
    (void)atomic_fetch_add_explicit(&w->queued, 1, memory_order_relaxed);
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
}

/* NULL when the server closes and nothing is left. */
static hc_call *take(hc_server *s) {
    hc_workers *w = &s->workers;
    for (uint32_t i = 0; i < SPIN_ROUNDS && !atomic_load_explicit(&w->queued, memory_order_relaxed); i++) {
        /* Waking a sleeper costs more than most calls: look a little while another may come. */
        if (atomic_load_explicit(&s->active, memory_order_relaxed) <= 0 || s->cores <= 2) break;
        hc_cpu_relax();
    }
    pthread_mutex_lock(&w->lock);
    while (!w->head && !hc_server_closing(s)) pthread_cond_wait(&w->work, &w->lock);
    hc_call *c = w->head;
    if (c) {
        w->head = c->next;
        if (!w->head) w->end = &w->head;
        c->next = NULL;
        (void)atomic_fetch_sub_explicit(&w->queued, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&w->lock);
    return c;
}

static void *worker_main(void *arg) {
    hc_server *s = arg;
    hc_thread_is_worker = true;
    pthread_mutex_lock(&s->workers.lock);
    hc_thread_tally = s->workers.tallies[s->workers.started++];
    pthread_mutex_unlock(&s->workers.lock);
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

void hc_workers_wake(hc_server *s) {
    pthread_mutex_lock(&s->workers.lock);
    pthread_cond_broadcast(&s->workers.work);
    pthread_mutex_unlock(&s->workers.lock);
}

void hc_workers_join(hc_server *s) {
    for (uint32_t i = 0; i < s->workers.created; i++) pthread_join(s->workers.threads[i], NULL);
    s->workers.created = 0;
    /* What event callbacks handed over after the last worker had left. */
    while (s->workers.head) {
        hc_call *c = s->workers.head;
        s->workers.head = c->next;
        finish_all(c, -ESHUTDOWN);
    }
    s->workers.end = &s->workers.head;
}
