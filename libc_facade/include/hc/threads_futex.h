/* SPDX-License-Identifier: Apache-2.0
 *
 * Linux's futex for code that builds its own locks on it (Rust's std does): FUTEX_WAIT and FUTEX_WAKE, with bitsets and timeouts. Who waits
 * stands in a table by the word's address, so that FUTEX_WAKE can tell how many it woke; where the table's row is full a wait ends after a
 * short while, as if it had been woken for nothing, which every user of futexes expects.
 */
#ifndef HC_THREADS_FUTEX_H
#define HC_THREADS_FUTEX_H
#include "threads_wait.h"

#define HC_FUTEX_WAIT 0
#define HC_FUTEX_WAKE 1
#define HC_FUTEX_WAIT_BITSET 9
#define HC_FUTEX_WAKE_BITSET 10
#define HC_FUTEX_PRIVATE 128
#define HC_FUTEX_REALTIME 256

#define HC_FUTEX_ROWS 64u
#define HC_FUTEX_ROW 64u
#define HC_FUTEX_SHORT_NS 100000u

/* place.state: uses of the place : 30 | one of these : 2. The uses tell a waker that the place is not the one any more that it looked at. */
#define HC_FUTEX_FREE 0u
#define HC_FUTEX_SETTING 1u
#define HC_FUTEX_WAITING 2u
#define HC_FUTEX_WOKEN 3u
#define HC_FUTEX_STATE 3u
typedef struct hc_futex_place {
    hc_u64 address;
    hc_u32 state, bits;
} hc_futex_place;
typedef struct hc_futex_row {
    hc_u32 waiting, reserved;
    hc_futex_place places[HC_FUTEX_ROW];
} hc_futex_row;
HC_STATE hc_futex_row hc_futex_rows[HC_FUTEX_ROWS];

HC_FN hc_futex_row *hc_futex_row_of(const hc_u32 *word) { return &hc_futex_rows[(HC_AT64(word) >> 2) * 0x9e3779b97f4a7c15ull >> 58]; }

HC_BODY hc_i64 hc_futex_wait(hc_u32 *word, hc_u32 expected, hc_u64 deadline, hc_u32 bits) {
    hc_futex_row *row = hc_futex_row_of(word);
    hc_futex_place *p = 0;
    hc_turns w;
    hc_u32 i, use = 0;
    hc_i32 r = 0;
    if (hc_is_over()) hc_leave();
    for (i = 0; i < HC_FUTEX_ROW && !p; i++) {
        hc_u32 seen = hc_dev_load32(HC_AT64(&row->places[i].state));
        use = seen + HC_FUTEX_STATE + 1u; /* of the next use, FREE */
        if ((seen & HC_FUTEX_STATE) == HC_FUTEX_FREE && hc_dev_cas32(HC_AT64(&row->places[i].state), seen, use | HC_FUTEX_SETTING) == seen)
            p = &row->places[i];
    }
    if (!p) {
        hc_u64 until = hc_timer_ns() + HC_FUTEX_SHORT_NS;
        if (hc_sync_load(word) != expected) return -HC_EAGAIN;
        hc_turns_begin(&w, deadline && deadline < until ? deadline : until);
        while (hc_sync_load(word) == expected && !hc_turn_or_leave(&w, word, expected)) {
        }
        return deadline && deadline < until && hc_sync_load(word) == expected ? -HC_ETIMEDOUT : 0;
    }
    hc_dev_store64(HC_AT64(&p->address), HC_AT64(word));
    hc_dev_store32(HC_AT64(&p->bits), bits);
    hc_sync_publish(&p->state, use | HC_FUTEX_WAITING);
    /* The place before the count, the count before the word: who changes the word and then asks for the count sees this wait, or this wait
     * sees the change. Read-modify-writes on both sides, since a load could pass the store before it. */
    (void)hc_dev_add32(HC_AT64(&row->waiting), 1);
    HC_SYNC_FENCE();
    if (hc_sync_load(word) != expected) r = -HC_EAGAIN;
    hc_turns_begin(&w, deadline);
    while (!r && hc_dev_load32(HC_AT64(&p->state)) == (use | HC_FUTEX_WAITING)) r = hc_turn_or_leave(&w, &p->state, use | HC_FUTEX_WAITING);
    if (hc_dev_cas32(HC_AT64(&p->state), use | HC_FUTEX_WAITING, use | HC_FUTEX_SETTING) != (use | HC_FUTEX_WAITING)) r = 0; /* counted as woken: so it was */
    (void)hc_dev_add32(HC_AT64(&row->waiting), ~0u);
    HC_SYNC_FENCE();
    (void)hc_dev_exch32(HC_AT64(&p->state), use | HC_FUTEX_FREE);
    return r;
}
HC_BODY hc_i64 hc_futex_wake(hc_u32 *word, hc_u32 most, hc_u32 bits) {
    hc_futex_row *row = hc_futex_row_of(word);
    hc_u32 i, woken = 0;
    if (hc_is_over()) hc_leave();
    HC_SYNC_FENCE();
    if (hc_dev_add32(HC_AT64(&row->waiting), 0) == 0) return 0;
    HC_SYNC_FENCE();
    for (i = 0; i < HC_FUTEX_ROW && woken < most; i++) {
        hc_futex_place *p = &row->places[i];
        hc_u32 seen = hc_dev_load32(HC_AT64(&p->state));
        if ((seen & HC_FUTEX_STATE) != HC_FUTEX_WAITING) continue;
        HC_SYNC_FENCE();
        if (hc_dev_load64(HC_AT64(&p->address)) != HC_AT64(word) || !(hc_dev_load32(HC_AT64(&p->bits)) & bits)) continue;
        if (hc_dev_cas32(HC_AT64(&p->state), seen, seen | HC_FUTEX_WOKEN) != seen) continue;
        hc_stir(&p->state);
        woken++;
    }
    return (hc_i64)woken;
}
HC_FN int hc_futex_what(int operation) { return operation & ~(HC_FUTEX_PRIVATE | HC_FUTEX_REALTIME); }
HC_FN int hc_futex_is_wake(int operation) {
    int what = hc_futex_what(operation);
    return what == HC_FUTEX_WAKE || what == HC_FUTEX_WAKE_BITSET;
}
HC_FN int hc_futex_has_bits(int operation) {
    int what = hc_futex_what(operation);
    return what == HC_FUTEX_WAIT_BITSET || what == HC_FUTEX_WAKE_BITSET;
}
/* What the system call returns: a number, or a negative errno. */
HC_BODY hc_i64 hc_futex(hc_u32 *word, int operation, hc_u32 value, const hc_timespec_t *timeout, hc_u32 bits) {
    int what = hc_futex_what(operation), wake = hc_futex_is_wake(operation);
    hc_u64 deadline = 0;
    if (!wake && what != HC_FUTEX_WAIT && what != HC_FUTEX_WAIT_BITSET) return -HC_ENOSYS;
    if (!word) return -HC_EFAULT;
    if (HC_AT64(word) & 3u) return -HC_EINVAL;
    if (!hc_futex_has_bits(operation)) bits = ~0u;
    if (bits == 0) return -HC_EINVAL;
    if (wake) {
#if !defined(HC_HOST)
        /* Every lane has a stack at this address: nobody but this one can wait there, and it does not. */
        if (hc_is_lane_private(word)) return 0;
#endif
        return hc_futex_wake(word, value, bits);
    }
    if (timeout && what == HC_FUTEX_WAIT_BITSET) {
        if (hc_deadline_at(timeout, (operation & HC_FUTEX_REALTIME) != 0, &deadline)) return -HC_EINVAL;
    } else if (timeout) { /* from now */
        hc_i64 ns = hc_span_ns(timeout->tv_sec, timeout->tv_nsec);
        if (ns < 0) return ns;
        deadline = hc_timer_ns() + ((hc_u64)ns < (1ull << 62) ? (hc_u64)ns : 1ull << 62);
        if (deadline == 0) deadline = 1;
    }
    return hc_futex_wait(word, value, deadline, bits);
}

#endif
