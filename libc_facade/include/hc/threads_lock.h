/* SPDX-License-Identifier: Apache-2.0
 *
 * Mutexes, spin locks and once. A free lock goes to whoever comes first; a lane that waited for long puts its name into `claim`, and then
 * nobody else takes the lock before it: so no lane waits for ever while others come and go.
 */
#ifndef HC_THREADS_LOCK_H
#define HC_THREADS_LOCK_H
#include "threads_wait.h"

#define HC_MUTEX_NORMAL 0
#define HC_MUTEX_RECURSIVE 1
#define HC_MUTEX_ERRORCHECK 2
#define HC_MUTEX_DEPTH 0x7fffffffu

typedef struct hc_mutex { /* as large as Linux's on x86-64 */
    hc_u32 word;          /* 1: locked */
    hc_u32 owner;         /* lane number; 0: nobody */
    hc_u32 claim;         /* lane number of who has waited for long */
    hc_u32 kind, depth;
    hc_u32 reserved[5];
} hc_mutex;
HC_STATIC_ASSERT(sizeof(hc_mutex) == 40, hc_mutex_size);

HC_FN int hc_mutex_take(hc_mutex *m, hc_u32 me) {
    hc_u32 claim = hc_sync_load(&m->claim);
    if (claim != 0 && claim != me) return 0;
    return hc_sync_load(&m->word) == 0 && hc_sync_cas(&m->word, 0, 1) == 0;
}
HC_FN void hc_mutex_own(hc_mutex *m, hc_u32 me) {
    HC_SYNC_FENCE();
    (void)hc_sync_exch(&m->owner, me);
}
HC_BODY hc_i32 hc_mutex_wait(hc_mutex *m, hc_u32 me, hc_u64 deadline) {
    hc_turns w;
    hc_i32 r = 0;
    int claimed = 0;
    hc_turns_begin(&w, deadline);
    for (;;) {
        hc_u32 seen = hc_sync_load(&m->word);
        if (hc_mutex_take(m, me)) break;
        if (w.round >= HC_WAIT_UNFAIR && !claimed) claimed = hc_sync_cas(&m->claim, 0, me) == 0;
        r = hc_turn_or_leave(&w, &m->word, seen);
        if (r) break;
    }
    if (claimed) {
        hc_sync_publish(&m->claim, 0);
        if (r) hc_stir(&m->word); /* the lock may be free, and others wait for the claim to go */
    }
    return r;
}
/* 0, EDEADLK, EAGAIN, or ETIMEDOUT. A lock of this thread's own that is of no kind that knows its owner waits until the program is over. */
HC_FN int hc_mutex_lock_until(hc_mutex *m, hc_u64 deadline) {
    hc_u32 me = hc_lane_number();
    if (m->kind != HC_MUTEX_NORMAL && hc_sync_load(&m->owner) == me) {
        if (m->kind == HC_MUTEX_ERRORCHECK) return HC_EDEADLK;
        if (m->depth == HC_MUTEX_DEPTH) return HC_EAGAIN;
        m->depth++;
        return 0;
    }
    if (hc_is_over()) hc_leave(); /* a thread that only locks and unlocks ends as well */
    if (!hc_mutex_take(m, me)) {
        hc_i32 r = hc_mutex_wait(m, me, deadline);
        if (r) return (int)-r;
    }
    hc_mutex_own(m, me);
    return 0;
}
HC_FN int hc_pthread_mutex_lock(hc_mutex *m) { return hc_mutex_lock_until(m, 0); }
HC_FN int hc_pthread_mutex_trylock(hc_mutex *m) {
    hc_u32 me = hc_lane_number();
    if (hc_sync_load(&m->owner) == me && m->kind == HC_MUTEX_RECURSIVE) {
        if (m->depth == HC_MUTEX_DEPTH) return HC_EAGAIN;
        m->depth++;
        return 0;
    }
    if (hc_is_over()) hc_leave();
    if (!hc_mutex_take(m, me)) return HC_EBUSY;
    hc_mutex_own(m, me);
    return 0;
}
HC_FN int hc_mutex_lock_at(hc_mutex *m, int realtime, const hc_timespec_t *at) {
    hc_u64 deadline;
    int r = hc_pthread_mutex_trylock(m); /* a free lock is taken, whatever the time */
    if (r != HC_EBUSY) return r;
    r = hc_deadline_at(at, realtime, &deadline);
    return r ? r : hc_mutex_lock_until(m, deadline);
}
HC_FN int hc_pthread_mutex_timedlock(hc_mutex *m, const hc_timespec_t *at) { return hc_mutex_lock_at(m, 1, at); }
HC_FN int hc_pthread_mutex_clocklock(hc_mutex *m, int clock, const hc_timespec_t *at) {
    if (clock != HC_CLOCK_REALTIME && clock != HC_CLOCK_MONOTONIC) return HC_EINVAL;
    return hc_mutex_lock_at(m, clock == HC_CLOCK_REALTIME, at);
}
HC_FN int hc_pthread_mutex_unlock(hc_mutex *m) {
    if (m->kind != HC_MUTEX_NORMAL) {
        if (hc_sync_load(&m->owner) != hc_lane_number()) return HC_EPERM;
        if (m->depth) {
            m->depth--;
            return 0;
        }
    }
    (void)hc_sync_exch(&m->owner, 0);
    hc_sync_publish(&m->word, 0);
    hc_stir(&m->word);
    return 0;
}
/* attr: the kind. */
HC_FN int hc_pthread_mutex_init(hc_mutex *m, const hc_u32 *attr) {
    hc_mutex fresh = {0, 0, 0, 0, 0, {0, 0, 0, 0, 0}};
    fresh.kind = attr ? *attr & 3u : HC_MUTEX_NORMAL;
    *m = fresh;
    HC_SYNC_FENCE();
    return 0;
}
HC_FN int hc_pthread_mutex_destroy(hc_mutex *m) { return hc_sync_load(&m->word) ? HC_EBUSY : 0; }

HC_FN int hc_pthread_mutexattr_settype(hc_u32 *attr, int kind) {
    if (kind < HC_MUTEX_NORMAL || kind > HC_MUTEX_ERRORCHECK) return HC_EINVAL;
    *attr = (*attr & ~3u) | (hc_u32)kind;
    return 0;
}

/* ------------------------------------------------------------------------------------------------------------------------- spin */
HC_FN int hc_pthread_spin_lock(hc_u32 *lock) {
    hc_turns w;
    hc_turns_begin(&w, 0);
    while (hc_sync_cas(lock, 0, 1) != 0) (void)hc_turn_or_leave(&w, lock, 1);
    HC_SYNC_FENCE();
    return 0;
}
HC_FN int hc_pthread_spin_trylock(hc_u32 *lock) {
    if (hc_sync_cas(lock, 0, 1) != 0) return HC_EBUSY;
    HC_SYNC_FENCE();
    return 0;
}
HC_FN int hc_pthread_spin_unlock(hc_u32 *lock) {
    hc_sync_publish(lock, 0);
    hc_stir(lock);
    return 0;
}

/* ------------------------------------------------------------------------------------------------------------------------- once
 * 0: never called; 1: one lane is at it; 2: done. */
HC_BODY int hc_pthread_once(hc_u32 *once, void (*function)(void)) {
    if (hc_sync_load(once) != 2u) {
        if (hc_sync_cas(once, 0, 1) == 0) {
            function();
            hc_sync_publish(once, 2);
            hc_stir(once);
        } else {
            hc_turns w;
            hc_turns_begin(&w, 0);
            while (hc_sync_load(once) != 2u) (void)hc_turn_or_leave(&w, once, 1);
        }
    }
    HC_SYNC_FENCE();
    return 0;
}

#endif
