/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks that share a chunk: finding room, reserving slots, claiming their bits, giving them back.
 *
 * One lane reserves slots for all that ask for the same class, by adding to the chunk's count: what the addition went beyond the slots
 * is taken back at once. Then it sets as many bits of the chunk's bitmap. Valid reservations never exceed the slots, so a free bit
 * exists for each. A free clears its bit and then lowers the count. So count == 0 means: no bit set, nobody about to set one.
 *
 * An addition to a chunk that has changed its class meanwhile is in vain, and taken back too. Until then the chunk looks fuller than it
 * is, which harms nobody; but it means that a count may be more than the slots, that a chunk of any kind may be counted up for a moment,
 * and that a state which others may see is never overwritten, only added to or compared and swapped.
 */
#ifndef HC_HEAP_SLOTS_H
#define HC_HEAP_SLOTS_H

#include "hc/heap_map.h"

/* Where a test may make a lane wait: between what it saw and what it does about it. */
#if !defined(HC_HEAP_MEANWHILE)
#define HC_HEAP_MEANWHILE() ((void)0)
#endif
/* How often a search starts again because it met a run that another lane was just gathering: not a wait, the bound is fixed. */
#define HC_HEAP_PASSES 8
#define HC_HEAP_BUILDING 0x80000000u /* in place of a number of slots */

/* Lowers the count of chunk i by n. */
HC_FN void hc_heap_put_back(hc_u64 heap, hc_u64 packed, hc_u32 i, hc_u32 n) {
    const hc_heap_map m = hc_heap_unpack(heap, packed);
    hc_u64 before = hc_dev_add64(hc_heap_state_at(m, i), 0u - (hc_u64)n);
    hc_u32 kind = HC_HEAP_KIND(before), count = HC_HEAP_COUNT(before), slots;
    if (hc_heap_is_class(kind)) {
        slots = hc_heap_class_slots(kind, m.shift);
        if (count >= slots && count - n < slots) hc_heap_mark_room(m, i, kind);
    }
    if (count == n) {
        hc_heap_mark_idle(m, i);
        hc_heap_let_go(m, 1);
    }
}

/* Raised chunk i's count by `want` for class c: how many of these are valid. `had` is the kind and the count from before; `ours` tells that
 * the same step gave the chunk its class. */
HC_FN hc_u32 hc_heap_settle(hc_u64 heap, hc_u64 packed, hc_u32 i, hc_u32 c, hc_u32 had, hc_u32 want, int ours) {
    const hc_heap_map m = hc_heap_unpack(heap, packed);
    hc_u32 kind = HC_HEAP_KIND(had), count = HC_HEAP_COUNT(had), slots = hc_heap_class_slots(c, m.shift), n = 0;
    if ((ours || kind == c) && count < slots) n = slots - count < want ? slots - count : want;
    /* Whoever raises a count from zero holds the chunk for the statistics, and whoever lowers it to zero lets go: also in vain. */
    if (count == 0) {
        hc_heap_hold(m, 1);
        hc_heap_mark_busy(m, i);
    }
    if (n < want) hc_heap_put_back(heap, packed, i, want - n);
    if (ours && kind != 0) hc_heap_mark_full(m, i, kind);
    if (n != 0 && count + n >= slots) hc_heap_mark_full(m, i, c);
    else if (ours) hc_heap_mark_room(m, i, c);
    return n;
}

/* Reserves up to `want` slots of class c in chunk i: the cursor in the high half, the number in the low; 0 or HC_HEAP_BUILDING: not this
 * one. A failed swap means that another lane's succeeded, so this loop ends unless others make progress all the time. */
HC_FN hc_u64 hc_heap_take(const hc_heap_map m, hc_u32 i, hc_u32 c, hc_u32 slots, hc_u32 want) {
    hc_u64 at = hc_heap_state_at(m, i), s = hc_dev_load64(at), old;
    hc_u32 count;
    int ours = 0;
    HC_NO_UNROLL
    for (;;) {
        HC_HEAP_MEANWHILE();
        if (HC_HEAP_KIND(s) == c) {
            if (HC_HEAP_COUNT(s) >= slots) return 0;
            s = hc_dev_add64(at, (hc_u64)want << 32 | want);
            break;
        }
        if (!hc_heap_empty(s)) return HC_HEAP_KIND(s) == HC_HEAP_BUILD ? HC_HEAP_BUILDING : 0;
        old = hc_dev_cas64(at, s, (hc_u64)want << 32 | HC_HEAP_STATE(c, want));
        ours = old == s;
        if (ours) break;
        s = old;
    }
    HC_HEAP_MEANWHILE();
    count = HC_HEAP_COUNT(s);
    if (ours || HC_HEAP_KIND(s) != c || count == 0 || count + want >= slots) {
        want = hc_heap_settle(m.base, hc_heap_pack(m), i, c, (hc_u32)s, want, ours);
    }
    return (s >> 32) << 32 | want;
}

/* Sets up to `need` bits of one word of chunk i's bitmap, for slots that are reserved already: the word's number << 32 | the bits. At any
 * instant at least one free bit exists for every reservation that has none yet, so a lane that goes round without success was overtaken
 * by lanes that succeeded. */
HC_FN hc_u64 hc_heap_claim(const hc_heap_map m, hc_u32 i, hc_u32 slots, hc_u32 start, hc_u32 need) {
    hc_u64 row = hc_heap_bits_at(m, i);
    hc_u32 w = start >> 5, above = ~0u << (start & 31u), bits;
    HC_NO_UNROLL
    for (;;) {
        bits = ~hc_dev_load32(row + 4u * w);
        if (w == slots >> 5) bits &= (1u << (slots & 31u)) - 1u;
        if ((bits & above) != 0) bits &= above;
        above = ~0u;
        if (hc_heap_bits(bits) > need) bits &= (1u << hc_heap_bit_nth(bits, need)) - 1u;
        HC_HEAP_MEANWHILE();
        if (bits == 0) {
            w = (w + 1u) << 5 < slots ? w + 1u : 0u;
        } else {
            bits &= ~hc_dev_or32(row + 4u * w, bits);
            if (bits != 0) return (hc_u64)w << 32 | bits;
        }
    }
}

/* ------------------------------------------------------------------------------------------------------------- search */
/* Warps of one entry begin at the same chunk and walk the same way, so that a rush of them meets in few chunks instead of each opening its
 * own; entries are spread so that the whole card doesn't meet on one state word. */
HC_FN hc_u32 hc_heap_entry(const hc_heap_map m) { return ((hc_warp_hint() * 0x9e3779b1u) >> 16) & (hc_heap_entries(m.chunks) - 1u); }

/* The next chunk that the hints recommend to class c: distance `walked` and up from chunk `from`, as walked << 32 | chunk; 0 << 32 after a
 * whole round. Lanes of one class that ask together are sent to as many different chunks as have room, but to one empty chunk. */
HC_NOINLINE hc_u64 hc_heap_next(hc_u64 heap, hc_u64 packed, hc_u32 c, hc_u32 at, hc_u32 walked, hc_u32 rank) {
    const hc_heap_map m = hc_heap_unpack(heap, packed);
    hc_u32 bits, valid, many;
    HC_NO_UNROLL
    while (walked < m.chunks) {
        valid = ~0u << (at & 31u);
        if (at >> 5 == m.chunks >> 5) valid &= (1u << (m.chunks & 31u)) - 1u;
        bits = hc_dev_load32(hc_heap_room_at(m, c, at)) & valid;
        if (bits == 0) {
            bits = ~hc_dev_load32(hc_heap_busy_at(m, at)) & valid;
            bits &= 0u - bits;
        }
        if (bits != 0) {
            many = hc_heap_bits(bits);
            bits = (at & ~31u) + hc_heap_bit_nth(bits, rank < many ? rank : rank % many);
            return (hc_u64)(walked + (bits - at) + 1u) << 32 | bits;
        }
        walked += 32u - (at & 31u);
        at = (at | 31u) + 1u;
        if (at >= m.chunks) at = 0;
    }
    return 0;
}

/* What became of the attempt at a chunk that hc_heap_next recommended. */
HC_NOINLINE void hc_heap_tried(hc_u64 heap, hc_u64 packed, hc_u32 i, hc_u32 c, int found) {
    const hc_heap_map m = hc_heap_unpack(heap, packed);
    if (found) {
        hc_dev_store32(hc_heap_hint_at(m, c, hc_heap_entry(m)), i + 1u);
    } else {
        hc_heap_mark_full(m, i, c);
        hc_heap_mark_busy(m, i);
    }
}

HC_FN hc_u32 hc_heap_usable_for(hc_u64 s, hc_u32 c, hc_u32 slots, hc_u32 *building) {
    if (HC_HEAP_KIND(s) == HC_HEAP_BUILD) *building = 1;
    return HC_HEAP_KIND(s) == c ? HC_HEAP_COUNT(s) < slots : (hc_u32)hc_heap_empty(s);
}

/* A block of class c wherever there is one, or 0: only this may say that memory is used up. Every lane reads every state, four loads in
 * flight at a time because it is bound by latency. */
HC_NOINLINE hc_u64 hc_heap_last_resort(hc_u64 heap, hc_u64 packed, hc_u32 c) {
    const hc_heap_map m = hc_heap_unpack(heap, packed);
    hc_u32 round, step, last = m.chunks - 1u, i, bits, building, slots = hc_heap_class_slots(c, m.shift);
    hc_u64 got;
    HC_NO_UNROLL
    for (round = 0; round < HC_HEAP_PASSES; round++) {
        building = 0;
        HC_NO_UNROLL
        for (step = 0; step < m.chunks; step += 4u) {
            hc_u64 s0 = hc_dev_load64(hc_heap_state_at(m, step));
            hc_u64 s1 = hc_dev_load64(hc_heap_state_at(m, step + 1u < last ? step + 1u : last));
            hc_u64 s2 = hc_dev_load64(hc_heap_state_at(m, step + 2u < last ? step + 2u : last));
            hc_u64 s3 = hc_dev_load64(hc_heap_state_at(m, step + 3u < last ? step + 3u : last));
            bits = hc_heap_usable_for(s0, c, slots, &building) | hc_heap_usable_for(s1, c, slots, &building) << 1 |
                   hc_heap_usable_for(s2, c, slots, &building) << 2 | hc_heap_usable_for(s3, c, slots, &building) << 3;
            HC_NO_UNROLL
            while (bits != 0) {
                i = step + hc_heap_bit_low(bits);
                i = i < last ? i : last;
                bits &= bits - 1u;
                got = hc_heap_take(m, i, c, slots, 1u);
                if ((hc_u32)got == 1u) {
                    hc_heap_mark_room(m, i, c);
                    got = hc_heap_claim(m, i, slots, hc_heap_start((hc_u32)(got >> 32), c, m.shift), 1u);
                    bits = ((hc_u32)(got >> 32) << 5) + hc_heap_bit_low((hc_u32)got);
                    return hc_heap_chunk_at(m, i) + (hc_u64)bits * hc_heap_class_size(c);
                }
                if ((hc_u32)got == HC_HEAP_BUILDING) building = 1;
            }
        }
        if (!building) break;
    }
    return 0;
}

/* --------------------------------------------------------------------------------------------------------------- alloc */
/* A block of class c for each lane that calls, or 0. Lanes that are here together stay together: those of one class that try the same
 * chunk are served by one of them, all such groups at the same time. */
HC_FN hc_u64 hc_heap_alloc_slot(hc_u64 heap, hc_u64 packed, hc_u32 c) {
    const hc_heap_map m = hc_heap_unpack(heap, packed);
    hc_mask here = hc_active_mask(), group, served;
    hc_u32 slots = hc_heap_class_slots(c, m.shift), slot = ~0u, leader, rank, share, taken, entry = hc_heap_entry(m), i, walked = 0;
    hc_u64 got;
    int again;
    i = hc_dev_load32(hc_heap_hint_at(m, c, entry)) - 1u;
    /* Small classes start in the lower quarter and walk up, runs are sought from the top: that keeps runs possible. */
    if (i >= m.chunks) i = (hc_u32)((hc_u64)m.chunks * entry >> 2) / hc_heap_entries(m.chunks);
    HC_NO_UNROLL
    do {
        group = hc_match64(here, hc_heap_state_at(m, i) << 5 | c);
        leader = hc_first(group);
        rank = hc_rank(group);
        share = 0; /* how many of the group get a slot now; above the low byte, where to look for the first */
        if (hc_lane() == leader) {
            got = hc_heap_take(m, i, c, slots, hc_popc(group));
            if ((hc_u32)got != HC_HEAP_BUILDING) share = hc_heap_start((hc_u32)(got >> 32), c, m.shift) << 8 | (hc_u32)got;
            if (walked != 0) hc_heap_tried(heap, packed, i, c, (share & 0xffu) != 0);
        }
        share = hc_shfl32(here, share, leader);
        again = rank >= (share & 0xffu);
        served = hc_ballot(here, !again);
        if (!again) {
            taken = 0;
            HC_NO_UNROLL
            do {
                got = 0;
                if (hc_lane() == leader) got = hc_heap_claim(m, i, slots, share >> 8, (share & 0xffu) - taken);
                got = hc_shfl64(served, got, leader);
                if (rank - taken < hc_heap_bits((hc_u32)got)) {
                    slot = ((hc_u32)(got >> 32) << 5) + hc_heap_bit_nth((hc_u32)got, rank - taken);
                }
                taken += hc_heap_bits((hc_u32)got);
                share = (hc_u32)(got >> 32) << 13 | (share & 0xffu);
                served = hc_ballot(served, taken < (share & 0xffu));
            } while (taken < (share & 0xffu));
        } else {
            got = hc_heap_next(heap, packed, c, i + 1u < m.chunks ? i + 1u : 0u, walked, rank);
            walked = (hc_u32)(got >> 32);
            if (walked != 0) i = (hc_u32)got;
            else again = 0;
        }
        here = hc_ballot(here, again);
    } while (again);
    if (slot == ~0u) return hc_heap_last_resort(heap, packed, c);
    return hc_heap_chunk_at(m, i) + (hc_u64)slot * hc_heap_class_size(c);
}

#endif
