/* SPDX-License-Identifier: Apache-2.0
 *
 * Block collectives: the whole block makes one call and copies together. Every lane of the block calls, with the same arguments, and
 * gets the same result: a byte count or a negative errno. One lane reserves, publishes and waits; all lanes copy.
 */
#ifndef HC_BLOCK_H
#define HC_BLOCK_H
#include "client.h"

typedef struct hc_block_shared {
    hc_u64 page, bytes;
    hc_i64 result;
} hc_block_shared;

#if defined(HC_CUDA)
#define HC_BLOCK_DECLARE(p)                                                                                                               \
    __shared__ hc_block_shared hc_block_shared_storage;                                                                                    \
    hc_block_shared *p = &hc_block_shared_storage
#elif defined(HC_OPENCL)
/* Functions have no __local variables of their own: a place in device memory, one per group that can be resident. */
#define HC_BLOCK_DECLARE(p)                                                                                                               \
    volatile __global hc_block_shared *p = HC_AT(volatile hc_block_shared, HC_C(hc_client_address())->block_places + 64u * (hc_u64)(hc_block_id() % HC_BLOCK_PLACES))
#else
#define HC_BLOCK_DECLARE(p) hc_block_shared *p = (hc_block_shared *)(void *)hc_self->block_scratch
#endif

/* Copies between the user's buffer and the arena by all lanes of the block; 16 bytes a lane where both sides allow it. */
HC_FN void hc_block_copy_out(hc_u64 at, HC_GLOBAL const hc_u8 *p, hc_u64 n) {
    hc_u64 i, step = 16u * (hc_u64)hc_block_dim();
    for (i = 16u * (hc_u64)hc_local_id(); i < n; i += step) {
#if defined(HC_CUDA)
        hc_u64 lo, hi;
        hc_gather16(p + i, n - i, &lo, &hi);
        hc_arena_store16(at + i, lo, hi);
#else
        hc_put_lane(at + i, p + i, n - i < 16u ? n - i : 16u);
#endif
    }
}
HC_FN void hc_block_copy_in(HC_GLOBAL hc_u8 *p, hc_u64 at, hc_u64 n) {
    hc_u64 i, step = 16u * (hc_u64)hc_block_dim();
    for (i = 16u * (hc_u64)hc_local_id(); i < n; i += step) {
#if defined(HC_CUDA)
        if (n - i >= 16u && ((hc_size)p & 15u) == 0) {
            ulonglong2 v;
            hc_arena_load16(at + i, &v.x, &v.y);
            *(ulonglong2 *)(p + i) = v;
            continue;
        }
#endif
        hc_get_lane(p + i, at + i, n - i < 16u ? n - i : 16u);
    }
}

/* offset < 0: at the descriptor's own offset. */
HC_NOINLINE hc_i64 hc_block_transfer(hc_u32 op, hc_i32 fd, HC_GLOBAL hc_u8 *p, hc_u64 n, hc_i64 offset) {
    hc_txn t;
    hc_i64 result;
    int writes = op == HC_OP_WRITE || op == HC_OP_PWRITE;
    hc_u32 nargs = offset < 0 ? 3u : 4u;
    if (!hc_client_address()) return -HC_ENODEV;
    {
        HC_BLOCK_DECLARE(shared);
        if (hc_local_id() == 0) {
            /* HC_OUT in both directions: the payload is staged, whatever its size, so that all lanes can copy. */
            t.page = 0;
            t.pages = 0;
            t.err = -HC_EINVAL;
            if (n <= 0x7fffffffffffffffull) hc_begin(&t, op, nargs, n, HC_IN | HC_OUT | HC_SHRINK | HC_ALONE);
            shared->page = t.page;
            shared->bytes = t.err ? 0 : t.bytes;
            shared->result = t.err;
        }
        hc_block_sync();
        if (writes) hc_block_copy_out(HC_C(hc_client_address())->payload + shared->page * HC_PAGE, p, shared->bytes);
        hc_block_sync(); /* orders the copies of all lanes before lane 0's fence in hc_publish; no barrier may stand under a condition */
        if (hc_local_id() == 0 && !t.err) {
            shared->result = hc_send(&t, (hc_i64)t.bytes, 0, fd, offset, 0, 0);
            hc_fence_dev(); /* with the barrier: the other lanes read the arena after the reply */
        }
        hc_block_sync();
        result = shared->result;
        if (!writes && result > 0) hc_block_copy_in(p, HC_C(hc_client_address())->payload + shared->page * HC_PAGE, (hc_u64)result);
        hc_block_sync(); /* everyone is done with the pages and has the result: both may be reused */
        if (hc_local_id() == 0) hc_end(&t);
    }
    return result;
}
HC_FN hc_i64 hc_block_write(hc_i32 fd, HC_GLOBAL const void *p, hc_u64 n) { return hc_block_transfer(HC_OP_WRITE, fd, (HC_GLOBAL hc_u8 *)(hc_size)p, n, -1); }
HC_FN hc_i64 hc_block_read(hc_i32 fd, HC_GLOBAL void *p, hc_u64 n) { return hc_block_transfer(HC_OP_READ, fd, (HC_GLOBAL hc_u8 *)p, n, -1); }
HC_FN hc_i64 hc_block_pwrite(hc_i32 fd, HC_GLOBAL const void *p, hc_u64 n, hc_i64 offset) {
    return offset < 0 ? -HC_EINVAL : hc_block_transfer(HC_OP_PWRITE, fd, (HC_GLOBAL hc_u8 *)(hc_size)p, n, offset);
}
HC_FN hc_i64 hc_block_pread(hc_i32 fd, HC_GLOBAL void *p, hc_u64 n, hc_i64 offset) {
    return offset < 0 ? -HC_EINVAL : hc_block_transfer(HC_OP_PREAD, fd, (HC_GLOBAL hc_u8 *)p, n, offset);
}
#endif
