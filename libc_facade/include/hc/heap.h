/* SPDX-License-Identifier: Apache-2.0
 *
 * The device's malloc: a lock-free allocator over one arena of device memory, one text for CUDA C++, OpenCL C and C11. It may touch
 * nothing but its arena, and only lanes touch that (hc_dev_*): the host zeroes it before the first launch and afterwards only reads the
 * statistics. No lane ever waits for another one: the items of an OpenCL group may run one after another.
 *
 * The arena is cut into chunks. One 64-bit state word per chunk is the only truth about who owns it; everything else that says where to
 * look (busy, room, hint) may be stale, and a search that found nothing by hints reads every state word. heap_map.h has the layout,
 * heap_slots.h the blocks that share a chunk, heap_runs.h those that take whole chunks.
 *
 * Before this file: `HC_FN void hc_heap_where(hc_u64 *base, hc_u64 *bytes)` (bytes 0: no heap) and `HC_FN void hc_errno_set(int)`. With
 * HC_HEAP_CORE_ONLY the libc names are left out and neither is needed.
 */
#ifndef HC_HEAP_H
#define HC_HEAP_H

#include "hc/heap_runs.h"

/* ------------------------------------------------------------------------------------------------------------- core */
/* Address of `size` bytes aligned to `align` (a power of two; below 16 counts as 16), or 0. */
HC_NOINLINE hc_u64 hc_heap_alloc(hc_u64 heap, hc_u64 heap_bytes, hc_u64 size, hc_u64 align) {
    const hc_heap_map m = hc_heap_map_of(heap, heap_bytes);
    hc_u64 result = 0;
    hc_u32 c;
    hc_mask todo;
    if (m.chunks == 0) return 0;
    if (align < 16u) align = 16u;
    c = hc_heap_class_of(size, align, m.shift);
    if ((align & (align - 1u)) != 0) {
        /* Not an alignment: answered like memory that is not there. */
    } else if (c != 0) {
        result = hc_heap_alloc_slot(heap, hc_heap_pack(m), c);
    } else {
        /* One after the other: lanes of one warp that gather runs at once would only get in each other's way. */
        todo = hc_active_mask();
        HC_NO_UNROLL
        while (todo != 0) {
            if (hc_lane() == hc_first(todo)) result = hc_heap_alloc_run(heap, hc_heap_pack(m), size, align);
            todo &= todo - 1u;
        }
    }
    if (result == 0) {
        todo = hc_active_mask();
        if (hc_lane() == hc_first(todo)) hc_dev_add64(heap + HC_HEAP_STAT_FAILURES, hc_popc(todo));
    }
    /* Acquire: orders this lane's use of the block after the fence in the free that gave it back. Without it the block could still change,
     * or be read as it was, under its new owner. */
    hc_fence_dev();
    return result;
}

/* Gives a block back: 0, or -1 (counted) when `address` is not the start of a live allocation. */
HC_NOINLINE int hc_heap_free(hc_u64 heap, hc_u64 heap_bytes, hc_u64 address) {
    const hc_heap_map m = hc_heap_map_of(heap, heap_bytes);
    hc_u32 i = hc_heap_chunk_of(m, address), offset, c, slot, bit;
    hc_u64 at = hc_heap_state_at(m, i);
    hc_mask group;
    int rc = -1;
    /* Release: this lane's last accesses to the block are over before its bit is cleared. Without it a late store of this lane could land
     * in the block of the next owner. */
    hc_fence_dev();
    if (i < m.chunks) {
        /* A live block keeps its chunk's class as it is, so for a proper free this load can't be out of date. */
        c = HC_HEAP_KIND(hc_dev_load64(at));
        HC_HEAP_MEANWHILE();
        offset = (hc_u32)address & ((1u << m.shift) - 1u);
        if (c == HC_HEAP_LARGE) {
            if (offset == 0) rc = hc_heap_free_run(heap, hc_heap_pack(m), i);
        } else if (hc_heap_is_class(c)) {
            slot = hc_heap_slot_of(c, offset);
            bit = 1u << (slot & 31u);
            if (slot < hc_heap_class_slots(c, m.shift) && slot * hc_heap_class_size(c) == offset &&
                (hc_dev_and32(hc_heap_bits_at(m, i) + 4u * (slot >> 5), ~bit) & bit)) {
                rc = 0;
                /* Every bit that was cleared was counted, so the sum can't go below zero, nor into another class's count. */
                group = hc_active_mask();
                group = hc_match64(group, at);
                if (hc_lane() == hc_first(group)) hc_heap_put_back(heap, hc_heap_pack(m), i, hc_popc(group));
            }
        }
    }
    if (rc != 0 && m.chunks != 0) hc_dev_add64(heap + HC_HEAP_STAT_BAD_FREES, 1);
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
    offset = (hc_u32)address & ((1u << m.shift) - 1u);
    if (c == HC_HEAP_LARGE) return offset == 0 ? (hc_u64)hc_dev_load32(hc_heap_bits_at(m, i)) << m.shift : 0;
    if (!hc_heap_is_class(c)) return 0;
    slot = hc_heap_slot_of(c, offset);
    if (slot >= hc_heap_class_slots(c, m.shift) || slot * hc_heap_class_size(c) != offset) return 0;
    s = hc_dev_load32(hc_heap_bits_at(m, i) + 4u * (slot >> 5));
    return (s >> (slot & 31u)) & 1u ? hc_heap_class_size(c) : 0;
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

HC_FN hc_heap_ptr hc_reallocarray(hc_heap_ptr p, hc_size count, hc_size size) {
    if (((count | size) >> 32) != 0 && size != 0 && count > ~(hc_size)0 / size) {
        hc_errno_set(HC_HEAP_ENOMEM);
        return 0;
    }
    return hc_realloc(p, count * size);
}
HC_FN hc_size hc_malloc_usable_size(hc_heap_ptr p) {
    hc_u64 base = 0, bytes = 0;
    hc_heap_where(&base, &bytes);
    return p && bytes != 0 ? hc_heap_usable(base, bytes, (hc_u64)(hc_size)p) : 0;
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
