/* SPDX-License-Identifier: Apache-2.0
 *
 * The thread of a poller: when it sweeps, when it gives its core away, when it sleeps, and the sign of life that lanes watch.
 * What a sweep does stands in sweep.c.
 */
#include "server_internal.h"
#include <sched.h>

#define SPIN_US      200u  /* after the last packet: look without pause */
#define YIELD_US     2000u /* then give the core away between looks; then sleep */
#define SLEEP_MIN_NS 20000u
#define SLEEP_MAX_NS 200000u
#define BEAT_US      250u

static void beat(hc_poller *p) {
    hc_server *s = p->server;
    uint64_t at = s->control + HC_CTL_BEATS + 4ull * p->index;
    hc_bus_store32(at, hc_bus_load32(at) + 1u);
    p->now_ns = hc_now_ns();
    if (p->index == 0) hc_refresh_clock(s, p->now_ns);
}

static void busy(hc_poller *p, uint64_t since) { hc_bump(p->tally, &p->tally->busy_ticks, hc_ticks() - since); }

static void nap(uint64_t ns) {
    struct timespec t = hc_timespec(ns);
    (void)nanosleep(&t, NULL);
}

/* Sleeps until a kernel runs or the server closes. */
static void sleep_inactive(hc_server *s) {
    pthread_mutex_lock(&s->lock);
    while (atomic_load_explicit(&s->active, memory_order_acquire) <= 0 && !hc_server_closing(s))
        pthread_cond_wait(&s->wake, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

void *hc_poller_main(void *arg) {
    hc_poller *p = arg;
    hc_server *s = p->server;
    hc_thread_tally = p->tally;
    uint64_t last_work = hc_ticks(), last_beat = 0, empty = 0, sleep_ns = SLEEP_MIN_NS;
    uint64_t us = s->ticks_per_us, clock_every = (s->o.flags & HC_FLAG_HOST_CLOCK) ? us : BEAT_US * us;
    /* On two cores a spinning poller may be all that keeps the lanes from running. */
    uint64_t yield_mask = s->cores <= 2 ? 63 : 4095;
    while (!hc_server_closing(s)) {
        if (atomic_load_explicit(&s->active, memory_order_acquire) <= 0) {
            (void)hc_poller_sweep(p);
            if (!p->held) {
                sleep_inactive(s);
                last_work = hc_ticks();
                last_beat = 0;
            }
        }
        uint64_t now = hc_ticks();
        if (last_beat == 0 || now - last_beat > (p->index == 0 ? clock_every : BEAT_US * us)) {
            beat(p);
            last_beat = now;
        }
        uint32_t n = hc_poller_sweep(p);
        if (atomic_load_explicit(&s->ring.sleeping, memory_order_relaxed) && hc_ring_ready(s)) {
            hc_ring_wake(s);
            n++; /* stay awake: lanes that post are about to call */
        }
        if (p->index == 0) hc_parks_retry(s);
        if (n) {
            busy(p, now);
            last_work = hc_ticks();
            empty = 0;
            sleep_ns = SLEEP_MIN_NS;
            continue;
        }
        empty++;
        uint64_t idle = now - last_work;
        if (idle < SPIN_US * us || s->o.idle_spin || p->held) {
            if ((empty & yield_mask) == yield_mask)
                (void)sched_yield();
            else
                hc_cpu_relax();
        } else if (idle < YIELD_US * us) {
            (void)sched_yield();
        } else {
            nap(sleep_ns);
            if (sleep_ns < SLEEP_MAX_NS) sleep_ns += SLEEP_MIN_NS;
        }
    }
    p->now_ns = hc_now_ns();
    hc_poller_release(p, true);
    if (s->o.write_combined_replies) hc_store_fence(); /* what the release answered: this thread stores nothing more */
    hc_thread_done(s);
    return NULL;
}
