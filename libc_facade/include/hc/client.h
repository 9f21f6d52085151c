/* SPDX-License-Identifier: Apache-2.0
 *
 * The client role: how a warp makes a call and how it posts. A blocking call goes through
 *
 *     hc_begin  -> reserve payload, claim a slot         (FREE -> CLAIMED)
 *     hc_put    -> this lane's payload bytes
 *     hc_send   -> publish, await, release               (CLAIMED -> PUBLISHED -> ANSWERED | PARKED | LIMBO)
 *     hc_get    -> payload bytes that came back
 *     hc_end    -> give the payload back
 *
 * All lanes that were converged at hc_begin travel in one packet. Nothing is held across a wait that another lane may need: arena
 * space is reserved before the slot is claimed, and a lane that waits for an event waits on a completion word, its slot free again.
 */
#ifndef HC_CLIENT_H
#define HC_CLIENT_H
#include "copy.h"
#include "lane_state.h"
#include "posted.h"

/* ------------------------------------------------------------------------------------------------------------ send and await */
/* Which arguments differ between lanes: a bit each. */
HC_FN hc_u32 hc_txn_perlane(const hc_txn *t, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3, hc_i64 a4, hc_i64 a5) {
    hc_u32 perlane = 0;
#if HC_HAS_WARPS
    if (t->lanes > 1u) {
        if (t->nargs > 0u && !hc_all_same64(t->mask, (hc_u64)a0)) perlane |= 1u;
        if (t->nargs > 1u && !hc_all_same64(t->mask, (hc_u64)a1)) perlane |= 2u;
        if (t->nargs > 2u && !hc_all_same64(t->mask, (hc_u64)a2)) perlane |= 4u;
        if (t->nargs > 3u && !hc_all_same64(t->mask, (hc_u64)a3)) perlane |= 8u;
        if (t->nargs > 4u && !hc_all_same64(t->mask, (hc_u64)a4)) perlane |= 16u;
        if (t->nargs > 5u && !hc_all_same64(t->mask, (hc_u64)a5)) perlane |= 32u;
    }
#else
    (void)t, (void)a0, (void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
#endif
    return perlane;
}

HC_FN void hc_publish(const hc_txn *t, hc_u32 perlane, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3, hc_i64 a4, hc_i64 a5) {
    hc_u64 args[HC_MAX_ARGS];
    hc_u32 k, word = 0;
    hc_u64 head = HC_C(t->c)->heads + (hc_u64)t->slot * HC_HEAD_BYTES, bell = HC_C(t->c)->bells + t->slot;
    args[0] = (hc_u64)a0;
    args[1] = (hc_u64)a1;
    args[2] = (hc_u64)a2;
    args[3] = (hc_u64)a3;
    args[4] = (hc_u64)a4;
    args[5] = (hc_u64)a5;
#if HC_HAS_WARPS
#pragma unroll
    for (k = 0; k < HC_MAX_ARGS; k++) {
        if (k >= t->nargs) break;
        if ((perlane >> k) & 1u) {
            hc_put_word(hc_tail_at(t, word + t->rank), args[k], t->seq); /* coalesced: neighbours store neighbouring words */
            word += t->lanes;
        } else if (k >= 2u) {
            if (t->rank == 0) hc_put_word(hc_tail_at(t, word), args[k], t->seq);
            word += 1u;
        }
    }
#else
    for (k = 2; k < HC_MAX_ARGS; k++)
        if (k < t->nargs) {
            hc_put_word(hc_tail_at(t, word), args[k], t->seq);
            word += 1u;
        }
#endif
    if (t->kind == HC_PAY_STAGED) {
        /* The copies of all lanes, ordered by the barrier, become visible to the host before word 0, without which the packet is
         * not accepted. Without it the host could read the arena before the bytes have landed. */
        hc_warp_sync(t->mask);
        if (t->rank == 0) hc_fence_to_host();
    }
    {
        hc_u64 w0 = (hc_u64)hc_head_pack(t->op, t->nargs, perlane, t->kind) | ((hc_u64)t->mask << 32);
        hc_u64 w1 = (hc_u64)t->order | ((t->kind == HC_PAY_STAGED ? (hc_u64)t->page * (HC_PAGE / 16u) : 0) << 32);
        hc_u64 w2 = (perlane & 1u) ? 0 : args[0], w3 = (perlane & 2u) ? 0 : args[1];
        /* Four lanes store the 64 bytes in one transaction; fewer lanes take turns. */
        for (k = t->rank; k < HC_HEAD_WORDS; k += t->lanes)
            hc_put_word(head + k * HC_WORD, k == 0 ? w0 : k == 1u ? w1 : k == 2u ? w2 : w3, t->seq);
    }
    /* The doorbell: one byte among those of 64 slots, so that an idle slot costs the sweep nothing. Not ordered after the packet;
     * the server keeps looking until all words are there. */
    if (t->rank == 0) hc_bus_store8(bell, (hc_u8)t->seq);
}

#if defined(HC_CUDA)
HC_FN void hc_pause_cycles(hc_u32 cycles) {
    hc_u64 t0 = hc_cycles();
    while (hc_cycles() - t0 < cycles) {}
}
#else
HC_FN void hc_pause_cycles(hc_u32 cycles) { (void)cycles; }
#endif

/* Waits for word `at` to carry `seq` (any form). 0, -ESHUTDOWN or -ETIMEDOUT. One load in flight: a second one to the same word travels
 * with the first and brings nothing. The first look is put off a little, so that it meets the reply on the host's side instead of
 * passing just before it; measured in docs/design.md. */
HC_FN hc_i32 hc_await(hc_u64 c, hc_u32 slot, hc_u64 at, hc_u32 seq, hc_u32 seq_mask, hc_u64 deadline, hc_u64 *lo, hc_u64 *hi) {
    hc_watch w;
    hc_u32 round, looks = 0;
    hc_i32 stop;
    hc_watch_begin(&w);
    hc_pause_cycles(HC_C(c)->poll_first);
    HC_NO_UNROLL
    for (round = 0;; round++) {
        hc_bus_load_word(at, lo, hi);
        if ((hc_half_tag(*lo) & seq_mask) == seq && hc_half_tag(*lo) == hc_half_tag(*hi)) return 0;
        if ((round & (HC_POLLS_PER_LOOK - 1u)) == HC_POLLS_PER_LOOK - 1u) {
            stop = hc_watch_server(c, slot, &w);
            /* A kernel that was stopped (exit, abort, Ctrl-C) is still answered, with -ESHUTDOWN: waiting for that a moment longer gives the
             * slot and the pages back in good order. A closed or silent server answers no more. */
            if (stop && (looks++ >= HC_GRACE_LOOKS || hc_bus_load32(HC_C(c)->control + HC_CTL_ABORT) <= HC_ABORT_CLOSED)) {
                hc_bus_load_word(at, lo, hi); /* one last look: the answer may have come before the end */
                if ((hc_half_tag(*lo) & seq_mask) == seq && hc_half_tag(*lo) == hc_half_tag(*hi)) return 0;
                return stop;
            }
            if (deadline && (hc_i64)(hc_timer_ns() - deadline) >= 0) return -HC_ETIMEDOUT;
        }
#if defined(HC_CUDA)
        if (round > 64u) hc_relax(round); /* leave the bus to the others: this wait is not a short one */
#else
        hc_relax(round);
#endif
    }
}

/* A lane waits on its completion word; slot and packet are gone. From here on the lane is on its own: others of the packet may be what
 * it waits for, so nothing below may reconverge with them. */
typedef struct hc_woken {
    hc_i64 value;
    hc_u64 gave_up; /* the pages belong to the limbo list now */
} hc_woken;
HC_NOINLINE hc_woken hc_await_parked(hc_u64 c, hc_u64 ref, hc_u64 deadline, hc_u64 chunk, hc_u32 pages) {
    hc_u32 index = (hc_u32)ref, generation = (hc_u32)(ref >> 32), round;
    hc_u64 lo, hi;
    hc_watch w;
    hc_woken woken;
    hc_i32 stop = hc_await(c, 0, HC_C(c)->parks + (hc_u64)index * HC_WORD, generation, 0xffffffffu, deadline, &lo, &hi);
    if (stop == 0) {
        hc_bus_store32(HC_C(c)->acks + 4u * (hc_u64)index, generation); /* the index may be used again */
        woken.value = (hc_i64)hc_word_value(lo, hi);
        woken.gave_up = 0;
        return woken;
    }
    hc_watch_begin(&w);
    for (round = 0; !hc_limbo_add(c, 3u, index, generation, chunk, pages); round++) {
        if (hc_watch_server(c, 0, &w)) break;
        hc_relax(round);
    }
    woken.value = stop;
    woken.gave_up = 1;
    return woken;
}

/* Publishes, waits, frees the slot. Returns this lane's result. */
HC_FN hc_i64 hc_txn_finish(hc_txn *t, hc_u32 perlane, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3, hc_i64 a4, hc_i64 a5) {
    hc_u64 lo = 0, hi = 0, value;
    hc_u32 form = 0;
    hc_i32 stop = 0;
    if (t->err) return t->err;
    hc_publish(t, perlane, a0, a1, a2, a3, a4, a5);
    if (hc_lane() == t->leader) stop = hc_await(t->c, t->slot, HC_C(t->c)->reply_heads + (hc_u64)t->slot * HC_WORD, t->seq, HC_SEQ_MASK, t->deadline, &lo, &hi);
    stop = (hc_i32)hc_shfl32(t->mask, (hc_u32)stop, t->leader);
    if (stop) { /* slot and pages stay the server's until its late reply: the limbo list keeps them */
        if (hc_lane() == t->leader) (void)hc_limbo_add(t->c, 2u, t->slot, t->seq, t->pages ? (hc_u64)t->page + 1u : 0, t->pages);
        t->pages = 0;
        return stop;
    }
    lo = hc_shfl64(t->mask, lo, t->leader);
    hi = hc_shfl64(t->mask, hi, t->leader);
    form = hc_half_tag(lo) >> HC_FORM_SHIFT;
    if (t->kind == HC_PAY_STAGED && (t->flags & HC_OUT) && form != HC_FORM_PARKED) {
        hc_warp_sync(t->mask); /* the leader's look at the reply before every lane's fence */
        hc_fence_from_host();  /* the reply before the bytes it announces: without it a lane could use bytes loaded earlier */
    }
    if (form == HC_FORM_UNIFORM) { /* the usual case: one value for all, and nobody was parked */
        if (hc_lane() == t->leader) hc_dev_store32(HC_C(t->c)->slot_state + 4u * t->slot, t->seq);
        return (hc_i64)hc_word_value(lo, hi);
    }
    if (form == HC_FORM_LANES) {
        /* Every lane takes its own word; the tag tells when it is there. */
        hc_u64 at = HC_C(t->c)->reply_lanes + ((hc_u64)t->slot * HC_MAX_LANES + hc_lane()) * HC_WORD;
        stop = hc_await(t->c, t->slot, at, t->seq, HC_SEQ_MASK, 0, &lo, &hi);
        form = stop ? HC_FORM_UNIFORM : hc_half_tag(lo) >> HC_FORM_SHIFT;
    }
    value = hc_word_value(lo, hi);
    {
        hc_mask parked = hc_ballot(t->mask, form == HC_FORM_PARKED);
        if (parked && t->pages && hc_lane() == t->leader) {
            hc_dev_store32(HC_C(t->c)->arena_refs + 4u * t->page, t->lanes);
            hc_fence_dev(); /* the count before any lane's drop, which follows the barrier below */
        }
        hc_warp_sync(t->mask); /* all lanes have their words: the slot can go */
        if (hc_lane() == t->leader) hc_dev_store32(HC_C(t->c)->slot_state + 4u * t->slot, t->seq);
        if (parked) {
            hc_u32 me = 1u << hc_lane();
            t->alone = t->lanes == 1u;
            if (parked & me) {
                t->mask = me;
            } else {
                t->mask &= ~parked;
            }
            t->leader = hc_first(t->mask);
            t->rank = hc_rank(t->mask);
            t->lanes = hc_popc(t->mask);
            if (parked & me) {
                hc_woken woken = hc_await_parked(t->c, value, t->deadline, t->pages ? (hc_u64)t->page + 1u : 0, t->pages);
                value = (hc_u64)woken.value;
                if (woken.gave_up) t->pages = 0;
                if (t->kind == HC_PAY_STAGED && (t->flags & HC_OUT)) hc_fence_from_host(); /* as above */
            }
        }
    }
    return stop ? (hc_i64)stop : (hc_i64)value;
}

HC_FN void hc_end(hc_txn *t) {
    if (t->pages) {
        hc_warp_sync(t->mask); /* every lane has its bytes */
        if (hc_lane() == t->leader) hc_arena_drop(t->c, t->page, t->pages, t->lanes, (int)t->alone);
        t->pages = 0;
    }
}

HC_FN hc_i64 hc_txn_send(hc_txn *t, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3, hc_i64 a4, hc_i64 a5) {
    hc_u32 perlane = t->err ? 0u : hc_txn_perlane(t, a0, a1, a2, a3, a4, a5);
    return hc_txn_finish(t, perlane, a0, a1, a2, a3, a4, a5);
}
HC_NOINLINE hc_i64 hc_send(hc_txn *t, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3, hc_i64 a4, hc_i64 a5) {
    return hc_txn_send(t, a0, a1, a2, a3, a4, a5);
}

/* The plain case, no payload: inlined, the transaction lives in registers, and the arguments are compared while the claim is on its way. */
HC_FN hc_i64 hc_call_words(hc_u32 op, hc_u32 nargs, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3) {
    hc_txn t;
    hc_u32 perlane;
    hc_txn_open(&t, op, nargs, 0, 0);
    if (t.err) return t.err;
    perlane = hc_txn_perlane(&t, a0, a1, a2, a3, 0, 0);
    hc_claim_finish(&t);
    return hc_txn_finish(&t, perlane, a0, a1, a2, a3, 0, 0);
}

#endif
