/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies where in the heap's arena: statistics, one state word per chunk, bitmaps, hints, chunks. Everything here is computed from
 * (base, bytes) or read from a table; who may change what is heap_slots.h's and heap_runs.h's business.
 */
#ifndef HC_HEAP_MAP_H
#define HC_HEAP_MAP_H

#include "hc/platform.h"

/* ---------------------------------------------------------------------------------------------- what the host may read
 * The arena must be aligned to HC_HEAP_BASE_ALIGN and zeroed. Statistics are 64-bit words, offsets are bytes from its base. */
#define HC_HEAP_BASE_ALIGN 64
#define HC_HEAP_MIN_BYTES 65536
#define HC_HEAP_STAT_FAILURES 0   /* allocations answered 0 */
#define HC_HEAP_STAT_BAD_FREES 8  /* frees of what is no live allocation's start */
#define HC_HEAP_STAT_HELD 16      /* bytes of the chunks that hold at least one allocation */
#define HC_HEAP_STAT_HELD_PEAK 24 /* the most that HELD has been: how large the arena had to be */
#define HC_HEAP_TABLES 256        /* the state words begin here */

/* -------------------------------------------------------------------------------------------------------- bits of data
 * hc_popc and hc_first are for lane masks and fold away where a warp is one lane; these are for bitmaps and never do. */
#if defined(HC_CUDA)
HC_FN hc_u32 hc_heap_bit_low(hc_u32 v) { return (hc_u32)__ffs((int)v) - 1u; }
HC_FN hc_u32 hc_heap_bit_high(hc_u32 v) { return 31u - (hc_u32)__clz((int)v); }
HC_FN hc_u32 hc_heap_bits(hc_u32 v) { return (hc_u32)__popc(v); }
#elif defined(HC_OPENCL)
HC_FN hc_u32 hc_heap_bit_low(hc_u32 v) { return 31u - clz(v & (0u - v)); }
HC_FN hc_u32 hc_heap_bit_high(hc_u32 v) { return 31u - clz(v); }
HC_FN hc_u32 hc_heap_bits(hc_u32 v) { return popcount(v); }
#else
HC_FN hc_u32 hc_heap_bit_low(hc_u32 v) { return (hc_u32)__builtin_ctz(v); }
HC_FN hc_u32 hc_heap_bit_high(hc_u32 v) { return 31u - (hc_u32)__builtin_clz(v); }
HC_FN hc_u32 hc_heap_bits(hc_u32 v) { return (hc_u32)__builtin_popcount(v); }
#endif

/* Position of the set bit that has `rank` set bits below it; there must be one. */
HC_FN hc_u32 hc_heap_bit_nth(hc_u32 v, hc_u32 rank) {
    hc_u32 at = 0, width, below;
    HC_NO_UNROLL
    for (width = 16u; width != 0; width >>= 1) {
        below = hc_heap_bits((v >> at) & ((1u << width) - 1u));
        if (rank >= below) {
            rank -= below;
            at += width;
        }
    }
    return at;
}

/* ------------------------------------------------------------------------------------------------------------ geometry
 * A pure function of (base, bytes), so there is nothing to initialise and nothing to race for. Functions that are called out of line
 * pass it on packed, in two registers. */
typedef struct hc_heap_map {
    hc_u64 base;
    hc_u32 chunks;
    hc_u32 skip;  /* how many multiples of the chunk size chunk 0 lies above the one that is not above the base */
    hc_u32 shift; /* log2 of the chunk size */
} hc_heap_map;

/* Classes are 16, 32, 48, 64, 96, 128, 192, ... : two per doubling. Even class c: 16 << c/2. Odd: 24 << c/2, but class 1 is 16. They go up
 * to a quarter of a chunk; one more class is half a chunk; what is larger is a run of chunks. */
#define HC_HEAP_CLASSES 23
/* 384 GiB: what lies beyond is not used, so that distances within the tables fit 32 bits and a number of chunks 24. */
#define HC_HEAP_MOST_CHUNKS 0x600000u

HC_FN hc_u64 hc_heap_pack(const hc_heap_map m) { return (hc_u64)m.shift << 48 | (hc_u64)m.skip << 24 | m.chunks; }
HC_FN hc_heap_map hc_heap_unpack(hc_u64 base, hc_u64 packed) {
    hc_heap_map m;
    m.base = base;
    m.chunks = (hc_u32)packed & 0xffffffu;
    m.skip = (hc_u32)(packed >> 24) & 0xffffffu;
    m.shift = (hc_u32)(packed >> 48);
    return m;
}

/* Over how many chunks the warps of one class are spread, a power of two. */
HC_FN hc_u32 hc_heap_entries(hc_u32 chunks) {
    hc_u32 log = chunks < 128u ? 0u : hc_heap_bit_high(chunks) - 6u;
    return 1u << (log > 7u ? 7u : log);
}

/* The tables, in this order, as distances from the base:
 *   states  64 bits per chunk
 *   bits    bitmap per chunk, one bit per 16 bytes of it
 *   busy    bit per chunk: hint that its count is not 0
 *   room    class x bit per chunk: hint that the chunk is of the class and not full
 *   hint    class x entry: 1 + chunk where this entry's warps last found room
 * and then chunk 0, aligned to the chunk size. */
HC_FN hc_u32 hc_heap_row_bytes(hc_u32 chunks) { return 4u * ((chunks >> 5) + 1u); } /* of busy, and of one class in room */
HC_FN hc_u32 hc_heap_bits_table(hc_u32 chunks) { return HC_HEAP_TABLES + 8u * chunks; }
HC_FN hc_u32 hc_heap_busy_table(hc_u32 chunks, hc_u32 shift) { return hc_heap_bits_table(chunks) + (chunks << (shift - 7u)); }
HC_FN hc_u32 hc_heap_hint_table(hc_u32 chunks, hc_u32 shift) {
    return hc_heap_busy_table(chunks, shift) + hc_heap_row_bytes(chunks) * (1u + HC_HEAP_CLASSES);
}

HC_FN hc_u64 hc_heap_state_at(const hc_heap_map m, hc_u32 i) { return m.base + HC_HEAP_TABLES + 8u * i; }
HC_FN hc_u64 hc_heap_bits_at(const hc_heap_map m, hc_u32 i) { return m.base + (hc_heap_bits_table(m.chunks) + (i << (m.shift - 7u))); }
HC_FN hc_u64 hc_heap_busy_at(const hc_heap_map m, hc_u32 i) { return m.base + (hc_heap_busy_table(m.chunks, m.shift) + 4u * (i >> 5)); }
HC_FN hc_u64 hc_heap_room_at(const hc_heap_map m, hc_u32 c, hc_u32 i) {
    return m.base + (hc_heap_busy_table(m.chunks, m.shift) + hc_heap_row_bytes(m.chunks) * (1u + c) + 4u * (i >> 5));
}
HC_FN hc_u64 hc_heap_hint_at(const hc_heap_map m, hc_u32 c, hc_u32 entry) {
    return m.base + (hc_heap_hint_table(m.chunks, m.shift) + 4u * (hc_heap_entries(m.chunks) * c + entry));
}
HC_FN hc_u64 hc_heap_chunk_at(const hc_heap_map m, hc_u32 i) { return ((m.base >> m.shift) + m.skip + i) << m.shift; }

/* The tables of an arena that were all chunks would be large enough for those that then fit beside them. */
HC_FN hc_heap_map hc_heap_map_of(hc_u64 base, hc_u64 bytes) {
    hc_heap_map m;
    hc_u64 most, data;
    hc_u32 places;
    m.base = base;
    m.shift = bytes < 0x40000u ? 10u : bytes < 0x400000u ? 12u : bytes < 0x4000000u ? 14u : 16u;
    most = bytes >> m.shift;
    places = most > HC_HEAP_MOST_CHUNKS ? HC_HEAP_MOST_CHUNKS : (hc_u32)most;
    data = base + hc_heap_hint_table(places, m.shift) + 4u * hc_heap_entries(places) * HC_HEAP_CLASSES;
    m.skip = (hc_u32)(((data - 1u) >> m.shift) + 1u - (base >> m.shift));
    m.chunks = 0;
    data = hc_heap_chunk_at(m, 0) - base;
    if (bytes >= HC_HEAP_MIN_BYTES && (base & (HC_HEAP_BASE_ALIGN - 1u)) == 0 && base != 0 && data < bytes) {
        most = (bytes - data) >> m.shift;
        m.chunks = most > places ? places : (hc_u32)most;
    }
    return m;
}

/* The chunk of an address that may be the start of an allocation of the heap; m.chunks when it can't be. */
HC_FN hc_u32 hc_heap_chunk_of(const hc_heap_map m, hc_u64 address) {
    hc_u64 i = (address >> m.shift) - (m.base >> m.shift) - m.skip;
    return i >= m.chunks ? m.chunks : (hc_u32)i;
}

/* ------------------------------------------------------------------------------------------------------------- classes */
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

/* The slot at which a search begins that comes after `cursor` others: in turn, but for classes whose slots are no power of two. */
HC_FN hc_u32 hc_heap_start(hc_u32 cursor, hc_u32 c, hc_u32 shift) {
    hc_u32 slots = hc_heap_class_slots(c, shift), at = cursor & (((1u << (shift - 4u)) >> (c == 1u ? 0u : c >> 1)) - 1u);
    return at < slots ? at : at - slots;
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

/* --------------------------------------------------------------------------------------------------------------- state
 * cursor 32 | kind 8 | count 24
 * count: slots allocated, promised, or asked for in vain and not yet taken back. Zero: anybody may take the chunk. At most the card's
 * lanes, plus 4096, so 24 bits never overflow. cursor: all slots ever reserved, modulo 2^32; it spreads those who look for a free bit. */
#define HC_HEAP_LARGE 254u /* head of a run; the first word of its bitmap is the length in chunks */
#define HC_HEAP_BODY 253u
#define HC_HEAP_BUILD 252u /* claimed by a lane that is still gathering a run, or giving one back */
#define HC_HEAP_STATE(kind, count) ((hc_u64)(((hc_u32)(kind) << 24) | (count)))
#define HC_HEAP_KIND(state) ((hc_u32)(state) >> 24)
#define HC_HEAP_COUNT(state) ((hc_u32)(state) & 0xffffffu)
#define HC_HEAP_CURSOR(state) ((hc_u32)((state) >> 32))

/* Takeable: no allocation in it and nobody about to make one. */
HC_FN int hc_heap_empty(hc_u64 s) { return HC_HEAP_KIND(s) < HC_HEAP_CLASSES && HC_HEAP_COUNT(s) == 0; }

HC_FN int hc_heap_is_class(hc_u32 kind) { return kind != 0 && kind < HC_HEAP_CLASSES; }

/* --------------------------------------------------------------------------------------------------------------- hints
 * A hint is changed after the state that it tells of, so two lanes can leave it the wrong way round; the second look mends the wrong that
 * costs memory (an empty chunk that looks busy, room that nobody sees). Full passes mend what is left. */
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

HC_FN void hc_heap_mark_full(const hc_heap_map m, hc_u32 i, hc_u32 c) {
    hc_u64 at = hc_heap_room_at(m, c, i), s;
    hc_u32 bit = 1u << (i & 31u);
    hc_dev_and32(at, ~bit);
    s = hc_dev_load64(hc_heap_state_at(m, i));
    if (HC_HEAP_KIND(s) == c && HC_HEAP_COUNT(s) < hc_heap_class_slots(c, m.shift)) hc_dev_or32(at, bit);
}

HC_FN void hc_heap_mark_room(const hc_heap_map m, hc_u32 i, hc_u32 c) { hc_dev_or32(hc_heap_room_at(m, c, i), 1u << (i & 31u)); }

/* ---------------------------------------------------------------------------------------------------------- statistics
 * A chunk is counted just after it changed hands, so HELD can be off by the chunks in flight: below zero when the lane that gave one back
 * was faster than the one that took it, above the arena the other way round. */
HC_FN void hc_heap_hold(const hc_heap_map m, hc_u32 chunks) {
    hc_u64 bytes = (hc_u64)chunks << m.shift, held = hc_dev_add64(m.base + HC_HEAP_STAT_HELD, bytes) + bytes;
    hc_u64 all = (hc_u64)m.chunks << m.shift;
    if ((hc_i64)held > (hc_i64)all) held = all;
    if ((hc_i64)held > 0 && held > hc_dev_load64(m.base + HC_HEAP_STAT_HELD_PEAK)) {
        hc_dev_max64(m.base + HC_HEAP_STAT_HELD_PEAK, held);
    }
}

HC_FN void hc_heap_let_go(const hc_heap_map m, hc_u32 chunks) {
    hc_dev_add64(m.base + HC_HEAP_STAT_HELD, 0u - ((hc_u64)chunks << m.shift));
}

/* Bytes in use now (sizes as rounded up to classes), from the states: exact when no lane allocates or frees meanwhile. */
HC_FN hc_u64 hc_heap_live(hc_u64 base, hc_u64 bytes) {
    const hc_heap_map m = hc_heap_map_of(base, bytes);
    hc_u64 sum = 0, s;
    hc_u32 i, kind;
    HC_NO_UNROLL
    for (i = 0; i < m.chunks; i++) {
        s = hc_dev_load64(hc_heap_state_at(m, i));
        kind = HC_HEAP_KIND(s);
        if (hc_heap_is_class(kind)) sum += (hc_u64)HC_HEAP_COUNT(s) * hc_heap_class_size(kind);
        else if (kind != 0) sum += (hc_u64)1 << m.shift;
    }
    return sum;
}

#endif
