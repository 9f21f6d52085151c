/* SPDX-License-Identifier: Apache-2.0
 *
 * The payload arena and the limbo list: pages that a packet carries, and what becomes of them when its lane gives up waiting. One lane at a
 * time works on a chunk; nothing here waits.
 */
#ifndef HC_ARENA_H
#define HC_ARENA_H
#include "bind.h"

/* ------------------------------------------------------------------------------------------------------------ payload arena */
/* A bit per page in device memory. Up to 32 pages lie in one map word; more take whole words. All or nothing, by one lane. */
HC_FN hc_u32 hc_arena_run(hc_u32 used, hc_u32 pages) { /* first bit of a free run of `pages`, or 32 */
    hc_u32 x = ~used, len = 1;
    HC_NO_UNROLL
    while (len < pages) {
        hc_u32 step = len < pages - len ? len : pages - len;
        x &= x >> step;
        len += step;
    }
    return x ? hc_ctz32(x) : 32u;
}
HC_FN hc_u32 hc_run_bits(hc_u32 pages) { return pages >= 32u ? 0xffffffffu : ((1u << pages) - 1u); }

/* Large runs are taken from the last HC_ARENA_WINDOW map words (16 MiB) as long as there is a chance: as many as the link and the workers
 * keep busy, and few enough that the host finds in its cache what it copies. `far`: the chance is gone, look everywhere. */
#if !defined(HC_ARENA_WINDOW)
#define HC_ARENA_WINDOW 128u
#endif
#define HC_ARENA_BATCH 8u

/* Map words [base, base + need), taken all or none. Atomics go out HC_ARENA_BATCH at a time: each takes most of a microsecond. Gives `need`, or
 * the index of the lowest busy word that was met. */
HC_FN hc_u32 hc_arena_words(hc_u64 map, hc_u32 base, hc_u32 need) {
    hc_u32 k = need, j, low = need;
    HC_NO_UNROLL
    while (k > 0 && low == need) {
        hc_u32 old[HC_ARENA_BATCH], take = k < HC_ARENA_BATCH ? k : HC_ARENA_BATCH;
        HC_UNROLL
        for (j = 0; j < HC_ARENA_BATCH; j++) {
            old[j] = 0;
            if (j < take) old[j] = hc_dev_cas32(map + 4u * (base + k - 1u - j), 0u, 0xffffffffu);
        }
        HC_UNROLL
        for (j = 0; j < HC_ARENA_BATCH; j++)
            if (old[j]) low = k - 1u - j;
        if (low < need) { /* give back what was free among these */
            HC_UNROLL
            for (j = 0; j < HC_ARENA_BATCH; j++)
                if (j < take && !old[j]) hc_dev_store32(map + 4u * (base + k - 1u - j), 0u);
        } else {
            k -= take;
        }
    }
    if (low == need) return need;
    HC_NO_UNROLL
    for (j = k; j < need; j++) hc_dev_store32(map + 4u * (base + j), 0u);
    return low;
}

/* Page index, or ~0 when there is no room now. */
HC_NOINLINE hc_u32 hc_arena_try(hc_u64 c, hc_u32 pages, int far) {
    hc_u64 map = HC_C(c)->arena_map;
    hc_u32 words = HC_C(c)->payload_pages / 32u;
    if (pages <= 32u) {
        hc_u32 start = (hc_warp_hint() * 2654435761u) % words, i;
        HC_NO_UNROLL
        for (i = 0; i < words; i++) {
            hc_u32 w = start + i < words ? start + i : start + i - words;
            hc_u32 used = hc_dev_load32(map + 4u * w);
            for (;;) {
                hc_u32 bit = hc_arena_run(used, pages), old;
                if (bit >= 32u) break;
                old = hc_dev_cas32(map + 4u * w, used, used | (hc_run_bits(pages) << bit));
                if (old == used) return w * 32u + bit;
                used = old;
            }
        }
        return ~0u;
    }
    {
        hc_u32 need = (pages + 31u) / 32u, lowest = 0, base;
        if (need > words) return ~0u;
        if (!far && words > HC_ARENA_WINDOW && need <= HC_ARENA_WINDOW / 4u) lowest = words - HC_ARENA_WINDOW;
        base = words - need; /* large runs from the top: small ones are spread, and meet them last */
        HC_NO_UNROLL
        for (;;) {
            hc_u32 met = hc_arena_words(map, base, need);
            if (met == need) return base * 32u;
            if (base + met < lowest + need) return ~0u;
            base = base + met - need; /* the busy word is no part of any earlier candidate that could succeed */
        }
    }
}
HC_FN void hc_arena_free(hc_u64 c, hc_u32 page, hc_u32 pages) {
    hc_u64 map = HC_C(c)->arena_map;
    if (pages <= 32u) {
        (void)hc_dev_and32(map + 4u * (page / 32u), ~(hc_run_bits(pages) << (page % 32u)));
    } else {
        hc_u32 i, need = (pages + 31u) / 32u;
        HC_NO_UNROLL
        for (i = 0; i < need; i++) hc_dev_store32(map + 4u * (page / 32u + i), 0u);
    }
}
/* `lanes` of those that share the chunk are done with it. `alone`: nobody of the packet was parked, so these are all of them. */
HC_FN void hc_arena_drop(hc_u64 c, hc_u32 page, hc_u32 pages, hc_u32 lanes, int alone) {
    if (!alone && hc_dev_add32(HC_C(c)->arena_refs + 4u * page, 0u - lanes) != lanes) return;
    hc_arena_free(c, page, pages);
}

/* -------------------------------------------------------------------------------------------------------- what deadlines leave */
/* Looks at the calls whose lanes gave up waiting and takes back slots, completion words and pages whose late reply has come. */
HC_NOINLINE void hc_reap(hc_u64 c) {
    hc_u32 i;
    HC_NO_UNROLL
    for (i = 0; i < HC_LIMBO_ENTRIES; i++) {
        hc_u64 at = HC_C(c)->limbo + (hc_u64)i * sizeof(hc_limbo);
        hc_u32 state = hc_dev_load32(at);
        hc_u32 index, tag, pages;
        hc_u64 lo, hi, chunk;
        if (state < 2u) continue;
        if (hc_dev_cas32(at, state, 1u) != state) continue; /* another lane looks at it */
        hc_fence_dev();                                     /* the filler's fields are visible once its state was */
        index = HC_AT(volatile hc_limbo, at)->index;
        tag = HC_AT(volatile hc_limbo, at)->tag;
        pages = HC_AT(volatile hc_limbo, at)->pages;
        chunk = HC_AT(volatile hc_limbo, at)->chunk;
        if (state == 2u) {
            hc_bus_load_word(HC_C(c)->reply_heads + (hc_u64)index * HC_WORD, &lo, &hi);
            if ((hc_half_tag(lo) & HC_SEQ_MASK) != tag || hc_half_tag(lo) != hc_half_tag(hi)) {
                hc_dev_store32(at, 2u);
                continue;
            }
            hc_dev_store32(HC_C(c)->slot_state + 4u * index, tag); /* the slot is free */
            if ((hc_half_tag(lo) >> HC_FORM_SHIFT) == HC_FORM_PARKED) {
                hc_u64 v = hc_word_value(lo, hi);
                HC_AT(volatile hc_limbo, at)->index = (hc_u32)v;
                HC_AT(volatile hc_limbo, at)->tag = (hc_u32)(v >> 32);
                if (chunk) hc_dev_store32(HC_C(c)->arena_refs + 4u * (chunk - 1u), 1u); /* a call with a deadline travels alone */
                hc_fence_dev(); /* the fields before the state that says how to read them */
                hc_dev_store32(at, 3u);
                continue;
            }
        } else {
            hc_bus_load_word(HC_C(c)->parks + (hc_u64)index * HC_WORD, &lo, &hi);
            if (!hc_word_has(lo, hi, tag)) {
                hc_dev_store32(at, 3u);
                continue;
            }
            hc_bus_store32(HC_C(c)->acks + 4u * (hc_u64)index, tag);
        }
        /* A completion word belongs to one lane, and the pages perhaps to several (hc_txn_send counts them); a slot's pages have one owner. */
        if (chunk && state == 3u) hc_arena_drop(c, (hc_u32)(chunk - 1u), pages, 1u, 0);
        if (chunk && state == 2u) hc_arena_free(c, (hc_u32)(chunk - 1u), pages);
        hc_dev_store32(at, 0u);
    }
}
/* Hands a slot (kind 2) or a completion word (kind 3), with its pages, to the limbo list. 0 when the list is full. */
HC_NOINLINE int hc_limbo_add(hc_u64 c, hc_u32 kind, hc_u32 index, hc_u32 tag, hc_u64 chunk, hc_u32 pages) {
    hc_u32 i, pass;
    HC_NO_UNROLL
    for (pass = 0; pass < 2u; pass++) {
        HC_NO_UNROLL
        for (i = 0; i < HC_LIMBO_ENTRIES; i++) {
            hc_u64 at = HC_C(c)->limbo + (hc_u64)i * sizeof(hc_limbo);
            if (hc_dev_load32(at) != 0u || hc_dev_cas32(at, 0u, 1u) != 0u) continue;
            HC_AT(volatile hc_limbo, at)->index = index;
            HC_AT(volatile hc_limbo, at)->tag = tag;
            HC_AT(volatile hc_limbo, at)->pages = pages;
            HC_AT(volatile hc_limbo, at)->chunk = chunk;
            hc_fence_dev(); /* a reaper that sees the state must see the fields */
            hc_dev_store32(at, kind);
            return 1;
        }
        hc_reap(c);
    }
    hc_count(c, HC_CNT_LIMBO_FULL, 1);
    return 0;
}

#endif
