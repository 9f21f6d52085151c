/* SPDX-License-Identifier: Apache-2.0
 *
 * The thread of a poller: when it sweeps, when it gives its core away, when it sleeps, and the sign of life that lanes
 * watch. What a sweep does stands in sweep.c.
 *
 * After its last packet a poller looks without pause, then yields between looks, then parks. No device can wake a
 * thread, so a parked poller samples: it naps, looks, and naps again, for a fixed share of a core. (Lanes that are
 * threads here wake it.) Of several pollers the first alone does so. The others leave their seats, whose slots the
 * first then sweeps along with its own, and come back when it calls them.
 */
#include "server_internal.h"
#include <sched.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#define SPIN_US          200u   /* after the last packet: look without pause */
#define YIELD_US         2000u  /* then give the core away between looks; then park */
#define NAP_MIN_NS       20000u /* a nap begins with this and grows by it */
#define NAP_MAX_NS       1000000u
#define NAP_SHARE        25u /* a parked poller sleeps this many times as long as it works: 4 % of a core */
#define NAPS_PER_MEASURE 16u /* between two looks at what a nap costs */
#define BEAT_US          250u
#define SILENCE_PARTS    8u    /* beats and naps come this often in the time after which lanes give the server up */
#define CALL_US          50u   /* window of the first poller: busy for half of it, it calls the others */
#define CROWD            4u    /* a sweep of fewer packets that is over at once leaves nothing to share */
#define CROWD_US         4u
#define LEAVE_US         2000u /* window of the others: busy for less than an eighth of it, they leave */

/* What a poller's thread knows of its own load. Times are ticks unless they say ns. */
typedef struct idling {
    uint64_t last_work, last_beat, beat_every;
    uint64_t window, busy; /* when the window began, and how much of it went into sweeps that found something, */
    uint64_t crowded;      /* and into those that others could have shared */
    uint64_t empty;        /* sweeps since the last packet */
    uint64_t nap_ns, nap_most_ns, nap_limit_ns;
    uint64_t cpu_ns; /* of this thread, when the naps that are being measured began */
    uint32_t naps;
} idling;

static void beat(hc_poller *p) {
    hc_server *s = p->server;
    uint64_t at = s->control + HC_CTL_BEATS + 4ull * p->index;
    hc_bus_store32(at, hc_bus_load32(at) + 1u);
    p->now_ns = hc_now_ns();
    if (p->index == 0) hc_refresh_clock(s, p->now_ns);
}

static bool active(hc_server *s) { return atomic_load_explicit(&s->active, memory_order_acquire) > 0; }

/* ------------------------------------------------------------------------------------------------------------ seats */
/* Whoever has the seat sweeps its slots. Acquire and release: the poller's state goes with it from thread to thread. */
static bool try_seat(hc_poller *p) {
    return !atomic_load_explicit(&p->seated, memory_order_relaxed) &&
           !atomic_exchange_explicit(&p->seated, true, memory_order_acquire);
}
static void take_seat(hc_poller *p) {
    while (!try_seat(p)) (void)sched_yield(); /* the first poller has it for the length of a sweep */
}
static void leave_seat(hc_poller *p) { atomic_store_explicit(&p->seated, false, memory_order_release); }

/* The first poller: looks at the slots of those that left. */
static uint32_t sweep_empty_seats(hc_server *s, bool beats, bool *held) {
    uint32_t n = 0;
    for (uint32_t i = 1; i < s->npollers; i++) {
        hc_poller *q = &s->pollers[i];
        if (!try_seat(q)) continue;
        if (beats) beat(q);
        n += hc_poller_sweep(q);
        *held |= q->held != NULL;
        leave_seat(q);
    }
    return n;
}

static void call_pollers(hc_server *s) {
    pthread_mutex_lock(&s->lock);
    if (s->pollers_left) {
        s->pollers_called++;
        pthread_cond_broadcast(&s->wake);
    }
    pthread_mutex_unlock(&s->lock);
}

/* All but the first: until they are called or the server closes. */
static void stay_away(hc_poller *p) {
    hc_server *s = p->server;
    pthread_mutex_lock(&s->lock);
    uint32_t seen = s->pollers_called;
    s->pollers_left++;
    leave_seat(p);
    while (s->pollers_called == seen && !hc_server_closing(s)) pthread_cond_wait(&s->wake, &s->lock);
    s->pollers_left--;
    pthread_mutex_unlock(&s->lock);
    take_seat(p);
}

/* ---------------------------------------------------------------------------------------------------------- resting */
static uint64_t thread_cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The word tells lanes that are threads of this process whether there is anybody to wake; a device cannot. */
static void sleep_up_to(hc_server *s, uint64_t ns) {
    struct timespec t = hc_timespec(ns);
#if defined(__linux__)
    atomic_store_explicit(&s->napping, 1, memory_order_relaxed);
    (void)syscall(SYS_futex, &s->napping, FUTEX_WAIT_PRIVATE, 1, &t, NULL, 0);
    atomic_store_explicit(&s->napping, 0, memory_order_relaxed);
#else
    (void)s;
    (void)nanosleep(&t, NULL);
#endif
}

void hc_server_nudge(void *server) {
#if defined(__linux__)
    hc_server *s = server;
    if (atomic_load_explicit(&s->napping, memory_order_relaxed) &&
        atomic_exchange_explicit(&s->napping, 0, memory_order_relaxed))
        (void)syscall(SYS_futex, &s->napping, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
#else
    (void)server;
#endif
}

static uint64_t clamp(uint64_t v, uint64_t low, uint64_t high) { return v > high ? high : v < low ? low : v; }

/* Going to sleep and waking up costs more than the look between, and how much differs from machine to machine: the naps
 * are as long as keeps the thread at its share, by its own CPU clock. */
static void nap(hc_poller *p, idling *i) {
    if (i->naps == 0) i->cpu_ns = thread_cpu_ns();
    sleep_up_to(p->server, i->nap_ns);
    hc_bump(p->tally, &p->tally->naps, 1);
    if (++i->naps % NAPS_PER_MEASURE == 0) {
        uint64_t now = thread_cpu_ns(), most = NAP_SHARE * ((now - i->cpu_ns) / NAPS_PER_MEASURE);
        i->nap_most_ns = clamp(most, NAP_MIN_NS, NAP_MAX_NS);
        i->cpu_ns = now;
    }
    i->nap_ns = clamp(i->nap_ns + NAP_MIN_NS, 1, i->nap_most_ns);
    if (i->nap_ns > i->nap_limit_ns) i->nap_ns = i->nap_limit_ns;
}

/* Sleeps until a kernel runs or the server closes. */
static void sleep_inactive(hc_server *s) {
    pthread_mutex_lock(&s->lock);
    while (!active(s) && !hc_server_closing(s)) pthread_cond_wait(&s->wake, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

/* After a sweep that found nothing. */
static void rest(hc_poller *p, idling *i, uint64_t now, bool held) {
    hc_server *s = p->server;
    uint64_t us = s->ticks_per_us, idle = now - i->last_work;
    /* On two cores a spinning poller may be all that keeps the lanes from running. */
    uint64_t yield_mask = s->cores <= 2 ? 63 : 4095;
    if (idle < SPIN_US * us || s->o.idle_spin || held) {
        if ((++i->empty & yield_mask) == yield_mask)
            (void)sched_yield();
        else
            hc_cpu_relax();
    } else if (idle < YIELD_US * us || p->index != 0) {
        (void)sched_yield(); /* the others are about to leave */
    } else {
        nap(p, i);
    }
}

static void worked(hc_poller *p, idling *i, uint64_t since, uint32_t packets) {
    uint64_t now = hc_ticks();
    if (packets >= CROWD || now - since > CROWD_US * p->server->ticks_per_us) i->crowded += now - since;
    hc_bump(p->tally, &p->tally->busy_ticks, now - since);
    i->busy += now - since;
    i->last_work = now;
    i->empty = 0;
    i->naps = 0;
    i->nap_ns = i->nap_limit_ns < NAP_MIN_NS ? i->nap_limit_ns : NAP_MIN_NS;
}

/* After a sleep of any length: it says nothing about the load. */
static void refresh(idling *i) {
    i->last_work = i->window = hc_ticks();
    i->busy = i->crowded = 0;
    i->last_beat = 0;
}

/* Whether there are as many pollers up as the load asks for. */
static void balance(hc_poller *p, idling *i, uint64_t now) {
    hc_server *s = p->server;
    uint64_t length = now - i->window;
    if (length < (p->index == 0 ? CALL_US : LEAVE_US) * s->ticks_per_us) return;
    bool call = p->index == 0 && 2 * i->crowded >= length;
    bool leave = p->index != 0 && 8 * i->busy < length && !p->held && !s->o.idle_spin;
    i->window = now;
    i->busy = i->crowded = 0;
    if (call && atomic_load_explicit(&s->pollers_left, memory_order_relaxed)) call_pollers(s);
    if (leave) {
        stay_away(p);
        refresh(i);
    }
}

/* ------------------------------------------------------------------------------------------------------ the thread */
static void begin(hc_poller *p, idling *i) {
    hc_server *s = p->server;
    uint64_t us = s->ticks_per_us, silence = s->o.silence_ns / SILENCE_PARTS;
#if defined(__linux__)
    (void)prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul); /* the default makes every nap 50 us longer */
#endif
    hc_thread_tally = p->tally;
    take_seat(p);
    *i = (idling){.last_work = hc_ticks(),
                  .nap_most_ns = 5 * NAP_MIN_NS,
                  .nap_limit_ns = NAP_MAX_NS,
                  .beat_every = BEAT_US * us};
    if (silence && silence < NAP_MAX_NS) i->nap_limit_ns = silence;
    if (silence && silence < BEAT_US * 1000u) i->beat_every = silence * us / 1000u;
    if (p->index == 0 && (s->o.flags & HC_FLAG_HOST_CLOCK)) i->beat_every = us;
    i->nap_ns = i->nap_limit_ns < NAP_MIN_NS ? i->nap_limit_ns : NAP_MIN_NS;
    i->window = i->last_work;
}

void *hc_poller_main(void *arg) {
    hc_poller *p = arg;
    hc_server *s = p->server;
    bool first = p->index == 0, keeps = first && s->npollers > 1;
    idling i;
    begin(p, &i);
    while (!hc_server_closing(s)) {
        bool held = false;
        if (!active(s)) {
            (void)hc_poller_sweep(p);
            if (keeps) (void)sweep_empty_seats(s, false, &held);
            if (!held && !p->held) {
                if (first || s->o.idle_spin)
                    sleep_inactive(s);
                else
                    stay_away(p);
                refresh(&i);
            }
        }
        uint64_t now = hc_ticks();
        bool beats = i.last_beat == 0 || now - i.last_beat > i.beat_every;
        if (beats) {
            beat(p);
            i.last_beat = now;
        }
        uint32_t n = hc_poller_sweep(p);
        if (keeps && atomic_load_explicit(&s->pollers_left, memory_order_relaxed))
            n += sweep_empty_seats(s, beats, &held);
        hc_bump(p->tally, &p->tally->sweeps, 1);
        if (atomic_load_explicit(&s->ring.sleeping, memory_order_relaxed) && hc_ring_ready(s)) {
            hc_ring_wake(s);
            n++; /* stay awake: lanes that post are about to call */
        }
        if (first) hc_parks_retry(s);
        if (n)
            worked(p, &i, now, n);
        else
            rest(p, &i, now, held || p->held);
        if (s->npollers > 1) balance(p, &i, now);
    }
    p->now_ns = hc_now_ns();
    hc_poller_release(p, true);
    if (s->o.write_combined_replies) hc_store_fence(); /* what the release answered: this thread stores nothing more */
    hc_thread_done(s);
    return NULL;
}
