/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks that take whole chunks. Runs are sought downwards and claimed upwards, chunk by chunk: rivals for the same run part at its first
 * chunk, and of two that overlap the upper one never meets the lower one, so one of them always gets on.
 *
 * A chunk of a run has count 1, and for a moment more: what a lane added in vain (heap_slots.h) and has not taken back yet. That is why
 * a run's states are changed by additions once they are claimed.
 */
#ifndef HC_HEAP_RUNS_H
#define HC_HEAP_RUNS_H

#include "hc/heap_slots.h"

HC_FN void hc_heap_busy_range(const hc_heap_map m, hc_u32 first, hc_u32 n, int set) {
    hc_u32 end = first + n, from = first, to, mask;
    HC_NO_UNROLL
    while (from < end) {
        to = (from | 31u) + 1u < end ? (from | 31u) + 1u : end;
        mask = (to - from == 32u ? ~0u : (1u << (to - from)) - 1u) << (from & 31u);
        if (set) hc_dev_or32(hc_heap_busy_at(m, from), mask);
        else hc_dev_and32(hc_heap_busy_at(m, from), ~mask);
        from = to;
    }
}

HC_FN void hc_heap_change_kind(const hc_heap_map m, hc_u32 i, hc_u32 from, hc_u32 to) {
    hc_dev_add64(hc_heap_state_at(m, i), HC_HEAP_STATE(to, 0u) - HC_HEAP_STATE(from, 0u));
}

/* Lets go of n chunks of one kind. A chunk that somebody counts up in vain is let go of by that lane. */
HC_FN hc_u32 hc_heap_drop(const hc_heap_map m, hc_u32 first, hc_u32 n, hc_u32 kind) {
    hc_u32 dropped = 0, j;
    HC_NO_UNROLL
    for (j = 0; j < n; j++) {
        dropped += HC_HEAP_COUNT(hc_dev_add64(hc_heap_state_at(m, first + j), 0u - HC_HEAP_STATE(kind, 1u))) == 1u;
    }
    return dropped;
}

/* Claims chunks first, first + 1, ... : returns how many, and keeps them only if that is all of them. */
HC_FN hc_u32 hc_heap_claim_run(const hc_heap_map m, hc_u32 first, hc_u32 need, int *building) {
    hc_u32 n = 0, kind;
    HC_NO_UNROLL
    while (n < need) {
        hc_u64 at = hc_heap_state_at(m, first + n), s = hc_dev_load64(at), old;
        HC_HEAP_MEANWHILE();
        HC_NO_UNROLL
        while (hc_heap_empty(s)) {
            old = hc_dev_cas64(at, s, HC_HEAP_STATE(HC_HEAP_BUILD, 1u));
            if (old == s) break;
            s = old;
        }
        kind = HC_HEAP_KIND(s);
        if (!hc_heap_empty(s)) {
            if (kind == HC_HEAP_BUILD) *building = 1;
            break;
        }
        if (kind != 0) hc_dev_and32(hc_heap_room_at(m, kind, first + n), ~(1u << ((first + n) & 31u)));
        n++;
    }
    hc_heap_hold(m, n);
    if (n < need) hc_heap_let_go(m, hc_heap_drop(m, first, n, HC_HEAP_BUILD));
    return n;
}

HC_NOINLINE hc_u64 hc_heap_alloc_run(hc_u64 heap, hc_u64 packed, hc_u64 size, hc_u64 align) {
    const hc_heap_map m = hc_heap_unpack(heap, packed);
    hc_u32 need, run, i, j, word, pass;
    int building;
    if (m.chunks == 0 || size > (hc_u64)m.chunks << m.shift) return 0;
    need = (hc_u32)((size + ((hc_u64)1 << m.shift) - 1u) >> m.shift);
    if (need == 0) need = 1;
    HC_NO_UNROLL
    for (pass = 0; pass < HC_HEAP_PASSES; pass++) {
        building = 0;
        run = 0;
        word = 0;
        i = m.chunks;
        HC_NO_UNROLL
        while (i > 0) {
            int idle;
            i--;
            if (pass == 0) {
                if (i + 1u == m.chunks || (i & 31u) == 31u) word = hc_dev_load32(hc_heap_busy_at(m, i));
                idle = ((word >> (i & 31u)) & 1u) == 0;
            } else {
                hc_u64 s = hc_dev_load64(hc_heap_state_at(m, i));
                idle = hc_heap_empty(s);
                if (HC_HEAP_KIND(s) == HC_HEAP_BUILD) building = 1;
            }
            run = idle ? run + 1u : 0u;
            if (run < need || (hc_heap_chunk_at(m, i) & (align - 1u)) != 0) continue;
            run = hc_heap_claim_run(m, i, need, &building);
            if (run < need) continue;
            /* The bitmap of a chunk that nobody can reserve slots in is this lane's alone. */
            hc_dev_store32(hc_heap_bits_at(m, i), need);
            HC_NO_UNROLL
            for (j = 1; j < need; j++) hc_heap_change_kind(m, i + j, HC_HEAP_BUILD, HC_HEAP_BODY);
            hc_heap_change_kind(m, i, HC_HEAP_BUILD, HC_HEAP_LARGE);
            hc_heap_busy_range(m, i, need, 1);
            return hc_heap_chunk_at(m, i);
        }
        if (pass > 0 && !building) break;
    }
    return 0;
}

/* Gives back the run that begins at chunk i: 0, or -1 when that is none, or another lane was faster. */
HC_NOINLINE int hc_heap_free_run(hc_u64 heap, hc_u64 packed, hc_u32 i) {
    const hc_heap_map m = hc_heap_unpack(heap, packed);
    hc_u64 at = hc_heap_state_at(m, i), s = hc_dev_load64(at), old;
    hc_u32 n, dropped;
    HC_NO_UNROLL
    for (;;) {
        HC_HEAP_MEANWHILE();
        if (HC_HEAP_KIND(s) != HC_HEAP_LARGE) return -1;
        old = hc_dev_cas64(at, s, s - HC_HEAP_STATE(HC_HEAP_LARGE - HC_HEAP_BUILD, 0u));
        if (old == s) break;
        s = old;
    }
    /* An exchange, not a store: what follows depends on its result, so the bitmap is clean before anybody can take the chunk. */
    n = hc_dev_exch32(hc_heap_bits_at(m, i), 0);
    dropped = hc_heap_drop(m, i + 1u, n - 1u, HC_HEAP_BODY);
    dropped += hc_heap_drop(m, i, 1u, HC_HEAP_BUILD);
    hc_heap_busy_range(m, i, n, 0);
    hc_heap_let_go(m, dropped);
    return 0;
}

#endif
