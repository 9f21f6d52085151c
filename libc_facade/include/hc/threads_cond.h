/* SPDX-License-Identifier: Apache-2.0
 *
 * Condition variables, barriers and semaphores.
 *
 * A condition variable is one 64-bit word: how often it was signalled, how many wait, and how many of them may go. A signal lets one more go
 * than before, if so many wait; a waiting lane goes if one may and there was a signal since it came. So no signal is taken by a lane that
 * came after it while one from before it still waits, and a lane whose time is up takes nobody's.
 */
#ifndef HC_THREADS_COND_H
#define HC_THREADS_COND_H
#include "threads_lock.h"

/* signals : 24 from below | may go : 20 | waiting : 20 */
#define HC_COND_SIGNALS 0xffffffull
#define HC_COND_GO (1ull << 24)
#define HC_COND_WAITER (1ull << 44)
#define HC_COND_MOST 0xfffffull
HC_FN hc_u64 hc_cond_go(hc_u64 s) { return s >> 24 & HC_COND_MOST; }
HC_FN hc_u64 hc_cond_waiting(hc_u64 s) { return s >> 44; }
HC_FN hc_u64 hc_cond_signalled(hc_u64 s, hc_u64 go) {
    return (s & ~(HC_COND_SIGNALS | HC_COND_MOST << 24)) | ((s + 1u) & HC_COND_SIGNALS) | go << 24;
}

typedef struct hc_cond { /* as large as Linux's on x86-64 */
    hc_u64 state;
    hc_u32 clock; /* of timed waits; CLOCK_REALTIME is 0 */
    hc_u32 reserved[9];
} hc_cond;
HC_STATIC_ASSERT(sizeof(hc_cond) == 48, hc_cond_size);
HC_FN const hc_u32 *hc_cond_word(const hc_cond *c) { return (const hc_u32 *)&c->state; } /* its lower half, which every signal changes */

/* attr: the clock. */
HC_FN int hc_pthread_cond_init(hc_cond *c, const hc_u32 *attr) {
    hc_cond fresh = {0, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0}};
    fresh.clock = attr ? *attr & 1u : HC_CLOCK_REALTIME;
    *c = fresh;
    HC_SYNC_FENCE();
    return 0;
}
/* Lanes that were let go and have not noticed are waited for, as their next look would be at memory that is somebody else's. */
HC_FN int hc_pthread_cond_destroy(hc_cond *c) {
    hc_turns w;
    hc_u64 s;
    hc_turns_begin(&w, 0);
    while (s = hc_sync_load64(&c->state), hc_cond_waiting(s) && hc_cond_go(s) == hc_cond_waiting(s)) (void)hc_turn_or_leave(&w, hc_cond_word(c), (hc_u32)s);
    return hc_cond_waiting(s) ? HC_EBUSY : 0;
}
HC_BODY int hc_cond_let_go(hc_cond *c, int all) {
    hc_u64 s, next, old;
    HC_SYNC_FENCE();
    for (s = hc_sync_load64(&c->state); hc_cond_waiting(s) > hc_cond_go(s); s = old) {
        next = hc_cond_signalled(s, all ? hc_cond_waiting(s) : hc_cond_go(s) + 1u);
        old = hc_sync_cas64(&c->state, s, next);
        if (old == s) {
            hc_stir(hc_cond_word(c));
            return 0;
        }
    }
    /* All that wait may go already: those that came after the last signal have to hear of this one. */
    for (; hc_cond_waiting(s); s = old) {
        old = hc_sync_cas64(&c->state, s, hc_cond_signalled(s, hc_cond_go(s)));
        if (old == s) {
            hc_stir(hc_cond_word(c));
            return 0;
        }
    }
    return 0;
}
HC_FN int hc_pthread_cond_signal(hc_cond *c) { return hc_cond_let_go(c, 0); }
HC_FN int hc_pthread_cond_broadcast(hc_cond *c) { return hc_cond_let_go(c, 1); }

/* Leaves as one that was let go, if one may; `came` is the number of signals when this lane came. */
HC_FN int hc_cond_leave(hc_cond *c, hc_u64 came) {
    hc_u64 s, old;
    for (s = hc_sync_load64(&c->state); (s & HC_COND_SIGNALS) != came && hc_cond_go(s); s = old) {
        old = hc_sync_cas64(&c->state, s, s - HC_COND_GO - HC_COND_WAITER);
        if (old == s) return 1;
    }
    return 0;
}
/* Leaves for its own reasons. 0 if it has to go as one that was let go: no more may wait than are let go. */
HC_FN int hc_cond_give_up(hc_cond *c) {
    hc_u64 s, old;
    for (s = hc_sync_load64(&c->state); hc_cond_waiting(s) > hc_cond_go(s); s = old) {
        old = hc_sync_cas64(&c->state, s, s - HC_COND_WAITER);
        if (old == s) return 1;
    }
    return 0;
}
HC_BODY int hc_cond_wait_until(hc_cond *c, hc_mutex *m, hc_u64 deadline) {
    hc_u64 s = hc_sync_load64(&c->state), old;
    hc_i32 r = 0;
    hc_turns w;
    int error;
    for (;; s = old) {
        if (hc_cond_waiting(s) == HC_COND_MOST) return 0; /* a wake-up for nothing */
        old = hc_sync_cas64(&c->state, s, s + HC_COND_WAITER);
        if (old == s) break;
    }
    error = hc_pthread_mutex_unlock(m); /* after this lane is counted: no signal goes past it */
    if (error) {
        while (!hc_cond_give_up(c) && !hc_cond_leave(c, ~(hc_u64)0)) {
        }
        return error;
    }
    s &= HC_COND_SIGNALS;
    hc_turns_begin(&w, deadline);
    for (;;) {
        hc_u64 seen = hc_sync_load64(&c->state);
        if (hc_cond_leave(c, s)) {
            r = 0;
            break;
        }
        if (r && (hc_cond_give_up(c) || hc_cond_leave(c, ~(hc_u64)0))) break;
        if (!r && ((seen & HC_COND_SIGNALS) == s || !hc_cond_go(seen))) r = hc_turn_or_leave(&w, hc_cond_word(c), (hc_u32)seen);
    }
    HC_SYNC_FENCE();
    error = hc_mutex_lock_until(m, 0);
    return error ? error : (int)-r;
}
HC_FN int hc_pthread_cond_wait(hc_cond *c, hc_mutex *m) { return hc_cond_wait_until(c, m, 0); }
HC_FN int hc_pthread_cond_clockwait(hc_cond *c, hc_mutex *m, int clock, const hc_timespec_t *at) {
    hc_u64 deadline;
    int r = clock == HC_CLOCK_REALTIME || clock == HC_CLOCK_MONOTONIC ? hc_deadline_at(at, clock == HC_CLOCK_REALTIME, &deadline) : HC_EINVAL;
    return r ? r : hc_cond_wait_until(c, m, deadline);
}
HC_FN int hc_pthread_cond_timedwait(hc_cond *c, hc_mutex *m, const hc_timespec_t *at) {
    return hc_pthread_cond_clockwait(c, m, (int)c->clock, at);
}
HC_FN int hc_pthread_condattr_setclock(hc_u32 *attr, int clock) {
    if (clock != HC_CLOCK_REALTIME && clock != HC_CLOCK_MONOTONIC) return HC_EINVAL;
    *attr = (*attr & ~1u) | (hc_u32)clock;
    return 0;
}

/* ---------------------------------------------------------------------------------------------------------------------- barrier */
typedef struct hc_barrier {
    hc_u32 count, arrived, phase;
    hc_u32 inside; /* lanes that still look at this memory */
    hc_u32 reserved[4];
} hc_barrier;
HC_STATIC_ASSERT(sizeof(hc_barrier) == 32, hc_barrier_size);
#define HC_BARRIER_SERIAL (-1)

HC_FN int hc_pthread_barrier_init(hc_barrier *b, hc_u32 count) {
    hc_barrier fresh = {0, 0, 0, 0, {0, 0, 0, 0}};
    if (count == 0 || count > 0x7fffffffu) return HC_EINVAL;
    fresh.count = count;
    *b = fresh;
    HC_SYNC_FENCE();
    return 0;
}
HC_BODY int hc_pthread_barrier_wait(hc_barrier *b) {
    hc_u32 phase = hc_sync_load(&b->phase);
    int serial;
    (void)hc_sync_add(&b->inside, 1);
    HC_SYNC_FENCE();
    serial = hc_sync_add(&b->arrived, 1) + 1u == b->count;
    if (serial) {
        HC_SYNC_FENCE();                    /* what the others did before they arrived */
        (void)hc_sync_exch(&b->arrived, 0); /* before they may come again */
        hc_sync_publish(&b->phase, phase + 1u);
        hc_stir(&b->phase);
    } else {
        hc_turns w;
        hc_turns_begin(&w, 0);
        while (hc_sync_load(&b->phase) == phase) (void)hc_turn_or_leave(&w, &b->phase, phase);
        HC_SYNC_FENCE();
    }
    (void)hc_sync_add(&b->inside, ~0u);
    return serial ? HC_BARRIER_SERIAL : 0;
}
/* Lanes on their way out are waited for: the memory may be somebody else's next. */
HC_FN int hc_pthread_barrier_destroy(hc_barrier *b) {
    hc_turns w;
    hc_u32 inside;
    if (hc_sync_load(&b->arrived)) return HC_EBUSY;
    hc_turns_begin(&w, 0);
    while ((inside = hc_sync_load(&b->inside)) != 0) (void)hc_turn_or_leave(&w, &b->inside, inside);
    return 0;
}

/* ------------------------------------------------------------------------------------------------------------------- semaphores
 * These report through errno. */
typedef struct hc_semaphore {
    hc_u32 value, reserved[7];
} hc_semaphore;
HC_STATIC_ASSERT(sizeof(hc_semaphore) == 32, hc_semaphore_size);
#define HC_SEM_MOST 0x7fffffffu

HC_FN int hc_sem_init(hc_semaphore *s, int shared, hc_u32 value) {
    hc_semaphore fresh = {0, {0, 0, 0, 0, 0, 0, 0}};
    (void)shared; /* there is one process */
    if (value > HC_SEM_MOST) return (int)hc_posix(-HC_EINVAL);
    fresh.value = value;
    *s = fresh;
    HC_SYNC_FENCE();
    return 0;
}
HC_FN int hc_sem_take(hc_semaphore *s) {
    hc_u32 v = hc_sync_load(&s->value), old;
    for (; v; v = old) {
        old = hc_sync_cas(&s->value, v, v - 1u);
        if (old == v) {
            HC_SYNC_FENCE();
            return 1;
        }
    }
    return 0;
}
HC_FN int hc_sem_post(hc_semaphore *s) {
    hc_u32 v = hc_sync_load(&s->value), old;
    HC_SYNC_FENCE();
    for (;; v = old) {
        if (v >= HC_SEM_MOST) return (int)hc_posix(-HC_EOVERFLOW);
        old = hc_sync_cas(&s->value, v, v + 1u);
        if (old == v) break;
    }
    hc_stir(&s->value);
    return 0;
}
HC_FN int hc_sem_wait_until(hc_semaphore *s, hc_u64 deadline) {
    hc_turns w;
    if (hc_is_over()) hc_leave();
    hc_turns_begin(&w, deadline);
    while (!hc_sem_take(s)) {
        hc_i32 r = hc_turn_or_leave(&w, &s->value, 0);
        if (r) return (int)hc_posix(r);
    }
    return 0;
}
HC_FN int hc_sem_wait(hc_semaphore *s) { return hc_sem_wait_until(s, 0); }
HC_FN int hc_sem_trywait(hc_semaphore *s) {
    if (hc_is_over()) hc_leave();
    return hc_sem_take(s) ? 0 : (int)hc_posix(-HC_EAGAIN);
}
HC_FN int hc_sem_clockwait(hc_semaphore *s, int clock, const hc_timespec_t *at) {
    hc_u64 deadline;
    int r;
    if (clock != HC_CLOCK_REALTIME && clock != HC_CLOCK_MONOTONIC) return (int)hc_posix(-HC_EINVAL);
    if (hc_sem_take(s)) return 0; /* at once, whatever the time */
    r = hc_deadline_at(at, clock == HC_CLOCK_REALTIME, &deadline);
    return r ? (int)hc_posix(-r) : hc_sem_wait_until(s, deadline);
}
HC_FN int hc_sem_timedwait(hc_semaphore *s, const hc_timespec_t *at) { return hc_sem_clockwait(s, HC_CLOCK_REALTIME, at); }
HC_FN int hc_sem_getvalue(hc_semaphore *s, int *value) {
    *value = (int)hc_sync_load(&s->value);
    return 0;
}

#endif
