/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads on a pool of parked lanes. A launch brings lanes that run main and lanes that wait here to become threads, one after another:
 *
 *     hc_threads_expect(first, stack)   a lane of main, before main: lanes from `first` on will come, with so much stack each (0: not known)
 *     hc_threads_serve()                a lane of the pool: does not return before the program is over, by exit or abort
 *
 * A lane of the pool waits at its own word:  ABSENT -> IDLE -> TAKEN (by pthread_create) -> READY -> RUNNING -> IDLE.
 * On a GPU each must be able to make progress by itself: of a warp only the first lane serves.
 */
#ifndef HC_THREADS_POOL_H
#define HC_THREADS_POOL_H
#include "threads_local.h"

#define HC_POOL_MAX 4096u
#define HC_POOL_ABSENT 0u
#define HC_POOL_IDLE 1u
#define HC_POOL_TAKEN 2u
#define HC_POOL_READY 3u
#define HC_POOL_RUNNING 4u
#define HC_POOL_STATES 7u
#define HC_POOL_LATE_NS 5000000000ull /* after this time lanes that have not come are not waited for */
#define HC_POOL_NEST 8u               /* threads that end in pthread_exit on one lane that cannot unwind its stack */

typedef struct hc_pool_lane {
    hc_u32 state; /* launch token << 3 | one of the above */
    hc_u32 nest;
    hc_thread *thread;
} hc_pool_lane;
typedef struct hc_pool {
    hc_u32 expected, here; /* lanes that will come, that came */
    hc_u32 running;        /* threads that are not over */
    hc_u32 launch;         /* that `here` and `running` belong to */
    hc_u64 stack;
} hc_pool;

HC_STATE hc_pool_lane hc_pool_lanes[HC_POOL_MAX];
HC_STATE hc_pool hc_the_pool;

HC_FN hc_u32 hc_pool_word(hc_u32 state) { return hc_launch_token() << 3 | state; }

/* The counters begin anew with each launch, by whoever comes first. */
HC_BODY void hc_pool_begin(void) {
    hc_u32 token = hc_launch_token(), seen = hc_dev_load32(HC_AT64(&hc_the_pool.launch));
    hc_turns w;
    if (seen == token) {
        HC_SYNC_FENCE();
        return;
    }
    hc_turns_begin(&w, 0);
    while (seen != token) {
        if (!(seen & 0x80000000u) && hc_dev_cas32(HC_AT64(&hc_the_pool.launch), seen, seen | 0x80000000u) == seen) {
            (void)hc_dev_exch32(HC_AT64(&hc_the_pool.expected), 0);
            (void)hc_dev_exch32(HC_AT64(&hc_the_pool.here), 0);
            (void)hc_dev_exch32(HC_AT64(&hc_the_pool.running), 0);
            hc_sync_publish(&hc_the_pool.launch, token);
            hc_stir(&hc_the_pool.launch);
            return;
        }
        (void)hc_turn_or_leave(&w, &hc_the_pool.launch, seen);
        seen = hc_dev_load32(HC_AT64(&hc_the_pool.launch));
    }
    HC_SYNC_FENCE();
}
HC_FN void hc_threads_expect(hc_u32 first, hc_u64 stack) {
    hc_u32 all = (hc_u32)hc_thread_count(), lanes = first < all ? all - first : 0;
#if HC_HAS_WARPS
    lanes = lanes / hc_block_dim() * ((hc_block_dim() + 31u) / 32u);
#endif
    hc_pool_begin();
    hc_dev_store64(HC_AT64(&hc_the_pool.stack), stack);
    hc_sync_publish(&hc_the_pool.expected, lanes < HC_POOL_MAX ? lanes : HC_POOL_MAX);
}
HC_FN hc_u64 hc_pool_stack(void) {
#if defined(HC_HOST)
    if (hc_self->stack_bytes) return hc_self->stack_bytes;
#endif
    return hc_dev_load64(HC_AT64(&hc_the_pool.stack));
}
HC_FN hc_u32 hc_pool_size(void) {
    hc_u32 here = hc_dev_load32(HC_AT64(&hc_the_pool.here)), expected = hc_dev_load32(HC_AT64(&hc_the_pool.expected));
    return here > expected ? here : expected;
}

/* ---------------------------------------------------------------------------------------------------------- the end of a thread */
/* Publishes the end: from here on the record is the joiner's. */
HC_FN void hc_thread_over(hc_thread *t) {
    hc_u32 state = hc_dev_load32(HC_AT64(&t->state)), old;
    HC_SYNC_FENCE();
    for (;; state = old) {
        old = hc_dev_cas32(HC_AT64(&t->state), state, (state & ~HC_THREAD_LIVE) | HC_THREAD_OVER);
        if (old == state) break;
    }
    if (state & HC_THREAD_DETACHED) hc_thread_free(t);
    else hc_stir(&t->state);
}
/* A thread of the pool has returned from its function or left it: all that it had goes, then its lane is free, then it can be joined. So whoever
 * has joined a thread can start another. */
HC_BODY void hc_thread_finish(hc_pool_lane *lane, hc_thread *t) {
    hc_thread_clean(t);
    HC_SYNC_FENCE();
    (void)hc_dev_exch32(HC_AT64(&lane->state), hc_pool_word(HC_POOL_IDLE));
    hc_thread_over(t);
    (void)hc_dev_add32(HC_AT64(&hc_the_pool.running), ~0u);
    hc_stir(&hc_the_pool.running);
}

/* ----------------------------------------------------------------------------------------------------------------------- serving */
HC_FN void hc_thread_body(void *argument) {
    hc_thread *t = (hc_thread *)argument;
    if (t->c11) t->result = (void *)(hc_size)(hc_i64)((int (*)(void *))(hc_size)t->function)(t->argument);
    else t->result = t->function(t->argument);
}
/* Runs jobs until the program is over. */
HC_BODY void hc_pool_jobs(hc_pool_lane *lane) {
    hc_thread_place *place = hc_lane_place_here(1);
    place->pool = lane;
    for (;;) {
        hc_thread *t;
        hc_turns w;
        hc_u32 state;
        hc_turns_begin(&w, 0);
        while ((state = hc_dev_load32(HC_AT64(&lane->state))) != hc_pool_word(HC_POOL_READY))
            if (hc_turn(&w, &lane->state, state)) return;
        HC_SYNC_FENCE();
        t = lane->thread;
        place->thread = t;
        (void)hc_dev_exch32(HC_AT64(&t->lane), hc_lane_number());
        (void)hc_dev_exch32(HC_AT64(&lane->state), hc_pool_word(HC_POOL_RUNNING));
        hc_errno_set(0);
#if defined(HC_HOST)
        if (hc_self->enter) (void)hc_self->enter(hc_self, hc_thread_body, t);
        else hc_thread_body(t);
#else
        hc_thread_body(t);
#endif
        hc_thread_finish(lane, t);
    }
}
HC_BODY void hc_threads_serve(void) {
    hc_u32 index;
#if HC_HAS_WARPS
    if (hc_local_id() % 32u) return;
#endif
    hc_pool_begin();
    index = hc_dev_add32(HC_AT64(&hc_the_pool.here), 1);
    if (index >= HC_POOL_MAX || !hc_lane_place_here(1)) return; /* more lanes than places: this one is no help */
    hc_pool_lanes[index].nest = 0;
    HC_SYNC_FENCE();
    (void)hc_dev_exch32(HC_AT64(&hc_pool_lanes[index].state), hc_pool_word(HC_POOL_IDLE));
    hc_stir(&hc_the_pool.here);
    hc_pool_jobs(&hc_pool_lanes[index]);
}

/* ---------------------------------------------------------------------------------------------------------------------- creating */
/* A lane that waits, now this thread's; 0 if all work. */
HC_FN hc_pool_lane *hc_pool_find(void) {
    hc_u32 n = hc_dev_load32(HC_AT64(&hc_the_pool.here)), i, idle = hc_pool_word(HC_POOL_IDLE);
    HC_ROLLED for (i = 0; i < n && i < HC_POOL_MAX; i++) {
        hc_u64 at = HC_AT64(&hc_pool_lanes[i].state);
        if (hc_dev_load32(at) == idle && hc_dev_cas32(at, idle, hc_pool_word(HC_POOL_TAKEN)) == idle) return &hc_pool_lanes[i];
    }
    return 0;
}
/* The same, but lanes that have not come yet are waited for. */
HC_BODY hc_pool_lane *hc_pool_take(void) {
    hc_turns w;
    hc_pool_begin();
    hc_turns_begin(&w, hc_timer_ns() + HC_POOL_LATE_NS);
    for (;;) {
        hc_u32 here = hc_dev_load32(HC_AT64(&hc_the_pool.here)), expected = hc_dev_load32(HC_AT64(&hc_the_pool.expected));
        hc_pool_lane *lane = hc_pool_find();
        if (lane) {
            HC_SYNC_FENCE();
            return lane;
        }
        if (here >= expected) return 0;
        if (hc_turn_or_leave(&w, &hc_the_pool.here, here)) {
            (void)hc_dev_cas32(HC_AT64(&hc_the_pool.expected), expected, here); /* they will not come: nobody waits for them again */
            return 0;
        }
    }
}

typedef struct hc_thread_attr { /* as large as Linux's on x86-64; zeros are the defaults */
    hc_u64 stack_bytes;         /* 0: what the lanes have */
    hc_u64 stack_base, guard;
    hc_u32 detached, no_guard;
    hc_u32 reserved[6];
} hc_thread_attr;
HC_STATIC_ASSERT(sizeof(hc_thread_attr) == 56, hc_thread_attr_size);

HC_FN hc_u64 hc_thread_handle(const hc_thread *t, hc_u32 use) { return (hc_u64)use << 32 | ((hc_u64)(t - hc_threads) + 1u); }
HC_FN hc_thread *hc_thread_of(hc_u64 handle) {
    hc_u64 index = (hc_u32)handle - 1ull;
    hc_thread *t = index < HC_THREADS_MAX ? &hc_threads[index] : (hc_thread *)0;
    return t && hc_dev_load32(HC_AT64(&t->use)) == (hc_u32)(handle >> 32) ? t : (hc_thread *)0;
}

HC_BODY int hc_thread_start(hc_u64 *handle, const hc_thread_attr *attr, void *(*function)(void *), void *argument, int c11) {
    hc_thread *t;
    hc_pool_lane *lane;
#if !defined(HC_HOST)
    if (hc_is_lane_private(argument)) return HC_EFAULT; /* a lane's stack is out of reach for the thread: it would find its own there */
#endif
    if (attr && attr->stack_bytes && hc_pool_stack() && attr->stack_bytes > hc_pool_stack()) return HC_EINVAL;
    t = hc_thread_new();
    if (!t) return HC_EAGAIN;
    lane = hc_pool_take();
    if (!lane) {
        hc_thread_free(t);
        return HC_EAGAIN;
    }
    t->function = function;
    t->argument = argument;
    t->c11 = (hc_u32)c11;
    t->result = 0;
    (void)hc_dev_exch32(HC_AT64(&t->lane), 0);
    if (attr && attr->detached) (void)hc_dev_or32(HC_AT64(&t->state), HC_THREAD_DETACHED);
    *handle = hc_thread_handle(t, hc_dev_load32(HC_AT64(&t->use)));
    (void)hc_dev_add32(HC_AT64(&hc_the_pool.running), 1);
    lane->thread = t;
    hc_sync_publish(&lane->state, hc_pool_word(HC_POOL_READY));
    hc_stir(&lane->state);
    return 0;
}
HC_FN int hc_pthread_create(hc_u64 *handle, const hc_thread_attr *attr, void *(*function)(void *), void *argument) {
    return hc_thread_start(handle, attr, function, argument, 0);
}

/* ----------------------------------------------------------------------------------------------------- the others, and oneself */
/* A lane of main for which no record is left is known by its number alone. */
HC_BODY hc_u64 hc_pthread_self(void) {
    hc_thread *t = hc_thread_here(1);
    return t ? hc_thread_handle(t, hc_dev_load32(HC_AT64(&t->use))) : 1ull << 63 | (hc_u64)hc_lane_number() << 32;
}
HC_FN int hc_pthread_equal(hc_u64 a, hc_u64 b) { return a == b; }

HC_BODY int hc_thread_join_until(hc_u64 handle, void **result, hc_u64 deadline) {
    hc_thread *t = hc_thread_of(handle);
    hc_u32 state, old;
    hc_turns w;
    if (!t) return HC_ESRCH;
    if (t == hc_thread_here(0)) return HC_EDEADLK;
    for (state = hc_dev_load32(HC_AT64(&t->state));; state = old) {
        if (state & (HC_THREAD_DETACHED | HC_THREAD_JOINING)) return HC_EINVAL;
        old = hc_dev_cas32(HC_AT64(&t->state), state, state | HC_THREAD_JOINING);
        if (old == state) break;
    }
    hc_turns_begin(&w, deadline);
    while (!((state = hc_dev_load32(HC_AT64(&t->state))) & HC_THREAD_OVER))
        if (hc_turn_or_leave(&w, &t->state, state)) {
            (void)hc_dev_and32(HC_AT64(&t->state), ~HC_THREAD_JOINING); /* somebody else may, later */
            return HC_ETIMEDOUT;
        }
    HC_SYNC_FENCE();
    if (result) *result = t->result;
    hc_thread_free(t);
    return 0;
}
HC_FN int hc_pthread_join(hc_u64 handle, void **result) { return hc_thread_join_until(handle, result, 0); }
HC_FN int hc_pthread_tryjoin_np(hc_u64 handle, void **result) {
    int r = hc_thread_join_until(handle, result, 1);
    return r == HC_ETIMEDOUT ? HC_EBUSY : r;
}
HC_FN int hc_pthread_timedjoin_np(hc_u64 handle, void **result, const hc_timespec_t *at) {
    hc_u64 deadline;
    int r = hc_deadline_at(at, 1, &deadline);
    return r ? r : hc_thread_join_until(handle, result, deadline);
}
HC_BODY int hc_pthread_detach(hc_u64 handle) {
    hc_thread *t = hc_thread_of(handle);
    hc_u32 state, old;
    if (!t) return HC_ESRCH;
    for (state = hc_dev_load32(HC_AT64(&t->state));; state = old) {
        if (state & (HC_THREAD_DETACHED | HC_THREAD_JOINING)) return HC_EINVAL;
        old = hc_dev_cas32(HC_AT64(&t->state), state, state | HC_THREAD_DETACHED);
        if (old == state) break;
    }
    if (state & HC_THREAD_OVER) hc_thread_free(t);
    return 0;
}

/* In main: the program goes on until its threads are over. In a thread: where the stack cannot be unwound, the lane takes its next job on top
 * of what is there, and is lost to the pool once it has done that too often. */
HC_NORETURN HC_BODY void hc_pthread_exit(void *result) {
    hc_thread_place *place = hc_lane_place_here(0);
    hc_thread *t = place ? place->thread : (hc_thread *)0;
    hc_pool_lane *lane = place ? place->pool : (hc_pool_lane *)0;
    if (!lane) {
        hc_turns w;
        hc_u32 running;
        if (t) {
            hc_cleanup_all(t);
            hc_thread_clean(t);
        }
        hc_turns_begin(&w, 0);
        while ((running = hc_dev_load32(HC_AT64(&hc_the_pool.running))) != 0) (void)hc_turn_or_leave(&w, &hc_the_pool.running, running);
        hc_exit(0);
    }
    t->result = result;
    hc_cleanup_all(t);
#if defined(HC_HOST)
    if (hc_self->unwind) hc_self->unwind(hc_self);
#endif
    hc_thread_clean(t);
    if (++lane->nest < HC_POOL_NEST) {
        hc_thread_finish(lane, t);
        hc_pool_jobs(lane);
    } else {
        (void)hc_dev_exch32(HC_AT64(&lane->state), HC_POOL_ABSENT);
        hc_thread_over(t);
        (void)hc_dev_add32(HC_AT64(&hc_the_pool.running), ~0u);
    }
    hc_leave();
}

HC_FN int hc_pthread_setname_np(hc_u64 handle, const char *name) {
    hc_thread *t = hc_thread_of(handle);
    hc_u32 n = 0, i;
    if (!t) return HC_ESRCH;
    while (n < HC_THREAD_NAME && name[n]) n++;
    if (n == HC_THREAD_NAME) return HC_ERANGE;
    for (i = 0; i <= n; i++) t->name[i] = name[i];
    return 0;
}
HC_FN int hc_pthread_getname_np(hc_u64 handle, char *name, hc_size size) {
    hc_thread *t = hc_thread_of(handle);
    hc_u32 n = 0, i;
    if (!t) return HC_ESRCH;
    while (t->name[n]) n++;
    if (size <= n) return HC_ERANGE;
    for (i = 0; i <= n; i++) name[i] = t->name[i];
    return 0;
}
/* No signal is ever delivered: 0 asks whether the thread lives. */
HC_FN int hc_pthread_kill(hc_u64 handle, int signal) {
    hc_thread *t = hc_thread_of(handle);
    if (!t) return HC_ESRCH;
    return signal == 0 ? 0 : signal < 0 || signal > 64 ? HC_EINVAL : HC_ENOSYS;
}

/* ------------------------------------------------------------------------------------------------------------------- attributes */
#define HC_THREAD_STACK_MIN 2048u
HC_FN int hc_pthread_attr_init(hc_thread_attr *a) {
    hc_thread_attr fresh = {0, 0, 0, 0, 0, {0, 0, 0, 0, 0, 0}};
    *a = fresh;
    return 0;
}
/* EINVAL: less than PTHREAD_STACK_MIN, or more than lanes have here (--stack gives them more). */
HC_FN int hc_pthread_attr_setstacksize(hc_thread_attr *a, hc_size bytes) {
    hc_u64 most = hc_pool_stack();
    if (bytes < HC_THREAD_STACK_MIN || (most && bytes > most)) return HC_EINVAL;
    a->stack_bytes = bytes;
    return 0;
}
HC_FN int hc_pthread_attr_getstacksize(const hc_thread_attr *a, hc_size *bytes) {
    *bytes = a->stack_bytes ? a->stack_bytes : hc_pool_stack();
    return 0;
}
HC_FN int hc_pthread_attr_setdetachstate(hc_thread_attr *a, int detached) {
    if (detached != 0 && detached != 1) return HC_EINVAL;
    a->detached = (hc_u32)detached;
    return 0;
}
/* Of this thread: where its stack lies, as near as it can tell. Of others: what is known of them. */
HC_BODY int hc_pthread_getattr_np(hc_u64 handle, hc_thread_attr *a) {
    hc_thread *t = hc_thread_of(handle);
    if (!t && handle != hc_pthread_self()) return HC_ESRCH;
    (void)hc_pthread_attr_init(a);
    a->detached = t && (hc_dev_load32(HC_AT64(&t->state)) & HC_THREAD_DETACHED) ? 1 : 0;
    a->stack_bytes = hc_pool_stack();
    if (t && t != hc_thread_here(0)) return 0;
#if defined(HC_HOST)
    a->stack_base = hc_self->stack_base;
#endif
    if (!a->stack_base && a->stack_bytes) a->stack_base = ((HC_AT64(&t) | 4095u) + 1u) - a->stack_bytes;
    return 0;
}

#endif
