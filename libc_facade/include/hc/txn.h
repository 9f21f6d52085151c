/* SPDX-License-Identifier: Apache-2.0
 *
 * The beginning of a call: which lanes travel together, how large their payload is, which slot carries it. Arena space first, slot second: a
 * slot is never held while waiting for space.
 */
#ifndef HC_TXN_H
#define HC_TXN_H
#include "arena.h"
#include "home.h"

/* ---------------------------------------------------------------------------------------------------------------- slots */
#define HC_NO_SLOT 0xffffffffu
/* One atomic in device memory: bit 31 is the claim, the rest the sequence of the last use. The first try is made by hc_claim_start; here the
 * search goes on from a slot that was taken: through the slots that nobody keeps, then everywhere. Low half: the slot, high half: its
 * sequence. */
HC_NOINLINE hc_u64 hc_slot_search(hc_u64 c, hc_u32 place) {
    hc_u32 n = HC_C(c)->nslots, first = HC_C(c)->home_count, spare = n - first, round, s;
    hc_watch w;
    hc_watch_begin(&w);
    s = spare ? first + place % spare : place % n;
    HC_NO_UNROLL
    for (round = 0;; round++) {
        hc_u32 old = hc_dev_or32(HC_C(c)->slot_state + 4u * s, HC_SLOT_BUSY);
        if (!(old & HC_SLOT_BUSY)) return (hc_u64)s | ((hc_u64)hc_seq_next(old) << 32);
        if ((round & 1023u) == 1023u) {
            hc_reap(c);
            if (hc_watch_server(c, s, &w)) return HC_NO_SLOT;
            hc_relax(round);
        }
        s += round < 64u ? 61u : 1u; /* away from the diverged siblings first */
        if (s >= n) {
            s = s - n + (round < 2u * spare ? first : 0u);
            if (s >= n) s = 0;
        }
    }
}
/* Sequences wrapped: a word untouched since the last lap of 2^30 uses would look fresh, so all of this slot's are rewritten. */
HC_NOINLINE void hc_slot_refresh(hc_u64 c, hc_u32 slot) {
    hc_u32 i;
    HC_NO_UNROLL
    for (i = 0; i < HC_HEAD_WORDS; i++) hc_bus_store_word(HC_C(c)->heads + (hc_u64)slot * HC_HEAD_BYTES + i * HC_WORD, 0, 0);
    HC_NO_UNROLL
    for (i = 0; i < HC_TAIL_WORDS; i++) hc_bus_store_word(HC_C(c)->tails + (hc_u64)slot * HC_TAIL_BYTES + i * HC_WORD, 0, 0);
    hc_fence_to_host(); /* the zeros land before any word of the new lap: other lanes' words follow a warp barrier */
}

/* ----------------------------------------------------------------------------------------------------------- the transaction */
#define HC_IN 1u     /* payload goes to the host */
#define HC_OUT 2u    /* payload comes back */
#define HC_SHRINK 4u /* a part that is too large may be cut: POSIX short count */
#define HC_REF 16u   /* argument 1 is the address of memory that both sides reach */
#define HC_ALONE 8u  /* this lane in a packet of its own (deadlines) */

typedef struct hc_txn {
    hc_u64 c;
    hc_mask mask;
    hc_u32 leader, rank, lanes;
    hc_u32 op, nargs, kind, flags;
    hc_u32 slot, seq;
    hc_u32 old;             /* the leader's: state of the slot before the claim */
    hc_u32 order;           /* what must be executed before this call, low 32 bits */
    hc_u64 home;            /* entry of the kept slot that carries this call, or 0 */
    hc_u32 place, first;    /* where this warp sits; cycles before the first look at the reply */
    hc_u32 habit;           /* of the kept slot: before the call, then after it */
    hc_u64 heads, bells, reply_heads; /* the client's: loaded once */
    hc_u32 page, pages;     /* staged: reserved pages */
    hc_u64 bytes, offset;   /* this lane's part: granted length, offset in the packet's payload */
    hc_u64 deadline;        /* by hc_timer_ns; 0: none */
    hc_i32 err;             /* hc_begin failed: negative errno, the same in all lanes */
    hc_u32 alone;           /* no lane was parked: the chunk has one owner */
} hc_txn;

HC_FN hc_u64 hc_tail_at(const hc_txn *t, hc_u32 word) {
    return HC_C(t->c)->tails + (hc_u64)t->slot * HC_TAIL_BYTES + (hc_u64)word * HC_WORD;
}
HC_FN hc_u64 hc_part_at(const hc_txn *t) { return HC_C(t->c)->payload + (hc_u64)t->page * HC_PAGE + t->offset; }

/* The claim in two halves. Where this warp has kept a slot, one load of its entry, by all lanes alike: nothing to pass around. Else the leader's
 * atomic is on its way to L2, and whatever does not need the slot can be done meanwhile. The order entry is read by every lane, so that each
 * sees its own last post. */
HC_FN void hc_claim_start(hc_txn *t) {
    hc_u64 c = t->c;
#if HC_HAS_WARPS
    /* All of the client that a call needs, by four loads that travel together. */
    hc_u64 slots, hint, states, homes, order;
    hc_dev_fixed_word(c + HC_CLIENT_SIZES, &slots, &hint);
    hc_dev_fixed_word(c + HC_CLIENT_HEADS, &t->heads, &t->bells);
    hc_dev_fixed_word(c + HC_CLIENT_REPLIES, &t->reply_heads, &states);
    hc_dev_fixed_word(c + HC_CLIENT_HOMES, &homes, &order);
    t->place = hc_warp_place((hc_u32)(slots >> 32));
    t->order = (hc_u32)hc_dev_near64(hc_order_in(order));
    t->old = 0;
    t->home = 0;
    t->first = (hc_u32)(hint >> 32);
    if ((t->mask & 1u) && t->place < (hc_u32)hint) {
        hc_u64 at = hc_home_in(homes, t->place), owner, state;
        hc_dev_near_word(at, &owner, &state); /* lane 0 alone writes it while it is ours */
        if ((hc_u32)owner == hc_home_owner() && !((hc_u32)state & HC_SLOT_BUSY)) {
            t->home = at;
            t->slot = t->place;
            t->seq = hc_seq_next((hc_u32)state);
            t->habit = (hc_u32)(state >> 32);
            t->first = hc_habit_first(t->habit, t->op, t->first);
            return;
        }
    }
    t->slot = t->place % (hc_u32)slots;
    if (hc_lane() == t->leader) t->old = hc_dev_or32(states + 4u * t->slot, HC_SLOT_BUSY);
#else
    t->heads = HC_C(c)->heads;
    t->bells = HC_C(c)->bells;
    t->reply_heads = HC_C(c)->reply_heads;
    t->place = hc_warp_place(HC_C(c)->units);
    t->order = (hc_u32)hc_dev_near64(hc_order_at(c));
    t->home = 0;
    t->first = HC_C(c)->poll_first;
    t->slot = t->place % HC_C(c)->nslots;
    t->old = hc_dev_or32(HC_C(c)->slot_state + 4u * t->slot, HC_SLOT_BUSY);
#endif
}
HC_FN void hc_claim_finish(hc_txn *t) {
    hc_u32 slot = t->slot, seq = 0;
#if HC_HAS_WARPS
    if (t->home) {
        hc_warp_sync(t->mask); /* every lane has read the entry before its owner changes it */
        if (hc_lane() == t->leader) {
            hc_home_enter(t->home, t->seq, t->habit);
            if (hc_seq_wraps(t->seq)) hc_slot_refresh(t->c, t->slot);
        }
        return;
    }
#endif
    if (hc_lane() == t->leader) {
        if (t->old & HC_SLOT_BUSY) {
            hc_u64 found;
#if HC_HAS_WARPS
            hc_u32 state = (t->mask & 1u) && t->place < HC_C(t->c)->home_count ? hc_home_take(t->c, t->place) : HC_SLOT_BUSY;
            found = state != HC_SLOT_BUSY ? (hc_u64)t->place | ((hc_u64)hc_seq_next(state) << 32) : hc_slot_search(t->c, t->place);
#else
            found = hc_slot_search(t->c, t->place);
#endif
            slot = (hc_u32)found;
            seq = (hc_u32)(found >> 32);
        } else {
            seq = hc_seq_next(t->old);
        }
        if (slot != HC_NO_SLOT && hc_seq_wraps(seq)) hc_slot_refresh(t->c, slot);
    }
    t->slot = hc_shfl32(t->mask, slot, t->leader);
    t->seq = hc_shfl32(t->mask, seq, t->leader);
    if (t->slot != HC_NO_SLOT) return;
    t->err = -HC_ESHUTDOWN;
    if (t->pages && hc_lane() == t->leader) hc_arena_free(t->c, t->page, t->pages);
    t->pages = 0;
}
/* Every lane has its reply: the slot can serve the next call, of anyone or of this warp. By the leader. */
HC_FN void hc_slot_release(const hc_txn *t) {
#if HC_HAS_WARPS
    if (t->home) {
        hc_home_leave(t->home, t->seq, t->habit);
        return;
    }
    if ((t->mask & 1u) && t->slot == t->place && t->slot < HC_C(t->c)->home_count) {
        hc_home_keep(t->c, t->slot, t->seq, t->op);
        return;
    }
#endif
    hc_dev_store32(HC_C(t->c)->slot_state + 4u * t->slot, t->seq);
}

/* Offsets of the lanes' parts (each rounded up to 16) and their sum. */
HC_FN hc_u64 hc_txn_spread(hc_txn *t) {
    hc_u64 mine = hc_round16(t->bytes);
    if (hc_all_same64(t->mask, mine)) {
        t->offset = mine * t->rank;
        return mine * t->lanes;
    }
    {
        hc_u64 sum = 0, before = 0;
        hc_mask m = t->mask;
        HC_NO_UNROLL
        while (m) {
            hc_u32 src = hc_first(m);
            hc_u64 v = hc_shfl64(t->mask, mine, src);
            if (src == hc_lane()) before = sum;
            sum += v;
            m &= m - 1u;
        }
        t->offset = before;
        return sum;
    }
}

#define HC_SHRINK_NS 200000000u
#define HC_ARENA_PATIENCE 8192u /* rounds, some 10 ms: whoever holds the window then may be waiting for something */
HC_NOINLINE hc_i32 hc_txn_reserve(hc_txn *t, hc_u64 total) {
    hc_u64 arena = (hc_u64)HC_C(t->c)->payload_pages * HC_PAGE;
    hc_u32 round, page = ~0u;
    hc_u64 since = hc_shfl64(t->mask, hc_timer_ns(), t->leader);
    hc_i32 err = 0;
    hc_watch w;
    hc_watch_begin(&w);
    if (total > arena) {
        hc_u64 each;
        if (!(t->flags & HC_SHRINK)) return -HC_EMSGSIZE;
        each = (arena / t->lanes) & ~(hc_u64)15u;
        if (t->bytes > each) t->bytes = each;
        total = hc_txn_spread(t);
    }
    HC_NO_UNROLL
    for (round = 0;; round++) {
        t->pages = (hc_u32)((total + HC_PAGE - 1u) / HC_PAGE);
        if (t->pages > 32u) t->pages = (t->pages + 31u) & ~31u;
        if (hc_lane() == t->leader) {
            page = hc_arena_try(t->c, t->pages, round >= HC_ARENA_PATIENCE);
            if (page == ~0u && (round & 15u) == 15u) {
                hc_reap(t->c);
                err = hc_watch_server(t->c, 0, &w);
            }
        }
        t->page = hc_shfl32(t->mask, page, t->leader);
        if (t->page != ~0u) return 0;
        err = (hc_i32)hc_shfl32(t->mask, (hc_u32)err, t->leader);
        if (err) return err;
        /* The arena stays in pieces: a call that may be short takes what there is instead of waiting for a long run for ever. Not sooner: a short
         * count from a file surprises. The leader's clock decides for all. */
        if ((t->flags & HC_SHRINK) && t->pages > 32u && (round & 63u) == 63u && hc_shfl64(t->mask, hc_timer_ns(), t->leader) - since > HC_SHRINK_NS) {
            hc_u64 each = (total / t->lanes / 2u) & ~(hc_u64)15u;
            if (t->bytes > each) t->bytes = each;
            total = hc_txn_spread(t);
        }
        hc_relax(round);
    }
}

/* Begins a call of all lanes that are here together. `bytes`: this lane's payload part. After it t->err is 0 or the answer of every lane;
 * t->bytes is what was granted (less than asked only with HC_SHRINK). */
HC_FN void hc_txn_open(hc_txn *t, hc_u32 op, hc_u32 nargs, hc_u64 bytes, hc_u32 flags) {
    hc_u64 total;
    t->c = hc_client_address();
    /* The same call: lanes that came here from different calls may well be together in this function (compilers merge branches that end
     * alike, and the hardware runs lanes at one address together), so being here at the same time is not enough. */
    t->mask = hc_match32(hc_active_mask(), op | (nargs << 16) | ((flags & ~HC_OUT) << 20));
    if (flags & HC_ALONE) t->mask = 1u << hc_lane();
    t->leader = hc_first(t->mask);
    t->rank = hc_rank(t->mask);
    t->lanes = hc_popc(t->mask);
    t->op = op;
    t->nargs = nargs;
    t->kind = HC_PAY_NONE;
    t->flags = flags;
    t->slot = HC_NO_SLOT;
    t->page = 0;
    t->pages = 0;
    t->bytes = bytes;
    t->offset = 0;
    t->deadline = 0;
    t->err = 0;
    t->alone = 1;
    if (!t->c) {
        t->err = -HC_ENODEV;
        return;
    }
#if !HC_HAS_WARPS
    if (HC_C(t->c)->flags & HC_FLAG_DEFERRED) {
        t->err = -HC_ENOTSUP;
        return;
    }
#endif
    if (flags & (HC_IN | HC_OUT)) {
        if (hc_ballot(t->mask, (flags & HC_OUT) != 0)) flags |= HC_OUT; /* one packet has one kind of payload */
        t->flags = flags;
        total = hc_txn_spread(t);
        if (total == 0 || (!(flags & HC_OUT) && total <= 8u * (HC_TAIL_WORDS - nargs * t->lanes))) {
            t->kind = total ? HC_PAY_INLINE : HC_PAY_NONE;
        } else {
            t->kind = HC_PAY_STAGED;
            t->err = hc_txn_reserve(t, total);
            if (t->err) {
                t->pages = 0;
                return;
            }
        }
    }
    hc_claim_start(t);
}
HC_FN void hc_txn_begin(hc_txn *t, hc_u32 op, hc_u32 nargs, hc_u64 bytes, hc_u32 flags) {
    hc_txn_open(t, op, nargs, bytes, flags);
    if (!t->err) hc_claim_finish(t);
}
/* Out of line: what a call with payload costs anyway is more than a call costs, and a facade of fifty functions is compiled once. */
HC_NOINLINE void hc_begin(hc_txn *t, hc_u32 op, hc_u32 nargs, hc_u64 bytes, hc_u32 flags) { hc_txn_begin(t, op, nargs, bytes, flags); }
/* The same with the address of memory that both sides reach: no payload moves. */
HC_FN void hc_begin_byref(hc_txn *t, hc_u32 op, hc_u32 nargs) {
    hc_begin(t, op, nargs, 0, HC_REF);
    t->kind = HC_PAY_BYREF;
}

#endif
