/* SPDX-License-Identifier: Apache-2.0
 *
 * Posting: records in a ring that nobody waits for.
 */
#ifndef HC_POSTED_H
#define HC_POSTED_H
#include "bind.h"

/* ----------------------------------------------------------------------------------------------------------------- posting */
#define HC_NO_POSITION 0xffffffffffffffffull

/* The position up to which the ring is free again. A full ring is the only reason to look across the bus, and one warp looks for all: two
 * thousand that do so at once leave the bus to nothing else. The others see what it found. Now and then each looks itself: the one that was
 * about to may be gone with its launch. */
#define HC_LOOK_YOURSELF 31u
HC_FN hc_u64 hc_posted_refresh(hc_u64 c, hc_u32 round) {
    hc_u64 at = HC_C(c)->posted_seen, looking = at + 8u, head, seen;
    int own = (round & 31u) == HC_LOOK_YOURSELF;
    if (!own && (hc_dev_load32(looking) || hc_dev_exch32(looking, 1))) return hc_dev_load64(at);
    head = hc_bus_load64(HC_C(c)->control + HC_CTL_POSTED_HEAD);
    seen = hc_dev_max64(at, head);
    if (!own || seen < head) hc_dev_store32(looking, 0);
    return seen > head ? seen : head;
}
/* Waits until a claim that overshot the credit has its room; then the lane's order. */
HC_NOINLINE hc_u64 hc_posted_await(hc_u64 c, hc_u64 at, hc_u32 words, hc_u32 records, hc_u64 seen) {
    hc_u64 size = 1ull << HC_C(c)->posted_shift;
    hc_u32 round;
    hc_watch w;
    hc_watch_begin(&w);
    HC_NO_UNROLL
    for (round = 0; at + words > seen + size; round++) {
        seen = hc_posted_refresh(c, round);
        if ((round & 63u) == 63u && hc_watch_server(c, 0, &w)) { /* the hole is skipped and counted by the drain */
            hc_count(c, HC_CNT_POSTED_DROPPED, records);
            return HC_NO_POSITION;
        }
        if (at + words > seen + size) hc_relax(round);
    }
    (void)hc_dev_max64(hc_order_at(c), at + words);
    return at;
}
/* Claims `words` of the posted ring for the whole mask; called by its leader. The credit check comes before the claim, with room for all
 * claims that may pass it at the same time (posted_slack); a claim beyond even that waits for the server before it is written.
 * HC_NO_POSITION: refused (dropped and counted, or the server is gone). */
HC_NOINLINE hc_u64 hc_posted_claim(hc_u64 c, hc_u32 words, hc_u32 records) {
    hc_u64 size = 1ull << HC_C(c)->posted_shift, seen = hc_dev_load64(HC_C(c)->posted_seen), at, slack = HC_C(c)->posted_slack;
    hc_u32 round;
    hc_watch w;
    hc_watch_begin(&w);
    HC_NO_UNROLL
    for (round = 0;; round++) {
        hc_u64 tail = hc_dev_load64(HC_C(c)->posted_tail);
        if (tail + words + slack <= seen + size) break;
        seen = hc_posted_refresh(c, (HC_C(c)->flags & (HC_FLAG_DROP_FULL | HC_FLAG_DEFERRED)) ? HC_LOOK_YOURSELF : round);
        if (tail + words + slack <= seen + size) break;
        if (HC_C(c)->flags & (HC_FLAG_DROP_FULL | HC_FLAG_DEFERRED)) {
            hc_count(c, HC_CNT_POSTED_DROPPED, records);
            return HC_NO_POSITION;
        }
        if ((round & 63u) == 63u && hc_watch_server(c, 0, &w)) {
            hc_count(c, HC_CNT_POSTED_DROPPED, records);
            return HC_NO_POSITION;
        }
        hc_relax(round);
    }
    at = hc_dev_add64(HC_C(c)->posted_tail, words);
    return hc_posted_await(c, at, words, records, seen);
}
/* The same for one who has looked at tail and credit already (hc_posted_look): while they come the caller has other things to do, and most
 * claims need one atomic more and nothing else. */
typedef struct hc_posted_credit {
    hc_u64 tail, seen;
} hc_posted_credit;
HC_FN void hc_posted_look(hc_u64 c, hc_posted_credit *credit) {
    credit->tail = hc_dev_load64(HC_C(c)->posted_tail);
    credit->seen = hc_dev_load64(HC_C(c)->posted_seen);
}
HC_FN hc_u64 hc_posted_claim_seen(hc_u64 c, const hc_posted_credit *credit, hc_u32 words, hc_u32 records) {
    hc_u64 size = 1ull << HC_C(c)->posted_shift, at;
    if (credit->tail + words + HC_C(c)->posted_slack > credit->seen + size) return hc_posted_claim(c, words, records);
    at = hc_dev_add64(HC_C(c)->posted_tail, words);
    if (at + words > credit->seen + size) return hc_posted_await(c, at, words, records, credit->seen);
    (void)hc_dev_max64(hc_order_at(c), at + words);
    return at;
}
HC_FN void hc_posted_word(hc_u64 c, hc_u64 position, hc_u64 value) {
    hc_u32 shift = HC_C(c)->posted_shift;
    hc_u64 at = HC_C(c)->posted + (position & ((1ull << shift) - 1u)) * HC_WORD;
    hc_put_word(at, value, hc_posted_tag(position, shift));
}

/* A record of this warp in the making: every lane has `words` of its own, behind each other in lane order. */
typedef struct hc_post_txn {
    hc_u64 c, at; /* at: position of this lane's first word */
    hc_mask mask;
    hc_i32 err;
} hc_post_txn;

/* Each lane posts one record of `words` words (they may differ between lanes). Returns 0 or a negative errno in t->err. */
HC_FN void hc_post_begin(hc_post_txn *t, hc_u32 words) {
    hc_u32 leader, before = 0, sum = 0;
    hc_u64 at = 0, size;
    t->c = hc_client_address();
    t->mask = hc_active_mask();
    t->err = 0;
    t->at = 0;
    if (!t->c) {
        t->err = -HC_ENODEV;
        return;
    }
    size = 1ull << HC_C(t->c)->posted_shift;
    leader = hc_first(t->mask);
    if (hc_all_same64(t->mask, words)) {
        before = words * hc_rank(t->mask);
        sum = words * hc_popc(t->mask);
    } else {
        hc_mask m = t->mask;
        HC_NO_UNROLL
        while (m) {
            hc_u32 src = hc_first(m), v = hc_shfl32(t->mask, words, src);
            if (src == hc_lane()) before = sum;
            sum += v;
            m &= m - 1u;
        }
    }
    if (sum <= size / 4u) {
        if (hc_lane() == leader) at = hc_posted_claim(t->c, sum, hc_popc(t->mask));
        at = hc_shfl64(t->mask, at, leader);
    } else if (words <= size / 4u) { /* together they would not fit for a long time, or never: each on its own */
        before = 0;
        at = hc_posted_claim(t->c, words, 1);
    } else {
        t->err = -HC_EMSGSIZE;
        return;
    }
    if (at == HC_NO_POSITION) {
        t->err = (HC_C(t->c)->flags & (HC_FLAG_DROP_FULL | HC_FLAG_DEFERRED)) ? -HC_EAGAIN : -HC_ESHUTDOWN;
        return;
    }
    t->at = at + before;
}
HC_FN void hc_post_word(const hc_post_txn *t, hc_u32 index, hc_u64 value) { hc_posted_word(t->c, t->at + index, value); }
HC_FN void hc_post_header(const hc_post_txn *t, hc_u32 op, hc_u32 nwords, hc_u32 immediate) {
    hc_posted_word(t->c, t->at, (hc_u64)hc_record_pack(op, nwords) | ((hc_u64)immediate << 32));
}

#endif
