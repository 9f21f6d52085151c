/* SPDX-License-Identifier: Apache-2.0
 *
 * Block and grid collectives: the whole block makes one call and copies together; the blocks of a grid share a transfer between them. Every
 * lane calls, with the same arguments, and all lanes of a block get the same result: a byte count or a negative errno. One lane reserves,
 * publishes and waits; all lanes copy, or none where the buffer is memory that the host reaches too.
 */
#ifndef HC_BLOCK_H
#define HC_BLOCK_H
#include "client.h"

typedef struct hc_block_shared {
    hc_u64 page, bytes, reach;
    hc_i64 result;
} hc_block_shared;

#if defined(HC_CUDA)
#define HC_BLOCK_DECLARE(p)                                                                                                               \
    __shared__ hc_block_shared hc_block_shared_storage;                                                                                    \
    hc_block_shared *p = (hc_block_shared *)&hc_block_shared_storage
#elif defined(HC_OPENCL)
/* Functions have no __local variables of their own: a place in device memory, one per group that can be resident. */
#define HC_BLOCK_DECLARE(p)                                                                                                               \
    volatile __global hc_block_shared *p = HC_AT(volatile hc_block_shared, HC_C(hc_client_address())->block_places + 64u * (hc_u64)(hc_block_id() % HC_BLOCK_PLACES))
#else
#define HC_BLOCK_DECLARE(p) hc_block_shared *p = (hc_block_shared *)(void *)hc_self->block_scratch
#endif

/* Copies between the user's buffer and the arena by all lanes of the block. On CUDA neighbouring lanes move neighbouring 16-byte words, and each
 * lane has HC_BLOCK_STREAM of them on their way: a load takes most of a microsecond from device memory and more from the host's, so that one
 * word a lane would bound a block to a fraction of the link. */
#if defined(HC_CUDA)
#if !defined(HC_BLOCK_STREAM)
#define HC_BLOCK_STREAM 4u
#endif
HC_FN void hc_block_copy_out(hc_u64 at, const hc_u8 *p, hc_u64 n) {
    hc_u64 step = 16u * (hc_u64)hc_block_dim(), i = 16u * (hc_u64)hc_local_id();
    hc_u32 u;
    if (((hc_size)p & 15u) == 0) {
        HC_NO_UNROLL
        for (; i + (HC_BLOCK_STREAM - 1u) * step + 16u <= n; i += HC_BLOCK_STREAM * step) {
            ulonglong2 v[HC_BLOCK_STREAM];
#pragma unroll
            for (u = 0; u < HC_BLOCK_STREAM; u++) v[u] = *(const ulonglong2 *)(p + i + u * step);
#pragma unroll
            for (u = 0; u < HC_BLOCK_STREAM; u++) hc_arena_store16(at + i + u * step, v[u].x, v[u].y);
        }
    }
    HC_NO_UNROLL
    for (; i < n; i += step) {
        hc_u64 lo, hi;
        hc_gather16(p + i, n - i, &lo, &hi);
        hc_arena_store16(at + i, lo, hi);
    }
}
HC_FN void hc_block_copy_in(hc_u8 *p, hc_u64 at, hc_u64 n) {
    hc_u64 step = 16u * (hc_u64)hc_block_dim(), i = 16u * (hc_u64)hc_local_id();
    hc_u32 u;
    if (((hc_size)p & 15u) == 0) {
        HC_NO_UNROLL
        for (; i + (HC_BLOCK_STREAM - 1u) * step + 16u <= n; i += HC_BLOCK_STREAM * step) {
            ulonglong2 v[HC_BLOCK_STREAM];
#pragma unroll
            for (u = 0; u < HC_BLOCK_STREAM; u++) hc_arena_load16(at + i + u * step, &v[u].x, &v[u].y);
#pragma unroll
            for (u = 0; u < HC_BLOCK_STREAM; u++) *(ulonglong2 *)(p + i + u * step) = v[u];
        }
    }
    HC_NO_UNROLL
    for (; i < n; i += step) hc_get_lane(p + i, at + i, n - i < 16u ? n - i : 16u);
}
#else
/* A lane is a CPU thread: neighbours take turns at pages, since 16 bytes each would share every line between all of them. */
HC_FN void hc_block_copy_out(hc_u64 at, HC_GLOBAL const hc_u8 *p, hc_u64 n) {
    hc_u64 i, step = HC_PAGE * (hc_u64)hc_block_dim();
    for (i = HC_PAGE * (hc_u64)hc_local_id(); i < n; i += step) hc_put_lane(at + i, p + i, n - i < HC_PAGE ? n - i : HC_PAGE);
}
HC_FN void hc_block_copy_in(HC_GLOBAL hc_u8 *p, hc_u64 at, hc_u64 n) {
    hc_u64 i, step = HC_PAGE * (hc_u64)hc_block_dim();
    for (i = HC_PAGE * (hc_u64)hc_local_id(); i < n; i += step) hc_get_lane(p + i, at + i, n - i < HC_PAGE ? n - i : HC_PAGE);
}
#endif

/* A buffer of this size and up crosses by its address where the host can reach it. */
#define HC_BLOCK_BYREF_MIN 4096u

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
            hc_u64 reach = (hc_u64)(hc_size)p;
            t.page = 0;
            t.pages = 0;
            t.err = -HC_EINVAL;
            if (n <= 0x7fffffffffffffffull) {
                if (n >= HC_BLOCK_BYREF_MIN && hc_is_shared_range(reach, n)) {
                    hc_begin(&t, op, nargs, 0, HC_REF | HC_ALONE);
                    t.kind = HC_PAY_BYREF;
                } else {
                    /* HC_OUT in both directions: the payload is staged, whatever its size, so that all lanes can copy. */
                    reach = 0;
                    hc_begin(&t, op, nargs, n, HC_IN | HC_OUT | HC_SHRINK | HC_ALONE);
                }
            }
            shared->page = t.page;
            shared->bytes = t.err || reach ? 0 : t.bytes; /* nothing to copy where only the address crosses */
            shared->reach = reach;
            shared->result = t.err;
        }
        hc_block_sync();
        if (writes) hc_block_copy_out(HC_C(hc_client_address())->payload + shared->page * HC_PAGE, p, shared->bytes);
        hc_block_sync(); /* orders the copies of all lanes before lane 0's fence in hc_publish; no barrier may stand under a condition */
        if (hc_local_id() == 0 && !t.err) {
            if (shared->reach) {
                if (writes) hc_fence_to_host(); /* what all lanes stored in the buffer before this call is visible to the host before the packet */
                shared->result = hc_send(&t, (hc_i64)n, (hc_i64)shared->reach, fd, offset, 0, 0);
                if (!writes) hc_fence_from_host(); /* the reply before the bytes that the host stored in the buffer */
            } else {
                shared->result = hc_send(&t, (hc_i64)t.bytes, 0, fd, offset, 0, 0);
            }
            hc_fence_dev(); /* with the barrier: the other lanes read the arena or their buffer after the reply */
        }
        hc_block_sync();
        result = shared->result;
        if (!writes && !shared->reach && result > 0) hc_block_copy_in(p, HC_C(hc_client_address())->payload + shared->page * HC_PAGE, (hc_u64)result);
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

/* The grid: every lane of every block calls, and each block moves its share, [share, share + bytes) of the transfer, in pieces, so that the
 * host works on one piece while other blocks copy theirs. No block waits for another: a grid may be larger than what is resident. The result
 * is what this block moved, which is less than its share at the end of a file, or a negative errno if it moved nothing. */
#define HC_GRID_PIECE (1u << 18)
HC_FN hc_u64 hc_grid_share(hc_u64 n, hc_u64 *bytes) {
    hc_u64 pages = (n + HC_PAGE - 1u) / HC_PAGE, blocks = hc_grid_dim(), b = hc_block_id(), rest = pages % blocks;
    hc_u64 from = (pages / blocks * b + (b < rest ? b : rest)) * HC_PAGE;
    hc_u64 to = from + (pages / blocks + (b < rest ? 1u : 0u)) * HC_PAGE;
    if (from > n) from = n;
    if (to > n) to = n;
    *bytes = to - from;
    return from;
}
HC_FN hc_i64 hc_grid_transfer(hc_u32 op, hc_i32 fd, HC_GLOBAL hc_u8 *p, hc_u64 n, hc_i64 offset) {
    hc_u64 bytes, done = 0, share = hc_grid_share(n, &bytes);
    if (n > 0x7fffffffffffffffull || (offset >= 0 && n > 0x7fffffffffffffffull - (hc_u64)offset)) return -HC_EINVAL;
    HC_NO_UNROLL
    while (done < bytes) {
        hc_u64 piece = bytes - done < HC_GRID_PIECE ? bytes - done : HC_GRID_PIECE;
        hc_i64 r = hc_block_transfer(op, fd, p + share + done, piece, offset < 0 ? -1 : offset + (hc_i64)(share + done));
        if (r <= 0) return done ? (hc_i64)done : r;
        done += (hc_u64)r;
    }
    return (hc_i64)done;
}
HC_FN hc_i64 hc_grid_pwrite(hc_i32 fd, HC_GLOBAL const void *p, hc_u64 n, hc_i64 offset) {
    return offset < 0 ? -HC_EINVAL : hc_grid_transfer(HC_OP_PWRITE, fd, (HC_GLOBAL hc_u8 *)(hc_size)p, n, offset);
}
HC_FN hc_i64 hc_grid_pread(hc_i32 fd, HC_GLOBAL void *p, hc_u64 n, hc_i64 offset) {
    return offset < 0 ? -HC_EINVAL : hc_grid_transfer(HC_OP_PREAD, fd, (HC_GLOBAL hc_u8 *)p, n, offset);
}
/* Pieces of HC_GRID_PIECE bytes, each whole, in the order in which the blocks get to them: for a sink, or records that carry their place. */
HC_FN hc_i64 hc_grid_write(hc_i32 fd, HC_GLOBAL const void *p, hc_u64 n) {
    return hc_grid_transfer(HC_OP_WRITE, fd, (HC_GLOBAL hc_u8 *)(hc_size)p, n, -1);
}
#endif
