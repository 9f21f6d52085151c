/* SPDX-License-Identifier: Apache-2.0
 *
 * What threads wait with. A lane that waits polls a word in device memory, ever more slowly, and looks at the server now and then: a program
 * that is over ends every lane that still waits, where it stands, since a thread that got an error instead would go on for ever. Not for
 * OpenCL C, which has no function pointers and no generic address.
 */
#ifndef HC_THREADS_WAIT_H
#define HC_THREADS_WAIT_H
#include "process.h"
#include "time.h"

#define HC_EINTR 4
#define HC_ESRCH 3
#define HC_EBUSY 16
#define HC_EDEADLK 35

/* ------------------------------------------------------------------------------------------------------ words that lanes share
 * They lie where the program put them: also on the stack of one lane, where nobody else can come by, and where devices have no atomics. */
#if defined(HC_HOST)
#define HC_SYNC_EITHER(private_way, shared_way) return shared_way;
#define HC_SYNC_FENCE() ((void)0) /* hc_dev_* acquire and release there */
#else
#define HC_SYNC_EITHER(private_way, shared_way)   \
    if (hc_is_lane_private(p)) { private_way; } \
    return shared_way;
#define HC_SYNC_FENCE() hc_fence_dev()
#endif
#define HC_AT64(p) ((hc_u64)(hc_size)(p))
HC_FN hc_u32 hc_sync_load(const hc_u32 *p) { HC_SYNC_EITHER(return *(const volatile hc_u32 *)p, hc_dev_load32(HC_AT64(p))) }
HC_FN hc_u32 hc_sync_cas(hc_u32 *p, hc_u32 expect, hc_u32 v) {
    HC_SYNC_EITHER(hc_u32 old = *p; if (old == expect) *p = v; return old, hc_dev_cas32(HC_AT64(p), expect, v))
}
HC_FN hc_u32 hc_sync_exch(hc_u32 *p, hc_u32 v) { HC_SYNC_EITHER(hc_u32 old = *p; *p = v; return old, hc_dev_exch32(HC_AT64(p), v)) }
HC_FN hc_u32 hc_sync_add(hc_u32 *p, hc_u32 v) { HC_SYNC_EITHER(hc_u32 old = *p; *p = old + v; return old, hc_dev_add32(HC_AT64(p), v)) }
HC_FN hc_u64 hc_sync_load64(const hc_u64 *p) { HC_SYNC_EITHER(return *(const volatile hc_u64 *)p, hc_dev_load64(HC_AT64(p))) }
HC_FN hc_u64 hc_sync_cas64(hc_u64 *p, hc_u64 expect, hc_u64 v) {
    HC_SYNC_EITHER(hc_u64 old = *p; if (old == expect) *p = v; return old, hc_dev_cas64(HC_AT64(p), expect, v))
}
#undef HC_SYNC_EITHER
/* What this lane did before is seen by whoever sees v. */
HC_FN void hc_sync_publish(hc_u32 *p, hc_u32 v) {
    HC_SYNC_FENCE();
    (void)hc_sync_exch(p, v);
}

/* --------------------------------------------------------------------------------------------------------------------- the end */
HC_FN int hc_is_over(void) { return hc_dev_load32(HC_AT64(&hc_program_over)) == hc_launch_token(); }

/* ---------------------------------------------------------------------------------------------------------------------- waiting */
typedef struct hc_turns {
    hc_watch watch;
    hc_u64 deadline; /* by hc_timer_ns; 0: none */
    hc_u32 round;
} hc_turns;
HC_FN void hc_turns_begin(hc_turns *w, hc_u64 deadline) {
    hc_watch_begin(&w->watch);
    w->deadline = deadline;
    w->round = 0;
}

#define HC_TURN_REST_NS 50000000ll /* the longest sleep of a C thread: so late can its lane learn that the program is over */
#if defined(HC_HOST)
#define HC_TURN_SPIN 24u     /* turns before a C thread sleeps; asleep, it turns so rarely that it can look at the server each time */
#define HC_WAIT_UNFAIR 32u   /* turns after which it is somebody else's turn to wait */
#else
#define HC_TURN_LOOK 64u     /* turns between two looks at the server */
#define HC_TURN_PAUSES 32u   /* the longest turn, in pauses */
#define HC_WAIT_UNFAIR 256u
#endif

/* One turn of a wait for `word` to be something other than `seen`. 0: look again; -ETIMEDOUT; -ESHUTDOWN: the program is over. */
HC_BODY hc_i32 hc_turn(hc_turns *w, const hc_u32 *word, hc_u32 seen) {
    hc_u32 round = w->round++;
    hc_u64 c = hc_client_address();
    hc_i64 left = w->deadline ? (hc_i64)(w->deadline - hc_timer_ns()) : HC_TURN_REST_NS;
    if (hc_is_over()) return -HC_ESHUTDOWN;
    if (left <= 0) return -HC_ETIMEDOUT;
#if defined(HC_HOST)
    if (!hc_self->rest || round < HC_TURN_SPIN) {
        if (!hc_self->rest && c && round % HC_POLLS_PER_LOOK == 0 && hc_watch_server(c, 0, &w->watch)) return -HC_ESHUTDOWN;
        hc_relax(round);
        return 0;
    }
    if (c && hc_watch_server(c, 0, &w->watch)) return -HC_ESHUTDOWN;
    hc_self->rest(HC_AT64(word), seen, (hc_u64)(left < HC_TURN_REST_NS ? left : HC_TURN_REST_NS));
#else
    if (c && round % HC_TURN_LOOK == HC_TURN_LOOK - 1u && hc_watch_server(c, 0, &w->watch)) return -HC_ESHUTDOWN;
    {
        hc_u32 pauses = round / 16u < HC_TURN_PAUSES ? round / 16u + 1u : HC_TURN_PAUSES, i;
        HC_ROLLED for (i = 0; i < pauses && hc_sync_load(word) == seen; i++) hc_relax(round);
    }
#endif
    return 0;
}
/* The same for what a program waits for: when it is over the lane ends here. */
HC_FN hc_i32 hc_turn_or_leave(hc_turns *w, const hc_u32 *word, hc_u32 seen) {
    hc_i32 r = hc_turn(w, word, seen);
    if (r == -HC_ESHUTDOWN) hc_leave();
    return r;
}
/* After a word was changed: lanes that sleep at it look again. */
HC_FN void hc_stir(const hc_u32 *word) {
#if defined(HC_HOST)
    if (hc_self->stir) hc_self->stir(HC_AT64(word));
#else
    (void)word;
#endif
}

/* A point in time as a deadline. 0, or EINVAL. */
HC_FN int hc_deadline_at(const hc_timespec_t *at, int realtime, hc_u64 *deadline) {
    hc_i64 now, then;
    if (!at || at->tv_nsec < 0 || at->tv_nsec >= HC_BILLION_NS) return HC_EINVAL;
    now = hc_clock_ns(realtime);
    then = at->tv_sec < 0 ? 0 : hc_span_ns(at->tv_sec, at->tv_nsec);
    *deadline = hc_timer_ns();
    if (now >= 0 && then > now) *deadline += (hc_u64)(then - now) < (1ull << 62) ? (hc_u64)(then - now) : 1ull << 62;
    if (*deadline == 0) *deadline = 1;
    return 0;
}

/* Who owns a lock: a lane is one thread at a time. */
HC_FN hc_u32 hc_lane_number(void) { return (hc_u32)hc_thread_id() + 1u; }

#endif
