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

/* The four words of a head: four lanes store the 64 bytes in one transaction; of fewer lanes one stores them in turn. */
HC_FN void hc_publish_head(hc_u64 head, hc_u32 rank, hc_u32 lanes, hc_u32 seq, hc_u64 w0, hc_u64 w1, hc_u64 w2, hc_u64 w3) {
    if (lanes >= HC_HEAD_WORDS) {
        hc_u64 w = rank == 0 ? w0 : rank == 1u ? w1 : rank == 2u ? w2 : w3;
        if (rank < HC_HEAD_WORDS) hc_put_word(head + rank * HC_WORD, w, seq);
    } else if (rank == 0) {
        hc_put_word(head, w0, seq);
        hc_put_word(head + HC_WORD, w1, seq);
        hc_put_word(head + 2u * HC_WORD, w2, seq);
        hc_put_word(head + 3u * HC_WORD, w3, seq);
    }
}
HC_FN void hc_publish(const hc_txn *t, hc_u32 perlane, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3, hc_i64 a4, hc_i64 a5) {
    hc_u64 args[HC_MAX_ARGS];
    hc_u32 k, word = 0;
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
    hc_publish_head(t->heads + (hc_u64)t->slot * HC_HEAD_BYTES, t->rank, t->lanes, t->seq,
                    (hc_u64)hc_head_pack(t->op, t->nargs, perlane, t->kind) | ((hc_u64)t->mask << 32),
                    (hc_u64)t->order | ((t->kind == HC_PAY_STAGED ? (hc_u64)t->page * (HC_PAGE / 16u) : 0) << 32), (perlane & 1u) ? 0 : args[0],
                    (perlane & 2u) ? 0 : args[1]);
    /* The doorbell: one byte among those of 64 slots, so that an idle slot costs the sweep nothing. Not ordered after the packet;
     * the server keeps looking until all words are there. */
    if (t->rank == 0) hc_bus_store8(t->bells + t->slot, (hc_u8)t->seq);
}

#if defined(HC_CUDA)
HC_FN void hc_pause_cycles(hc_u32 cycles) {
    hc_u32 t0 = hc_cycles32();
    while (hc_cycles32() - t0 < cycles)
        if (cycles >= HC_HABIT_LONG) __nanosleep(100); /* others want to issue */
}
#else
HC_FN void hc_pause_cycles(hc_u32 cycles) { (void)cycles; }
#endif

/* Waits for word `at` to carry `seq` (any form). 0, -ESHUTDOWN or -ETIMEDOUT. One load in flight: a second one to the same word travels
 * with the first and brings nothing. The first look is put off by `first` cycles, so that it meets the reply on the host's side instead of
 * passing just before it. Lanes that wait for the same word load it together: one transaction, and nothing to pass around. */
HC_FN hc_i32 hc_await(hc_u64 c, hc_u32 slot, hc_u64 at, hc_u32 seq, hc_u32 seq_mask, hc_u64 deadline, hc_u32 first, hc_u64 *lo, hc_u64 *hi, hc_u32 *rounds) {
    hc_watch w;
    hc_u32 round, looks = 0;
    hc_i32 stop;
    hc_watch_begin(&w);
    hc_pause_cycles(first);
    HC_NO_UNROLL
    for (round = 0;; round++) {
        hc_bus_load_word(at, lo, hi);
        *rounds = round;
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
        /* Leave the bus to the others: this wait is not a short one. */
        if (first >= HC_HABIT_LONG) hc_pause_cycles(first >> 4);
        else if (round > 64u) hc_relax(round);
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
    hc_i32 stop = hc_await(c, 0, HC_C(c)->parks + (hc_u64)index * HC_WORD, generation, 0xffffffffu, deadline, HC_C(c)->poll_first, &lo, &hi, &round);
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

/* The reply is in lo and hi, or this lane gave up (stop): frees the slot. Returns this lane's result. */
HC_FN hc_i64 hc_txn_take(hc_txn *t, hc_i32 stop, hc_u64 lo, hc_u64 hi) {
    hc_u64 value;
    hc_u32 form, rounds;
    if (hc_any(t->mask, stop != 0)) { /* one lane gave up: all do. Slot and pages stay the server's until its late reply: the limbo list keeps them */
        hc_mask why = hc_ballot(t->mask, stop == -HC_ESHUTDOWN);
        if (hc_lane() == t->leader) (void)hc_limbo_add(t->c, 2u, t->slot, t->seq, t->pages ? (hc_u64)t->page + 1u : 0, t->pages);
        t->pages = 0;
        return why ? -HC_ESHUTDOWN : -HC_ETIMEDOUT;
    }
    form = hc_half_tag(lo) >> HC_FORM_SHIFT;
    if (t->kind == HC_PAY_STAGED && (t->flags & HC_OUT) && form != HC_FORM_PARKED) {
        hc_fence_from_host(); /* the reply before the bytes it announces: without it a lane could use bytes loaded earlier */
    }
    if (form == HC_FORM_UNIFORM) { /* the usual case: one value for all, and nobody was parked */
        if (hc_lane() == t->leader) hc_slot_release(t); /* after the vote: every lane has the reply */
        if (t->home) hc_warp_sync(t->mask);             /* what the owner wrote, before any lane reads the entry again */
        return (hc_i64)hc_word_value(lo, hi);
    }
    if (form == HC_FORM_LANES) {
        /* Every lane takes its own word; the tag tells when it is there. */
        hc_u64 at = HC_C(t->c)->reply_lanes + ((hc_u64)t->slot * HC_MAX_LANES + hc_lane()) * HC_WORD;
        stop = hc_await(t->c, t->slot, at, t->seq, HC_SEQ_MASK, 0, 0, &lo, &hi, &rounds);
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
        if (hc_lane() == t->leader) hc_slot_release(t);
        hc_warp_sync(t->mask); /* as above */
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

/* Publishes, waits, frees the slot. Returns this lane's result. */
HC_FN hc_i64 hc_txn_finish(hc_txn *t, hc_u32 perlane, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3, hc_i64 a4, hc_i64 a5) {
    hc_u64 lo, hi;
    hc_u32 rounds, since = 0;
    hc_i32 stop;
    if (t->err) return t->err;
    hc_publish(t, perlane, a0, a1, a2, a3, a4, a5);
#if HC_HAS_WARPS
    since = hc_cycles32();
#endif
    stop = hc_await(t->c, t->slot, t->reply_heads + (hc_u64)t->slot * HC_WORD, t->seq, HC_SEQ_MASK, t->deadline, t->first, &lo, &hi, &rounds);
#if HC_HAS_WARPS
    if (t->home) t->habit = hc_habit_next(t->op, t->habit, t->seq, t->first, rounds, hc_cycles32() - since, HC_C(t->c)->poll_first);
#else
    (void)since;
#endif
    return hc_txn_take(t, stop, lo, hi);
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

/* No payload. */
HC_NOINLINE hc_i64 hc_call_words_any(hc_u32 op, hc_u32 nargs, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3) {
    hc_txn t;
    hc_u32 perlane;
    hc_txn_open(&t, op, nargs, 0, 0);
    if (t.err) return t.err;
    perlane = hc_txn_perlane(&t, a0, a1, a2, a3, 0, 0); /* while the claim is on its way */
    hc_claim_finish(&t);
    return hc_txn_finish(&t, perlane, a0, a1, a2, a3, 0, 0);
}
#if HC_HAS_WARPS
#define HC_FAST_LOOKS 64u
/* A wait that went on for long, or a reply that is not one value for all: the general way from here. */
HC_NOINLINE hc_i64 hc_call_words_rest(hc_u64 c, hc_u64 home, hc_mask mask, hc_u32 op, hc_u32 slot, hc_u32 seq, hc_u32 habit, hc_u32 first, hc_u64 lo, hc_u64 hi) {
    hc_txn t;
    hc_u32 rounds, since = hc_cycles32();
    hc_i32 stop = 0;
    t.c = c;
    t.mask = mask;
    t.leader = 0;
    t.rank = hc_rank(mask);
    t.lanes = hc_popc(mask);
    t.op = op;
    t.kind = HC_PAY_NONE;
    t.flags = 0;
    t.slot = slot;
    t.seq = seq;
    t.home = home;
    t.place = slot;
    t.page = 0;
    t.pages = 0;
    t.deadline = 0;
    t.alone = 1;
    if ((hc_half_tag(lo) & HC_SEQ_MASK) != seq || hc_half_tag(lo) != hc_half_tag(hi))
        stop = hc_await(c, slot, HC_C(c)->reply_heads + (hc_u64)slot * HC_WORD, seq, HC_SEQ_MASK, 0, first, &lo, &hi, &rounds);
    t.habit = hc_habit_next(op, habit, seq, first, HC_FAST_LOOKS, hc_cycles32() - since, HC_C(c)->poll_first);
    return hc_txn_take(&t, stop, lo, hi);
}
#endif
/* The same, and the straight line for what most calls are: a whole warp or its lane 0 alone, on its kept slot, with the same few words from all
 * lanes, answered with one value. Nothing here is passed between lanes: all of them load the same entry and the same reply.
 * Cost: four loads of the client and one of the entry from L1, one store of the entry, the packet and its bell, the polls, one store of the entry; two warp barriers and a vote; no fence, no atomic. */
HC_FN hc_i64 hc_call_words(hc_u32 op, hc_u32 nargs, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3) {
#if HC_HAS_WARPS
    hc_u64 c = hc_client_address();
    hc_mask mask = hc_match32(hc_active_mask(), op | (nargs << 16));
    if (c && nargs <= 2u && (mask == 0xffffffffu || mask == 1u)) {
        hc_u64 slots, hint, heads, bells, replies, states, homes, order, home, owned, state, lo, hi;
        hc_u32 place, me = hc_home_owner();
        hc_dev_fixed_word(c + HC_CLIENT_SIZES, &slots, &hint);
        hc_dev_fixed_word(c + HC_CLIENT_HEADS, &heads, &bells);
        hc_dev_fixed_word(c + HC_CLIENT_REPLIES, &replies, &states);
        hc_dev_fixed_word(c + HC_CLIENT_HOMES, &homes, &order);
        place = hc_warp_place((hc_u32)(slots >> 32));
        home = hc_home_in(homes, place);
        order = hc_dev_near64(hc_order_in(order));
        if (place < (hc_u32)hint) hc_dev_near_word(home, &owned, &state);
        else owned = state = 0;
        if ((hc_u32)owned == me && !((hc_u32)state & HC_SLOT_BUSY) && (hc_u32)state != HC_SEQ_MASK &&
            (nargs < 1u || hc_all_same64(mask, (hc_u64)a0)) && (nargs < 2u || hc_all_same64(mask, (hc_u64)a1))) {
            hc_u32 seq = (hc_u32)state + 1u, habit = (hc_u32)(state >> 32), usual = (hc_u32)(hint >> 32), first = hc_habit_first(habit, op, usual), since, round;
            int plain;
            hc_u64 at = replies + (hc_u64)place * HC_WORD;
            hc_warp_sync(mask); /* every lane has read the entry before its owner changes it */
            hc_publish_head(heads + (hc_u64)place * HC_HEAD_BYTES, hc_lane(), mask == 1u ? 1u : 32u, seq,
                            (hc_u64)hc_head_pack(op, nargs, 0, HC_PAY_NONE) | ((hc_u64)mask << 32), (hc_u32)order, (hc_u64)a0, (hc_u64)a1);
            if (hc_lane() == 0) {
                hc_bus_store8(bells + place, (hc_u8)seq);
                hc_home_enter(home, seq, habit);
            }
            since = hc_cycles32();
            hc_pause_cycles(first);
            HC_NO_UNROLL
            for (round = 0;; round++) {
                hc_bus_load_word(at, &lo, &hi);
                plain = lo >> 32 == seq && hi >> 32 == seq; /* HC_FORM_UNIFORM is 0 */
                if (plain || round == HC_FAST_LOOKS || (hc_half_tag(lo) & HC_SEQ_MASK) == seq) break;
                if (first >= HC_HABIT_LONG) hc_pause_cycles(first >> 4);
            }
            if (hc_any(mask, !plain)) return hc_call_words_rest(c, home, mask, op, place, seq, habit, first, lo, hi);
            if (hc_lane() == 0) hc_home_leave(home, seq, hc_habit_next(op, habit, seq, first, round, hc_cycles32() - since, usual));
            hc_warp_sync(mask); /* the entry as lane 0 left it, before any lane reads it again */
            return (hc_i64)hc_word_value(lo, hi);
        }
    }
#endif
    return hc_call_words_any(op, nargs, a0, a1, a2, a3);
}

#endif
