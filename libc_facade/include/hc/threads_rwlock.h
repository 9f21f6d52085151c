/* SPDX-License-Identifier: Apache-2.0
 *
 * Locks for many readers or one writer. A writer that waits goes before readers that come later, but only for a while: a reader that waited
 * long enough goes in beside other readers, so that a thread which reads already may lock for reading once more.
 */
#ifndef HC_THREADS_RWLOCK_H
#define HC_THREADS_RWLOCK_H
#include "threads_lock.h"

#define HC_RW_WRITER 0x80000000u
#define HC_RW_READERS 0x7fffffffu

typedef struct hc_rwlock { /* as large as Linux's on x86-64 */
    hc_u32 word;           /* readers, or HC_RW_WRITER */
    hc_u32 writers;        /* that wait */
    hc_u32 owner;          /* lane number of the writer */
    hc_u32 reserved[11];
} hc_rwlock;
HC_STATIC_ASSERT(sizeof(hc_rwlock) == 56, hc_rwlock_size);

HC_FN int hc_pthread_rwlock_init(hc_rwlock *l) {
    hc_rwlock fresh = {0, 0, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};
    *l = fresh;
    HC_SYNC_FENCE();
    return 0;
}
HC_FN int hc_pthread_rwlock_destroy(hc_rwlock *l) { return hc_sync_load(&l->word) ? HC_EBUSY : 0; }

HC_FN int hc_rw_read(hc_rwlock *l) {
    hc_u32 v = hc_sync_load(&l->word), old;
    for (; v < HC_RW_READERS; v = old) {
        old = hc_sync_cas(&l->word, v, v + 1u);
        if (old == v) {
            HC_SYNC_FENCE();
            return 1;
        }
    }
    return 0;
}
HC_FN int hc_rw_write(hc_rwlock *l) {
    if (hc_sync_load(&l->word) != 0 || hc_sync_cas(&l->word, 0, HC_RW_WRITER) != 0) return 0;
    HC_SYNC_FENCE();
    (void)hc_sync_exch(&l->owner, hc_lane_number());
    return 1;
}
HC_BODY int hc_rw_read_until(hc_rwlock *l, hc_u64 deadline) {
    hc_turns w;
    if (hc_is_over()) hc_leave();
    if (hc_sync_load(&l->owner) == hc_lane_number()) return HC_EDEADLK;
    hc_turns_begin(&w, deadline);
    for (;;) {
        hc_u32 seen = hc_sync_load(&l->word);
        hc_i32 r;
        if (seen == HC_RW_READERS) return HC_EAGAIN;
        if ((hc_sync_load(&l->writers) == 0 || w.round >= HC_WAIT_UNFAIR) && hc_rw_read(l)) return 0;
        r = hc_turn_or_leave(&w, &l->word, seen);
        if (r) return (int)-r;
    }
}
HC_BODY int hc_rw_write_until(hc_rwlock *l, hc_u64 deadline) {
    hc_turns w;
    hc_i32 r = 0;
    if (hc_is_over()) hc_leave();
    if (hc_rw_write(l)) return 0;
    if (hc_sync_load(&l->owner) == hc_lane_number()) return HC_EDEADLK;
    (void)hc_sync_add(&l->writers, 1);
    hc_turns_begin(&w, deadline);
    for (;;) {
        hc_u32 seen = hc_sync_load(&l->word);
        if (hc_rw_write(l)) break;
        r = hc_turn_or_leave(&w, &l->word, seen);
        if (r) break;
    }
    (void)hc_sync_add(&l->writers, ~0u);
    if (r) hc_stir(&l->word);
    return (int)-r;
}
HC_FN int hc_pthread_rwlock_rdlock(hc_rwlock *l) { return hc_rw_read_until(l, 0); }
HC_FN int hc_pthread_rwlock_wrlock(hc_rwlock *l) { return hc_rw_write_until(l, 0); }
HC_FN int hc_pthread_rwlock_tryrdlock(hc_rwlock *l) { return hc_rw_read(l) ? 0 : hc_sync_load(&l->word) == HC_RW_READERS ? HC_EAGAIN : HC_EBUSY; }
HC_FN int hc_pthread_rwlock_trywrlock(hc_rwlock *l) { return hc_rw_write(l) ? 0 : HC_EBUSY; }
HC_FN int hc_rw_lock_at(hc_rwlock *l, int write, int clock, const hc_timespec_t *at) {
    hc_u64 deadline;
    int r;
    if (clock != HC_CLOCK_REALTIME && clock != HC_CLOCK_MONOTONIC) return HC_EINVAL;
    r = write ? hc_pthread_rwlock_trywrlock(l) : hc_pthread_rwlock_tryrdlock(l); /* at once, whatever the time */
    if (r != HC_EBUSY) return r;
    r = hc_deadline_at(at, clock == HC_CLOCK_REALTIME, &deadline);
    return r ? r : write ? hc_rw_write_until(l, deadline) : hc_rw_read_until(l, deadline);
}
HC_FN int hc_pthread_rwlock_clockrdlock(hc_rwlock *l, int clock, const hc_timespec_t *at) { return hc_rw_lock_at(l, 0, clock, at); }
HC_FN int hc_pthread_rwlock_clockwrlock(hc_rwlock *l, int clock, const hc_timespec_t *at) { return hc_rw_lock_at(l, 1, clock, at); }
HC_FN int hc_pthread_rwlock_timedrdlock(hc_rwlock *l, const hc_timespec_t *at) { return hc_rw_lock_at(l, 0, HC_CLOCK_REALTIME, at); }
HC_FN int hc_pthread_rwlock_timedwrlock(hc_rwlock *l, const hc_timespec_t *at) { return hc_rw_lock_at(l, 1, HC_CLOCK_REALTIME, at); }
/* EPERM where nobody holds it, or another lane does for writing. */
HC_FN int hc_pthread_rwlock_unlock(hc_rwlock *l) {
    hc_u32 v = hc_sync_load(&l->word);
    if (v == HC_RW_WRITER) {
        if (hc_sync_load(&l->owner) != hc_lane_number()) return HC_EPERM;
        (void)hc_sync_exch(&l->owner, 0);
        hc_sync_publish(&l->word, 0);
    } else {
        if (v == 0) return HC_EPERM;
        HC_SYNC_FENCE();
        (void)hc_sync_add(&l->word, ~0u);
    }
    hc_stir(&l->word);
    return 0;
}

#endif
