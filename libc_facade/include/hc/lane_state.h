/* SPDX-License-Identifier: Apache-2.0
 *
 * What belongs to one lane or one runtime beside the channel: errno, strtok's place, the heap's place, the ranges that both sides reach.
 */
#ifndef HC_LANE_STATE_H
#define HC_LANE_STATE_H
#include "bind.h"

/* --------------------------------------------------------------------------------------------------- what each lane has alone
 * errno, where its strtok stands, and the address of a block for what else must be its own (lane_block.h). */
#if defined(HC_HOST)
HC_FN HC_GLOBAL hc_i32 *hc_errno_location(void) { return &hc_self->err; }
#else
/* A place of the table: the owner's tag, errno, then the two addresses. Keyed by grid and global thread id: lanes never share one. Places of
 * launches that are over (an older epoch) are free; the block stays with the place. 0: no runtime. The place behind the table, whose tag
 * is 0, is for lanes that find none: what they put there is lost, and counted. */
#define HC_PLACE_BYTES 32u
#define HC_PLACE_ERRNO 8u
#define HC_PLACE_STRTOK 16u
#define HC_PLACE_BLOCK 24u
HC_NOINLINE hc_u64 hc_own_place(void) {
    hc_u64 c = hc_client_address();
    hc_u32 n, i, epoch, h;
    hc_u64 owner;
    if (!c) return 0;
    n = HC_C(c)->errno_places;
    epoch = hc_dev_load32(c + HC_CLIENT_EPOCH) & 0xfffu;
    owner = ((hc_u64)epoch << 52) | ((hc_grid_token() & 0xfffffull) << 32) | ((hc_u64)(hc_u32)hc_thread_id() + 1u);
    h = ((hc_u32)hc_thread_id() + (hc_u32)(hc_grid_token() * 2654435761u)) & (n - 1u);
    HC_NO_UNROLL
    for (i = 0; i < 16u; i++) {
        hc_u64 at = HC_C(c)->errno_table + HC_PLACE_BYTES * (hc_u64)((h + i) & (n - 1u));
        hc_u64 seen = hc_dev_load64(at);
        if (seen == owner) return at;
        if (seen == 0 || (hc_u32)(seen >> 52) != epoch) {
            if (hc_dev_cas64(at, seen, owner) == seen) {
                *HC_AT(hc_i32, at + HC_PLACE_ERRNO) = 0;
                *HC_AT(hc_u64, at + HC_PLACE_STRTOK) = 0;
                return at;
            }
        }
    }
    hc_count(c, HC_CNT_ERRNO_FULL, 1);
    return HC_C(c)->errno_table + HC_PLACE_BYTES * (hc_u64)n;
}
HC_FN HC_GLOBAL hc_i32 *hc_errno_location(void) {
    hc_u64 at = hc_own_place();
    return at ? HC_AT(hc_i32, at + HC_PLACE_ERRNO) : (HC_GLOBAL hc_i32 *)0;
}
#endif
/* In a linked program no lane outlives exit: whoever is told that the server answers no more ends there, as threads end with their process.
 * The word itself decides, since a socket can have this error too. */
#if defined(HC_LIBRARY)
HC_NOINLINE void hc_leave(void);
HC_NOINLINE void hc_leave_if_over(void) {
    hc_u64 c = hc_client_address();
    if (c && hc_bus_load32(HC_C(c)->control + HC_CTL_ABORT)) hc_leave();
}
#endif
HC_FN void hc_errno_set(hc_i32 e) {
    HC_GLOBAL hc_i32 *p = hc_errno_location();
#if defined(HC_LIBRARY)
    if (e == HC_ESHUTDOWN) hc_leave_if_over();
#endif
    if (p) *p = e;
}
/* Turns a protocol result into what a C function returns: -1 and errno, or the value. */
HC_FN hc_i64 hc_posix(hc_i64 result) {
    if (result < 0) {
        hc_errno_set((hc_i32)-result);
        return -1;
    }
    return result;
}

HC_FN void hc_heap_where(hc_u64 *base, hc_u64 *bytes) {
    hc_u64 c = hc_client_address();
    *base = c ? HC_C(c)->heap : 0;
    *bytes = c ? HC_C(c)->heap_bytes : 0;
}

/* 1 where [p, p + n) lies in memory registered with the runtime: its address can cross instead of its bytes. */
HC_FN int hc_is_shared_range(hc_u64 address, hc_u64 n) {
    hc_u64 c = hc_client_address();
    hc_u32 i, count;
    if (!c) return 0;
    count = hc_dev_load32(c + HC_CLIENT_RANGE_COUNT);
    HC_NO_UNROLL
    for (i = 0; i < count; i++) {
        hc_u64 at = HC_C(c)->ranges + (hc_u64)i * sizeof(hc_range);
        hc_u64 base = hc_dev_load64(at), end = hc_dev_load64(at + 8u);
        if (address >= base && address <= end && n <= end - address) return 1;
    }
    return 0;
}

#endif
