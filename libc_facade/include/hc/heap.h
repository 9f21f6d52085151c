/* SPDX-License-Identifier: Apache-2.0
 *
 * The device's malloc: a lock-free allocator over one arena of device memory, one text for CUDA C++, OpenCL C and
 * C11. It may touch nothing but its arena, and only lanes touch that (hc_dev_*): the host zeroes it before the first
 * launch and afterwards only reads the statistics. No lane ever waits for another one: the items of an OpenCL group
 * may run one after another.
 *
 * The arena is cut into chunks. One 64-bit state word per chunk is the only truth about who owns it; everything else
 * that says where to look (busy, room, hint) is a hint that may be stale, and a search that found nothing by hints
 * reads every state word.
 *
 *   state  kind 8 | cursor 16 | count 16   count: slots allocated or promised. Zero: anybody may take the chunk
 *
 * A lane first reserves slots by raising count with a compare-and-swap, which also gives the chunk its class when
 * count was zero; then every lane takes a bit of the chunk's bitmap. Reservations never exceed the slots, so a free
 * bit exists for each. A free clears the bit and then lowers count. So count == 0 means: no bit set, nobody about to
 * set one.
 *
 * Before this file: `HC_FN void hc_heap_where(hc_u64 *base, hc_u64 *bytes)` (bytes 0: no heap) and `HC_FN void
 * hc_errno_set(int)`. With HC_HEAP_CORE_ONLY the libc names are left out and neither is needed.
 */
#ifndef HC_HEAP_H
#define HC_HEAP_H

#include "hc/platform.h"

/* ---------------------------------------------------------------------------------------------- what the host may read
 * The arena must be aligned to HC_HEAP_BASE_ALIGN and zeroed. All words are 64 bits, offsets are bytes from its
 * base. */
#define HC_HEAP_BASE_ALIGN 64
#define HC_HEAP_MIN_BYTES 65536
#define HC_HEAP_STAT_FAILURES 0   /* allocations answered 0 */
#define HC_HEAP_STAT_BAD_FREES 8  /* frees of what is no live allocation's start */
#define HC_HEAP_STAT_HELD 16      /* bytes of the chunks that hold at least one allocation */
#define HC_HEAP_STAT_HELD_PEAK 24 /* the most that HELD has been: how large the arena had to be */
#define HC_HEAP_STAT_LIVE 256     /* bytes in use: the wrapping sum of HC_HEAP_LIVE_STRIPES words, 32 bytes apart */
#define HC_HEAP_LIVE_STRIPES 32
#define HC_HEAP_LIVE_STRIDE 32
#define HC_HEAP_TABLES (HC_HEAP_STAT_LIVE + HC_HEAP_LIVE_STRIPES * HC_HEAP_LIVE_STRIDE)
HC_STATIC_ASSERT(HC_HEAP_TABLES == 1280, hc_heap_stats_layout);

/* -------------------------------------------------------------------------------------------------------- bits of data
 * hc_popc and hc_first are for lane masks and fold away where a warp is one lane; these are for bitmaps and never
 * do. */
#if defined(HC_CUDA)
HC_FN hc_u32 hc_heap_bit_low(hc_u32 v) { return (hc_u32)__ffs((int)v) - 1u; }
HC_FN hc_u32 hc_heap_bit_high(hc_u32 v) { return 31u - (hc_u32)__clz((int)v); }
#elif defined(HC_OPENCL)
HC_FN hc_u32 hc_heap_bit_low(hc_u32 v) { return 31u - clz(v & (0u - v)); }
HC_FN hc_u32 hc_heap_bit_high(hc_u32 v) { return 31u - clz(v); }
#else
HC_FN hc_u32 hc_heap_bit_low(hc_u32 v) { return (hc_u32)__builtin_ctz(v); }
HC_FN hc_u32 hc_heap_bit_high(hc_u32 v) { return 31u - (hc_u32)__builtin_clz(v); }
#endif

/* ------------------------------------------------------------------------------------------------------------ geometry
 * A pure function of (base, bytes), so there is nothing to initialise and nothing to race for. */
typedef struct hc_heap_map {
    hc_u64 base;    /* of the arena; the five below are distances from it, 32 bits wide to save registers */
    hc_u32 bits;    /* bitmap per chunk, one bit per 16 bytes */
    hc_u32 busy;    /* bit per chunk: hint that count != 0 */
    hc_u32 room;    /* class x bit per chunk: hint that the chunk is of the class and not full */
    hc_u32 hint;    /* class x entry: 1 + chunk where this entry's warps last found room */
    hc_u32 data;    /* chunk 0, aligned to the chunk size */
    hc_u32 shift;   /* log2 of the chunk size */
    hc_u32 chunks;
    hc_u32 words;   /* stride of busy and of a row of room, in u32 */
    hc_u32 entries; /* over how many chunks the warps of one class are spread, a power of two */
} hc_heap_map;

/* Classes are 16, 32, 48, 64, 96, 128, 192, ... : two per doubling. Even class c: 16 << c/2. Odd: 24 << c/2, but
 * class 1 is 16. They go up to a quarter of a chunk; one more class is half a chunk; what is larger is a run of
 * chunks. */
#define HC_HEAP_CLASSES 23
/* 384 GiB: what lies beyond is not used, so that all tables stay within 32 bits. */
#define HC_HEAP_MOST_CHUNKS 0x600000u
#define HC_HEAP_LARGE 254u /* head of a run; the low 32 bits are its length in chunks */
#define HC_HEAP_BODY 253u
#define HC_HEAP_BUILD 252u /* claimed by a lane that is still gathering a run, or giving one back */
#define HC_HEAP_STATE(kind, low) (((hc_u64)(kind) << 32) | (low))
#define HC_HEAP_KIND(state) ((hc_u32)((state) >> 32) & 0xffu)
#define HC_HEAP_COUNT(state) ((hc_u32)(state) & 0xffffu)
/* How often a search starts again because it met a run that another lane was just gathering: not a wait, the bound
 * is fixed. */
#define HC_HEAP_PASSES 8

HC_FN hc_heap_map hc_heap_map_of(hc_u64 base, hc_u64 bytes) {
    hc_heap_map m;
    hc_u64 most, data;
    hc_u32 n, log_entries, chunk;
    m.base = base;
    m.chunks = 0;
    m.shift = bytes < 0x40000u ? 10u : bytes < 0x400000u ? 12u : bytes < 0x4000000u ? 14u : 16u;
    chunk = 1u << m.shift;
    most = bytes >> m.shift;
    n = most > HC_HEAP_MOST_CHUNKS ? HC_HEAP_MOST_CHUNKS : (hc_u32)most;
    m.words = (n >> 5) + 1u;
    log_entries = n < 128u ? 0u : hc_heap_bit_high(n) - 6u;
    m.entries = 1u << (log_entries > 7u ? 7u : log_entries);
    m.bits = HC_HEAP_TABLES + 8u * n;
    m.busy = m.bits + (n << (m.shift - 7u));
    m.room = m.busy + 4u * m.words;
    m.hint = m.room + 4u * m.words * HC_HEAP_CLASSES;
    data = (base + m.hint + 4u * m.entries * HC_HEAP_CLASSES + chunk - 1u) & ~((hc_u64)chunk - 1u);
    m.data = (hc_u32)(data - base);
    if (bytes >= HC_HEAP_MIN_BYTES && (base & (HC_HEAP_BASE_ALIGN - 1u)) == 0 && base != 0 && m.data < bytes) {
        most = (bytes - m.data) >> m.shift;
        m.chunks = most > n ? n : (hc_u32)most;
    }
    return m;
}

HC_FN hc_u32 hc_heap_top_class(hc_u32 shift) { return 2u * (shift - 6u); }

HC_FN hc_u32 hc_heap_class_size(hc_u32 c) { return c == 1u ? 16u : ((c & 1u) ? 24u : 16u) << (c >> 1); }

HC_FN hc_u32 hc_heap_class_slots(hc_u32 c, hc_u32 shift) {
    if (c == 1u) return 1u << (shift - 4u);
    return (c & 1u) ? ((1u << (shift - 3u)) >> (c >> 1)) / 3u : (1u << (shift - 4u)) >> (c >> 1);
}

HC_FN hc_u32 hc_heap_slot_of(hc_u32 c, hc_u32 offset) {
    if (c == 1u) return offset >> 4;
    return (c & 1u) ? (offset >> (3u + (c >> 1))) / 3u : offset >> (4u + (c >> 1));
}

/* The class of a request, or 0 when it needs a run of chunks. */
HC_FN hc_u32 hc_heap_class_of(hc_u64 size, hc_u64 align, hc_u32 shift) {
    hc_u32 s, high, c, top = hc_heap_top_class(shift);
    if (size < align) size = align;
    if (size > ((hc_u64)1 << (shift - 1u))) return 0;
    s = (hc_u32)size;
    if (s <= 16u) return 1;
    if (s <= 32u) return 2;
    high = hc_heap_bit_high(s - 1u);
    c = s <= (3u << (high - 1u)) ? 2u * high - 7u : 2u * high - 6u;
    /* The slots of an odd class are aligned to a third of their size only. */
    if ((c & 1u) && (8u << (c >> 1)) < align) c++;
    return c > top ? top + 2u : c;
}

HC_FN hc_u64 hc_heap_state_at(const hc_heap_map m, hc_u32 i) { return m.base + HC_HEAP_TABLES + 8u * i; }
HC_FN hc_u64 hc_heap_busy_at(const hc_heap_map m, hc_u32 i) { return m.base + m.busy + 4u * (i >> 5); }
HC_FN hc_u64 hc_heap_bits_at(const hc_heap_map m, hc_u32 i) { return m.base + m.bits + (i << (m.shift - 7u)); }
HC_FN hc_u64 hc_heap_chunk_at(const hc_heap_map m, hc_u32 i) { return m.base + m.data + ((hc_u64)i << m.shift); }

/* Takeable: no allocation in it and nobody about to make one. */
HC_FN int hc_heap_empty(hc_u64 s) { return HC_HEAP_KIND(s) < HC_HEAP_CLASSES && HC_HEAP_COUNT(s) == 0; }

/* --------------------------------------------------------------------------------------------------------------- hints
 * A hint is changed after the state that it tells of, so two lanes can leave it the wrong way round; the second look
 * mends the wrong that costs memory (an empty chunk that looks busy, room that nobody sees). Full passes mend what
 * is left. */
HC_FN void hc_heap_mark_busy(const hc_heap_map m, hc_u32 i) {
    hc_u64 at = hc_heap_busy_at(m, i);
    hc_u32 bit = 1u << (i & 31u);
    hc_dev_or32(at, bit);
    if (hc_heap_empty(hc_dev_load64(hc_heap_state_at(m, i)))) hc_dev_and32(at, ~bit);
}

HC_FN void hc_heap_mark_idle(const hc_heap_map m, hc_u32 i) {
    hc_u64 at = hc_heap_busy_at(m, i);
    hc_u32 bit = 1u << (i & 31u);
    hc_dev_and32(at, ~bit);
    if (!hc_heap_empty(hc_dev_load64(hc_heap_state_at(m, i)))) hc_dev_or32(at, bit);
}

HC_FN hc_u64 hc_heap_room_at(const hc_heap_map m, hc_u32 c, hc_u32 i) {
    return m.base + m.room + 4u * (m.words * c + (i >> 5));
}

HC_FN void hc_heap_mark_full(const hc_heap_map m, hc_u32 i, hc_u32 c) {
    hc_u64 at = hc_heap_room_at(m, c, i), s;
    hc_u32 bit = 1u << (i & 31u);
    hc_dev_and32(at, ~bit);
    s = hc_dev_load64(hc_heap_state_at(m, i));
    if (HC_HEAP_KIND(s) == c && HC_HEAP_COUNT(s) < hc_heap_class_slots(c, m.shift)) hc_dev_or32(at, bit);
}

/* ------------------------------------------------------------------------------------------------------- statistics */
HC_FN void hc_heap_stat_live(hc_u64 base, hc_u64 delta) {
    hc_u32 stripe = hc_warp_hint() & (HC_HEAP_LIVE_STRIPES - 1u);
    hc_dev_add64(base + HC_HEAP_STAT_LIVE + stripe * HC_HEAP_LIVE_STRIDE, delta);
}

HC_FN void hc_heap_stat_hold(const hc_heap_map m, hc_u64 bytes) {
    hc_u64 held = hc_dev_add64(m.base + HC_HEAP_STAT_HELD, bytes) + bytes, all = (hc_u64)m.chunks << m.shift;
    /* A chunk is counted just after it changed hands, so HELD can be off by the chunks in flight: below zero when
     * the lane that gave one back was faster than the one that took it, above the arena the other way round. */
    if ((hc_i64)held > (hc_i64)all) held = all;
    if ((hc_i64)held > 0 && held > hc_dev_load64(m.base + HC_HEAP_STAT_HELD_PEAK)) {
        hc_dev_max64(m.base + HC_HEAP_STAT_HELD_PEAK, held);
    }
}

/* ----------------------------------------------------------------------------------------------------------- search */
/* Reserves up to `want` slots of class c in chunk i: the number in the low 16 bits, the first slot to try above. 0:
 * not this one. A failed swap means that another lane's succeeded, so this loop ends unless others make progress all
 * the time. */
HC_FN hc_u32 hc_heap_take(const hc_heap_map m, hc_u32 i, hc_u32 c, hc_u32 want, int *building) {
    hc_u64 at = hc_heap_state_at(m, i), s = hc_dev_load64(at), old;
    hc_u32 slots = hc_heap_class_slots(c, m.shift), kind, count, cursor, k, next;
    HC_NO_UNROLL
    for (;;) {
        kind = HC_HEAP_KIND(s);
        count = HC_HEAP_COUNT(s);
        cursor = kind == c ? (hc_u32)s >> 16 : 0u;
        if (kind == HC_HEAP_BUILD) *building = 1;
        if (kind == c ? count >= slots : !hc_heap_empty(s)) return 0;
        k = slots - count < want ? slots - count : want;
        next = cursor + k < slots ? cursor + k : cursor + k - slots;
        old = hc_dev_cas64(at, s, HC_HEAP_STATE(c, (next << 16) | (count + k)));
        if (old == s) break;
        s = old;
    }
    if (kind != c && kind != 0) hc_heap_mark_full(m, i, kind);
    if (count + k == slots) {
        hc_heap_mark_full(m, i, c);
    } else if (kind != c) {
        hc_dev_or32(hc_heap_room_at(m, c, i), 1u << (i & 31u));
    }
    if (count == 0) {
        hc_heap_mark_busy(m, i);
        hc_heap_stat_hold(m, (hc_u64)1 << m.shift);
    }
    return (cursor << 16) | k;
}

HC_FN hc_u32 hc_heap_usable_for(hc_u64 s, hc_u32 c, hc_u32 slots, int *building) {
    if (HC_HEAP_KIND(s) == HC_HEAP_BUILD) *building = 1;
    return HC_HEAP_KIND(s) == c ? HC_HEAP_COUNT(s) < slots : (hc_u32)hc_heap_empty(s);
}

/* Finds a chunk with room for class c and reserves up to `want` slots: count << 48 | first slot << 32 | chunk, or 0.
 * All warps of one entry walk the same way from the same place, so that a rush of them meets in few chunks instead
 * of each opening its own; entries are spread so that the whole card doesn't meet on one state word. */
HC_NOINLINE hc_u64 hc_heap_find(hc_u64 heap, hc_u64 heap_bytes, hc_u32 c, hc_u32 want) {
    const hc_heap_map m = hc_heap_map_of(heap, heap_bytes);
    hc_u32 mix = hc_warp_hint() * 0x9e3779b1u, entry = (mix >> 16) & (m.entries - 1u);
    hc_u64 hint_at = m.base + m.hint + 4u * (m.entries * c + entry);
    hc_u32 pos, slots = hc_heap_class_slots(c, m.shift);
    hc_u32 used_words = (m.chunks + 31u) >> 5, w, step, i, got, round, bits, valid;
    int building = 0, by_room;
    if (m.chunks == 0) return 0;
    pos = hc_dev_load32(hint_at);
    /* Small classes start in the lower quarter and walk up, runs are sought from the top: that keeps runs possible. */
    if (pos == 0 || pos > m.chunks) {
        i = (hc_u32)(((hc_u64)m.chunks * entry / m.entries) >> 2);
    } else {
        i = pos - 1u;
    }
    got = hc_heap_take(m, i, c, want, &building);
    w = i >> 5;
    HC_NO_UNROLL
    for (step = 0; step < used_words && got == 0; step++) {
        valid = w == m.chunks >> 5 ? (1u << (m.chunks & 31u)) - 1u : ~0u;
        HC_NO_UNROLL
        for (by_room = 1; by_room >= 0 && got == 0; by_room--) {
            bits = by_room ? hc_dev_load32(hc_heap_room_at(m, c, w << 5)) : ~hc_dev_load32(hc_heap_busy_at(m, w << 5));
            bits &= valid;
            HC_NO_UNROLL
            while (bits != 0 && got == 0) {
                i = (w << 5) + hc_heap_bit_low(bits);
                bits &= bits - 1u;
                got = hc_heap_take(m, i, c, want, &building);
                if (got == 0) {
                    if (by_room) hc_heap_mark_full(m, i, c);
                    else hc_heap_mark_busy(m, i);
                }
            }
        }
        w = w + 1u == used_words ? 0u : w + 1u;
    }
    /* Four loads in flight at a time: this pass is bound by latency, and a full heap makes every lane take it. */
    HC_NO_UNROLL
    for (round = 0; round < HC_HEAP_PASSES && got == 0; round++) {
        building = 0;
        HC_NO_UNROLL
        for (step = 0; step < m.chunks && got == 0; step += 4u) {
            hc_u32 last = m.chunks - 1u;
            hc_u64 s0 = hc_dev_load64(hc_heap_state_at(m, step));
            hc_u64 s1 = hc_dev_load64(hc_heap_state_at(m, step + 1u < last ? step + 1u : last));
            hc_u64 s2 = hc_dev_load64(hc_heap_state_at(m, step + 2u < last ? step + 2u : last));
            hc_u64 s3 = hc_dev_load64(hc_heap_state_at(m, step + 3u < last ? step + 3u : last));
            bits = hc_heap_usable_for(s0, c, slots, &building) | hc_heap_usable_for(s1, c, slots, &building) << 1 |
                   hc_heap_usable_for(s2, c, slots, &building) << 2 | hc_heap_usable_for(s3, c, slots, &building) << 3;
            HC_NO_UNROLL
            while (bits != 0 && got == 0) {
                i = step + hc_heap_bit_low(bits);
                i = i < last ? i : last;
                bits &= bits - 1u;
                got = hc_heap_take(m, i, c, want, &building);
                if (got != 0) hc_dev_or32(hc_heap_room_at(m, c, i), 1u << (i & 31u));
            }
        }
        if (!building) break;
    }
    if (got == 0) return 0;
    if (pos != i + 1u) hc_dev_store32(hint_at, i + 1u);
    return ((hc_u64)(got & 0xffffu) << 48) | ((hc_u64)(got >> 16) << 32) | i;
}

/* Takes one bit for a slot that is reserved already. At any instant at least one free bit exists for every
 * reservation that has none yet, so a lane that goes round without success was overtaken by lanes that succeeded. */
HC_FN hc_u32 hc_heap_claim_slot(const hc_heap_map m, hc_u32 i, hc_u32 c, hc_u32 start) {
    hc_u64 row = hc_heap_bits_at(m, i);
    hc_u32 slots = hc_heap_class_slots(c, m.shift), words = (slots + 31u) >> 5, w = start >> 5, bit = start & 31u;
    hc_u32 old, valid, free_bits, above;
    HC_NO_UNROLL
    for (;;) {
        old = hc_dev_or32(row + 4u * w, 1u << bit);
        if ((old & (1u << bit)) == 0) return (w << 5) + bit;
        HC_NO_UNROLL
        for (;;) {
            valid = w == slots >> 5 ? (1u << (slots & 31u)) - 1u : ~0u;
            free_bits = ~old & valid;
            if (free_bits != 0) break;
            w = w + 1u == words ? 0u : w + 1u;
            old = hc_dev_load32(row + 4u * w);
        }
        above = free_bits & (~1u << bit);
        bit = hc_heap_bit_low(above != 0 ? above : free_bits);
    }
}

/* ------------------------------------------------------------------------------------------------------------- runs */
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

/* Claims chunks first, first + 1, ... : returns how many, and keeps them only if that is all of them. Runs are
 * sought downwards and claimed upwards: rivals for the same run part at its first chunk, and of two that overlap the
 * upper one never meets the lower one, so one of them always gets on. */
HC_FN hc_u32 hc_heap_claim_run(const hc_heap_map m, hc_u32 first, hc_u32 need, int *building) {
    hc_u32 n = 0, kind, j;
    HC_NO_UNROLL
    while (n < need) {
        hc_u64 at = hc_heap_state_at(m, first + n), s = hc_dev_load64(at), old;
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
    if (n < need) {
        HC_NO_UNROLL
        for (j = 0; j < n; j++) hc_dev_store64(hc_heap_state_at(m, first + j), 0);
    }
    return n;
}

HC_NOINLINE hc_u64 hc_heap_alloc_run(hc_u64 heap, hc_u64 heap_bytes, hc_u64 size, hc_u64 align) {
    const hc_heap_map m = hc_heap_map_of(heap, heap_bytes);
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
            HC_NO_UNROLL
            for (j = 1; j < need; j++) hc_dev_store64(hc_heap_state_at(m, i + j), HC_HEAP_STATE(HC_HEAP_BODY, 1u));
            hc_dev_store64(hc_heap_state_at(m, i), HC_HEAP_STATE(HC_HEAP_LARGE, need));
            hc_heap_busy_range(m, i, need, 1);
            hc_heap_stat_hold(m, (hc_u64)need << m.shift);
            hc_heap_stat_live(heap, (hc_u64)need << m.shift);
            return hc_heap_chunk_at(m, i);
        }
        if (pass > 0 && !building) break;
    }
    return 0;
}

/* 0, or -1 when another lane was faster. */
HC_FN int hc_heap_free_run(const hc_heap_map m, hc_u32 i, hc_u64 s) {
    hc_u32 n = (hc_u32)s, j;
    if (hc_dev_cas64(hc_heap_state_at(m, i), s, HC_HEAP_STATE(HC_HEAP_BUILD, 1u)) != s) return -1;
    HC_NO_UNROLL
    for (j = 1; j < n; j++) hc_dev_store64(hc_heap_state_at(m, i + j), 0);
    hc_dev_store64(hc_heap_state_at(m, i), 0);
    hc_heap_busy_range(m, i, n, 0);
    hc_heap_stat_live(m.base, 0u - ((hc_u64)n << m.shift));
    hc_dev_add64(m.base + HC_HEAP_STAT_HELD, 0u - ((hc_u64)n << m.shift));
    return 0;
}

/* ------------------------------------------------------------------------------------------------------------- core */
/* Address of `size` bytes aligned to `align` (a power of two; below 16 counts as 16), or 0. Lanes that arrive
 * together and ask for the same class make one reservation. */
HC_NOINLINE hc_u64 hc_heap_alloc(hc_u64 heap, hc_u64 heap_bytes, hc_u64 size, hc_u64 align) {
    const hc_heap_map m = hc_heap_map_of(heap, heap_bytes);
    hc_u64 result = 0;
    hc_u32 c;
    hc_mask group, todo;
    if (align < 16u) align = 16u;
    c = (align & (align - 1u)) == 0 ? hc_heap_class_of(size, align, m.shift) : 0xffu;
    group = hc_active_mask();
    group = hc_match64(group, heap ^ ((hc_u64)c << 56));
    todo = group;
    if (c == 0xffu) {
        /* Not an alignment: answered like memory that is not there. */
    } else if (c == 0) {
        /* One after the other: lanes of one warp that gather runs at once would only get in each other's way. */
        HC_NO_UNROLL
        while (todo != 0) {
            if (hc_lane() == hc_first(todo)) result = hc_heap_alloc_run(heap, heap_bytes, size, align);
            hc_warp_sync(group);
            todo &= todo - 1u;
        }
    } else {
        HC_NO_UNROLL
        do {
            hc_u64 got = 0;
            hc_u32 leader = hc_first(todo), k, rank = hc_rank(todo), slots, slot, start;
            if (hc_lane() == leader) {
                got = hc_heap_find(heap, heap_bytes, c, hc_popc(todo));
                if (got != 0) hc_heap_stat_live(heap, (got >> 48) * hc_heap_class_size(c));
            }
            got = hc_shfl64(todo, got, leader);
            k = (hc_u32)(got >> 48);
            if (k == 0) break;
            todo = hc_ballot(todo, rank >= k);
            if (rank < k) {
                slots = hc_heap_class_slots(c, m.shift);
                start = ((hc_u32)(got >> 32) & 0xffffu) + rank;
                if (start >= slots) start -= slots;
                slot = hc_heap_claim_slot(m, (hc_u32)got, c, start);
                result = hc_heap_chunk_at(m, (hc_u32)got) + slot * hc_heap_class_size(c);
                break;
            }
        } while (todo != 0);
    }
    if (result == 0 && m.chunks != 0) hc_dev_add64(heap + HC_HEAP_STAT_FAILURES, 1);
    /* Acquire: orders this lane's use of the block after the fence in the free that gave it back. Without it the
     * block could still change, or be read as it was, under its new owner. */
    hc_fence_dev();
    return result;
}

/* The chunk of an address that may be the start of an allocation of the heap; m.chunks when it can't be. */
HC_FN hc_u32 hc_heap_chunk_of(const hc_heap_map m, hc_u64 address) {
    hc_u64 first = m.base + m.data, i = (address - first) >> m.shift;
    return address < first || i >= m.chunks ? m.chunks : (hc_u32)i;
}

/* Gives a block back: 0, or -1 (counted) when `address` is not the start of a live allocation. */
HC_NOINLINE int hc_heap_free(hc_u64 heap, hc_u64 heap_bytes, hc_u64 address) {
    const hc_heap_map m = hc_heap_map_of(heap, heap_bytes);
    hc_u32 i = hc_heap_chunk_of(m, address), offset, c, slot, n;
    hc_u64 s, at, before, key = 0;
    hc_mask group;
    int rc = -1;
    /* Release: this lane's last accesses to the block are over before its bit is cleared. Without it a late store of
     * this lane could land in the block of the next owner. */
    hc_fence_dev();
    at = hc_heap_state_at(m, i);
    if (i < m.chunks) {
        /* A live block keeps its chunk's class as it is, so for a proper free this load can't be out of date. */
        s = hc_dev_load64(at);
        c = HC_HEAP_KIND(s);
        offset = (hc_u32)(address - m.base - m.data) & ((1u << m.shift) - 1u);
        if (c == HC_HEAP_LARGE) {
            if (offset == 0) rc = hc_heap_free_run(m, i, s);
        } else if (c != 0 && c < HC_HEAP_CLASSES) {
            slot = hc_heap_slot_of(c, offset);
            if (slot < hc_heap_class_slots(c, m.shift) && slot * hc_heap_class_size(c) == offset) {
                hc_u32 bit = 1u << (slot & 31u);
                hc_u64 word = hc_heap_bits_at(m, i) + 4u * (slot >> 5);
                if (hc_dev_and32(word, ~bit) & bit) {
                    rc = 0;
                    key = at;
                }
            }
        }
    }
    if (rc != 0 && m.chunks != 0) hc_dev_add64(heap + HC_HEAP_STAT_BAD_FREES, 1);
    group = hc_active_mask();
    group = hc_match64(group, key);
    if (key != 0 && hc_lane() == hc_first(group)) {
        /* Every bit that was cleared was counted, so the sum can't go below zero, nor into another class's count. */
        n = hc_popc(group);
        before = hc_dev_add64(at, 0u - (hc_u64)n);
        c = HC_HEAP_KIND(before);
        if (HC_HEAP_COUNT(before) == hc_heap_class_slots(c, m.shift)) {
            hc_dev_or32(hc_heap_room_at(m, c, i), 1u << (i & 31u));
        }
        if (HC_HEAP_COUNT(before) == n) {
            hc_heap_mark_idle(m, i);
            hc_dev_add64(heap + HC_HEAP_STAT_HELD, 0u - ((hc_u64)1 << m.shift));
        }
        hc_heap_stat_live(heap, 0u - (hc_u64)n * hc_heap_class_size(c));
    }
    return rc;
}

/* Bytes that the owner of a live allocation may use, at least what was asked for; 0 for anything else. */
HC_FN hc_u64 hc_heap_usable(hc_u64 heap, hc_u64 heap_bytes, hc_u64 address) {
    const hc_heap_map m = hc_heap_map_of(heap, heap_bytes);
    hc_u32 i = hc_heap_chunk_of(m, address), offset, c, slot;
    hc_u64 s;
    if (i >= m.chunks) return 0;
    s = hc_dev_load64(hc_heap_state_at(m, i));
    c = HC_HEAP_KIND(s);
    offset = (hc_u32)(address - m.base - m.data) & ((1u << m.shift) - 1u);
    if (c == HC_HEAP_LARGE) return offset == 0 ? (s & 0xffffffffu) << m.shift : 0;
    if (c == 0 || c >= HC_HEAP_CLASSES) return 0;
    slot = hc_heap_slot_of(c, offset);
    if (slot >= hc_heap_class_slots(c, m.shift) || slot * hc_heap_class_size(c) != offset) return 0;
    s = hc_dev_load32(hc_heap_bits_at(m, i) + 4u * (slot >> 5));
    return (s >> (slot & 31u)) & 1u ? hc_heap_class_size(c) : 0;
}

/* Bytes in use now (sizes as rounded up to classes): exact when no lane allocates or frees meanwhile. */
HC_FN hc_u64 hc_heap_live(hc_u64 heap) {
    hc_u64 sum = 0;
    hc_u32 i;
    HC_NO_UNROLL
    for (i = 0; i < HC_HEAP_LIVE_STRIPES; i++) sum += hc_dev_load64(heap + HC_HEAP_STAT_LIVE + i * HC_HEAP_LIVE_STRIDE);
    return sum;
}

/* ------------------------------------------------------------------------------------------------------- libc names */
#if !defined(HC_HEAP_CORE_ONLY)
#define HC_HEAP_ENOMEM 12
#define HC_HEAP_EINVAL 22

typedef HC_GLOBAL void *hc_heap_ptr;

/* The fill and the copy below write 64-bit words; a fence after them keeps the compiler from moving the caller's
 * accesses, which have other types, across them. */
HC_NOINLINE void hc_heap_zero(hc_u64 to, hc_u64 bytes) {
    hc_u64 n = (bytes + 7u) >> 3, i;
    for (i = 0; i < n; i++) HC_AT(hc_u64, to)[i] = 0;
    hc_fence_dev();
}

HC_NOINLINE void hc_heap_copy(hc_u64 to, hc_u64 from, hc_u64 bytes) {
    hc_u64 n = (bytes + 7u) >> 3, i;
    hc_fence_dev();
    for (i = 0; i < n; i++) HC_AT(hc_u64, to)[i] = HC_AT(hc_u64, from)[i];
    hc_fence_dev();
}

HC_FN hc_u64 hc_heap_get_block(hc_u64 size, hc_u64 align) {
    hc_u64 base = 0, bytes = 0, at = 0;
    hc_heap_where(&base, &bytes);
    if (bytes != 0) at = hc_heap_alloc(base, bytes, size, align);
    return at;
}

HC_FN hc_heap_ptr hc_malloc(hc_size size) {
    hc_u64 at = hc_heap_get_block(size, 16u);
    if (at == 0) hc_errno_set(HC_HEAP_ENOMEM);
    return (hc_heap_ptr)(hc_size)at;
}

HC_FN hc_heap_ptr hc_calloc(hc_size count, hc_size size) {
    hc_u64 at = 0, total = (hc_u64)count * size;
    /* The division is slow on a GPU and needed only where a product of two 32-bit numbers doesn't do. */
    int fits = ((count | size) >> 32) == 0 || size == 0 || total / size == count;
    if (fits) at = hc_heap_get_block(total, 16u);
    if (at == 0) hc_errno_set(HC_HEAP_ENOMEM);
    else hc_heap_zero(at, total);
    return (hc_heap_ptr)(hc_size)at;
}

HC_FN void hc_free(hc_heap_ptr p) {
    hc_u64 base = 0, bytes = 0;
    if (!p) return;
    hc_heap_where(&base, &bytes);
    if (bytes != 0) hc_heap_free(base, bytes, (hc_u64)(hc_size)p);
}

/* realloc(0, n) is malloc(n); realloc(p, 0) frees p and returns a null pointer. A block that is not live gives
 * EINVAL. */
HC_FN hc_heap_ptr hc_realloc(hc_heap_ptr p, hc_size size) {
    hc_u64 base = 0, bytes = 0, from = (hc_u64)(hc_size)p, have, at;
    if (!p) return hc_malloc(size);
    hc_heap_where(&base, &bytes);
    have = bytes != 0 ? hc_heap_usable(base, bytes, from) : 0;
    if (have == 0) {
        if (hc_heap_map_of(base, bytes).chunks != 0) hc_dev_add64(base + HC_HEAP_STAT_BAD_FREES, 1);
        hc_errno_set(HC_HEAP_EINVAL);
        return 0;
    }
    if (size == 0) {
        hc_heap_free(base, bytes, from);
        return 0;
    }
    /* Moving pays only when it gives back at least half; where there is no room for it, staying is always right. */
    if (size <= have && size > have / 2u) return p;
    if (size <= have && have <= 32u) return p;
    at = hc_heap_alloc(base, bytes, size, 16u);
    if (at == 0) {
        if (size <= have) return p;
        hc_errno_set(HC_HEAP_ENOMEM);
        return 0;
    }
    hc_heap_copy(at, from, size < have ? size : have);
    hc_heap_free(base, bytes, from);
    return (hc_heap_ptr)(hc_size)at;
}

HC_FN hc_heap_ptr hc_aligned_alloc(hc_size align, hc_size size) {
    hc_u64 at;
    if (align == 0 || (align & (align - 1u)) != 0) {
        hc_errno_set(HC_HEAP_EINVAL);
        return 0;
    }
    at = hc_heap_get_block(size, align);
    if (at == 0) hc_errno_set(HC_HEAP_ENOMEM);
    return (hc_heap_ptr)(hc_size)at;
}

/* Returns the error number and leaves errno alone, as POSIX has it; *out is written on success only. */
#define HC_HEAP_POSIX_MEMALIGN(space)                                                                                  \
    HC_FN int HC_OVERLOAD hc_posix_memalign(hc_heap_ptr space *out, hc_size align, hc_size size) {                     \
        hc_u64 at;                                                                                                     \
        if (align < 8u || (align & (align - 1u)) != 0) return HC_HEAP_EINVAL;                                          \
        at = hc_heap_get_block(size, align);                                                                           \
        if (at == 0) return HC_HEAP_ENOMEM;                                                                            \
        *out = (hc_heap_ptr)(hc_size)at;                                                                               \
        return 0;                                                                                                      \
    }
HC_HEAP_POSIX_MEMALIGN(HC_PRIVATE)
#if defined(HC_OPENCL)
HC_HEAP_POSIX_MEMALIGN(HC_GLOBAL)
#endif
#endif

#endif
