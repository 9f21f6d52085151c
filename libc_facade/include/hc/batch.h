/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches: one lane asks for many reads or writes of a file, at offsets of their own, in one call. Where preadv fills
 * scattered memory from one place of a file, this goes to many places, as io_uring does, and waits for all of them.
 */
#ifndef HC_BATCH_H
#define HC_BATCH_H
#include "call.h"

typedef struct hc_request {
    HC_GLOBAL void *base; /* what to fill, or to write */
    hc_u64 bytes;
    hc_i64 offset; /* in the file */
    hc_i64 result; /* set by the call: what pread or pwrite of this request alone would have returned, or a negative errno */
} hc_request;

#define HC_BATCH_BYTES 1048576u /* a round takes no more, unless its first request alone is larger */
#define HC_BATCH_MOST 1024u     /* requests in a round */

HC_FN hc_u64 hc_batch_part(hc_u64 bytes, hc_u32 requests) {
    hc_u64 table = 16u * (hc_u64)requests;
    /* Sectors, then: the next lane's bytes begin at one too, as O_DIRECT wants it. */
    return (bytes & 511u) ? bytes + table : bytes + ((table + 511u) & ~(hc_u64)511u);
}

/* All requests are made, in any order, and each has its own result; the value is their number. A negative value stopped the batch
 * (-EBADF, -EISDIR, -ESPIPE, -ESHUTDOWN, ...): requests that were not made carry it as their result. */
#define HC_DEFINE_BATCH(SPACE, QUALIFIERS, FN)                                                                                            \
    QUALIFIERS hc_i64 hc_batch_at(hc_u32 op, int fd, SPACE hc_request *requests, hc_u32 n) {                                              \
        hc_u32 done = 0;                                                                                                                  \
        hc_i64 r = 0;                                                                                                                     \
        if (n && !requests) return -HC_EINVAL;                                                                                            \
        HC_NO_UNROLL                                                                                                                      \
        do {                                                                                                                              \
            hc_txn t;                                                                                                                     \
            hc_mask here = hc_active_mask();                                                                                              \
            hc_u64 bytes = 0, first = n ? requests[done].bytes : 0, at = 0, table, room;                                                  \
            hc_u32 count, i;                                                                                                              \
            HC_NO_UNROLL                                                                                                                  \
            for (count = 0; count < n - done && count < HC_BATCH_MOST; count++) { /* how many go this round */                            \
                hc_u64 more = hc_round16(requests[done + count].bytes);                                                                   \
                if (count && (more > HC_BATCH_BYTES || bytes + more > HC_BATCH_BYTES)) break;                                             \
                bytes += more;                                                                                                            \
            }                                                                                                                             \
            hc_warp_sync(here);                                                                                                           \
            if (first > 0x7fffffffu) { /* larger than any arena: a short count, as Linux gives one */                                     \
                first = 0x7ffffff0u;                                                                                                      \
                bytes = first;                                                                                                            \
                count = 1;                                                                                                                \
            }                                                                                                                             \
            hc_begin(&t, op, 4, hc_batch_part(bytes, count), HC_IN | HC_OUT | HC_SHRINK);                                                 \
            room = t.err ? 0 : t.bytes;                                                                                                   \
            HC_NO_UNROLL                                                                                                                  \
            while (count && room < bytes + 16u * (hc_u64)count) { /* the arena has no room for that much */                               \
                if (count == 1u) {                                                                                                        \
                    first = room > 32u ? room - 16u : 0;                                                                                  \
                    break;                                                                                                                \
                }                                                                                                                         \
                bytes -= hc_round16(requests[done + --count].bytes);                                                                      \
            }                                                                                                                             \
            hc_warp_sync(t.mask);                                                                                                         \
            table = t.err ? 0 : hc_part_at(&t) + room - 16u * (hc_u64)count;                                                              \
            HC_NO_UNROLL                                                                                                                  \
            for (i = 0; i < count && !t.err; i++) {                                                                                       \
                hc_u64 each = i ? requests[done + i].bytes : first;                                                                       \
                *HC_AT(hc_u64, table + 16u * (hc_u64)i) = (hc_u64)requests[done + i].offset;                                              \
                *HC_AT(hc_u64, table + 16u * (hc_u64)i + 8u) = each;                                                                      \
                if (op == HC_OP_WRITE_AT && each) hc_put(&t, at, requests[done + i].base, each);                                          \
                at += hc_round16(each);                                                                                                   \
            }                                                                                                                             \
            hc_warp_sync(t.mask);                                                                                                         \
            r = hc_send(&t, (hc_i64)room, 0, fd, count, 0, 0);                                                                            \
            HC_NO_UNROLL                                                                                                                  \
            for (i = 0, at = 0; i < count && r >= 0; i++) {                                                                               \
                hc_u64 each = i ? requests[done + i].bytes : first;                                                                       \
                hc_i64 got = (hc_i64)hc_arena_load(table + 16u * (hc_u64)i + 8u);                                                         \
                requests[done + i].result = got;                                                                                          \
                if (op == HC_OP_READ_AT && got > 0) hc_get(&t, at, requests[done + i].base, (hc_u64)got < each ? (hc_u64)got : each);     \
                at += hc_round16(each);                                                                                                   \
            }                                                                                                                             \
            hc_end(&t);                                                                                                                   \
            if (r < 0) break;                                                                                                             \
            done += count;                                                                                                                \
        } while (done < n);                                                                                                               \
        HC_NO_UNROLL                                                                                                                      \
        for (; r < 0 && done < n; done++) requests[done].result = r;                                                                      \
        return r < 0 ? r : (hc_i64)n;                                                                                                     \
    }                                                                                                                                     \
    FN hc_i64 hc_read_at(int fd, SPACE hc_request *requests, hc_u32 n) { return hc_batch_at(HC_OP_READ_AT, fd, requests, n); }            \
    FN hc_i64 hc_write_at(int fd, SPACE hc_request *requests, hc_u32 n) { return hc_batch_at(HC_OP_WRITE_AT, fd, requests, n); }

#if defined(HC_OPENCL)
HC_DEFINE_BATCH(__private, HC_NOINLINE HC_OVERLOAD, HC_FN HC_OVERLOAD)
HC_DEFINE_BATCH(__global, HC_NOINLINE HC_OVERLOAD, HC_FN HC_OVERLOAD)
HC_DEFINE_BATCH(__local, HC_LOCAL_INLINE HC_OVERLOAD, HC_LOCAL_INLINE HC_OVERLOAD)
#else
HC_DEFINE_BATCH(, HC_NOINLINE, HC_FN)
#endif
#endif
