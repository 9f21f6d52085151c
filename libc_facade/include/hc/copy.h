/* SPDX-License-Identifier: Apache-2.0
 *
 * Payload copies between a lane's buffer and its packet. The only file that knows address spaces, alignment and who can read whose stack.
 */
#ifndef HC_COPY_H
#define HC_COPY_H
#include "txn.h"

/* -------------------------------------------------------------------------------------------------------------- payload copies */
/* Inline payload: 8 bytes in a word, the tag says it is there; no fence. Staged: plain 16-byte stores, ordered by the fence in
 * hc_send. `off` is a multiple of 16 within the lane's part. One text for every address space of the user's pointer. */
#if defined(HC_HOST)
HC_FN hc_u64 hc_gather8(const hc_u8 *p, hc_u64 n) {
    hc_u64 v = 0;
    __builtin_memcpy(&v, p, n < 8u ? n : 8u);
    return v;
}
#define HC_DEFINE_GATHER(SPACE, ATTR)
#else
#define HC_DEFINE_GATHER(SPACE, ATTR)                                                                                                     \
    HC_FN ATTR hc_u64 hc_gather8(SPACE const hc_u8 *p, hc_u64 n) {                                                                        \
        hc_u64 v = 0, i;                                                                                                                   \
        if (n >= 8u && ((hc_size)p & 7u) == 0) return *(SPACE const hc_u64 *)p;                                                            \
        HC_NO_UNROLL                                                                                                                       \
        for (i = 0; i < 8u && i < n; i++) v |= (hc_u64)p[i] << (8u * i);                                                                   \
        return v;                                                                                                                          \
    }
#endif
#define HC_DEFINE_COPIES(SPACE, ATTR)                                                                                                    \
    HC_DEFINE_GATHER(SPACE, ATTR)                                                                                                          \
    HC_FN ATTR void hc_put_inline(const hc_txn *t, hc_u64 off, SPACE const hc_u8 *p, hc_u64 n) {                                           \
        hc_u64 i;                                                                                                                          \
        hc_u32 word = t->nargs * t->lanes + (hc_u32)((t->offset + off) / 8u);                                                              \
        HC_NO_UNROLL                                                                                                                       \
        for (i = 0; i < n; i += 8u) hc_put_word(hc_tail_at(t, word + (hc_u32)(i / 8u)), hc_gather8(p + i, n - i), t->seq);                 \
    }                                                                                                                                      \
    HC_FN ATTR void hc_put_lane(hc_u64 at, SPACE const hc_u8 *p, hc_u64 n) {                                                               \
        HC_GLOBAL hc_u64 *d = HC_AT(hc_u64, at);                                                                                           \
        hc_u64 i;                                                                                                                          \
        HC_NO_UNROLL                                                                                                                       \
        for (i = 0; i < n; i += 8u) d[i / 8u] = hc_gather8(p + i, n - i);                                                                  \
    }

#define HC_DEFINE_COPY_BACK(SPACE, ATTR)                                                                                                  \
    HC_FN ATTR void hc_get_lane(SPACE hc_u8 *p, hc_u64 at, hc_u64 n) {                                                                     \
        hc_u64 i = 0;                                                                                                                      \
        if (((hc_size)p & 7u) == 0)                                                                                                        \
            for (; i + 8u <= n; i += 8u) *(SPACE hc_u64 *)(p + i) = hc_arena_load(at + i);                                                 \
        while (i < n) {                                                                                                                    \
            hc_u64 v = hc_arena_load(at + (i & ~(hc_u64)7u)) >> (8u * (i & 7u));                                                           \
            hc_u64 stop = (i & ~(hc_u64)7u) + 8u;                                                                                          \
            HC_NO_UNROLL                                                                                                                   \
            for (; i < n && i < stop; i++, v >>= 8) p[i] = (hc_u8)v;                                                                       \
        }                                                                                                                                  \
    }

/* Arena bytes change under the lanes' feet between calls: never from a cache that is not coherent with the host (CUDA's L1). */
HC_FN hc_u64 hc_arena_load(hc_u64 at) {
#if defined(HC_CUDA)
    hc_u64 v;
    asm volatile("ld.relaxed.sys.global.u64 %0, [%1];" : "=l"(v) : "l"(at) : "memory");
    return v;
#else
    return *HC_AT(const hc_u64, at);
#endif
}

#if defined(HC_OPENCL)
HC_DEFINE_COPIES(__private, HC_OVERLOAD)
HC_DEFINE_COPIES(__global, HC_OVERLOAD)
HC_DEFINE_COPIES(__local, HC_OVERLOAD)
HC_DEFINE_COPIES(__constant, HC_OVERLOAD)
HC_DEFINE_COPY_BACK(__private, HC_OVERLOAD)
HC_DEFINE_COPY_BACK(__global, HC_OVERLOAD)
HC_DEFINE_COPY_BACK(__local, HC_OVERLOAD)
/* __local pointers only through inlined functions: PoCL passes a wrong address to one that it did not inline. */
#define HC_LOCAL_INLINE static inline __attribute__((always_inline, unused))
#define HC_DEFINE_PUT(SPACE, QUALIFIERS)                                                                                                              \
    QUALIFIERS HC_OVERLOAD void hc_put(const hc_txn *t, hc_u64 off, SPACE const void *p, hc_u64 n) {                                      \
        if (t->kind == HC_PAY_INLINE) hc_put_inline(t, off, (SPACE const hc_u8 *)p, n);                                                    \
        else hc_put_lane(hc_part_at(t) + off, (SPACE const hc_u8 *)p, n);                                                                  \
    }
#define HC_DEFINE_GET(SPACE, QUALIFIERS)                                                                                                              \
    QUALIFIERS HC_OVERLOAD void hc_get(const hc_txn *t, hc_u64 off, SPACE void *p, hc_u64 n) {                                            \
        hc_get_lane((SPACE hc_u8 *)p, hc_part_at(t) + off, n);                                                                             \
    }
HC_DEFINE_PUT(__private, HC_NOINLINE)
HC_DEFINE_PUT(__global, HC_NOINLINE)
HC_DEFINE_PUT(__constant, HC_NOINLINE)
HC_DEFINE_PUT(__local, HC_LOCAL_INLINE)
HC_DEFINE_GET(__private, HC_NOINLINE)
HC_DEFINE_GET(__global, HC_NOINLINE)
HC_DEFINE_GET(__local, HC_LOCAL_INLINE)
#elif defined(HC_HOST)
HC_DEFINE_COPIES(, )
HC_NOINLINE void hc_put(const hc_txn *t, hc_u64 off, const void *p, hc_u64 n) {
    if (t->kind == HC_PAY_INLINE) hc_put_inline(t, off, (const hc_u8 *)p, n);
    else __builtin_memcpy(HC_AT(hc_u8, hc_part_at(t) + off), p, n);
}
HC_NOINLINE void hc_get(const hc_txn *t, hc_u64 off, void *p, hc_u64 n) { __builtin_memcpy(p, HC_AT(const hc_u8, hc_part_at(t) + off), n); }
#else
HC_DEFINE_COPIES(, )
HC_DEFINE_COPY_BACK(, )
/* 16 bytes of the source at any alignment, zero-padded beyond n. */
HC_FN void hc_gather16(const hc_u8 *p, hc_u64 n, hc_u64 *lo, hc_u64 *hi) {
    if (n >= 16u && ((hc_size)p & 15u) == 0) {
        ulonglong2 v = *(const ulonglong2 *)p;
        *lo = v.x;
        *hi = v.y;
    } else if (n >= 16u && ((hc_size)p & 3u) == 0) {
        const hc_u32 *q = (const hc_u32 *)p;
        *lo = (hc_u64)q[0] | ((hc_u64)q[1] << 32);
        *hi = (hc_u64)q[2] | ((hc_u64)q[3] << 32);
    } else {
        *lo = hc_gather8(p, n);
        *hi = n > 8u ? hc_gather8(p + 8, n - 8u) : 0;
    }
}
HC_FN void hc_arena_store16(hc_u64 at, hc_u64 lo, hc_u64 hi) {
    asm volatile("st.global.v2.u64 [%0], {%1,%2};" ::"l"(at), "l"(lo), "l"(hi) : "memory");
}
HC_FN void hc_arena_load16(hc_u64 at, hc_u64 *lo, hc_u64 *hi) {
    asm volatile("ld.relaxed.sys.global.v2.u64 {%0,%1}, [%2];" : "=l"(*lo), "=l"(*hi) : "l"(at) : "memory");
}
/* Where all lanes copy equally many 16-byte words, their parts are one stream: word i belongs to lane i / words. Several words a lane are
 * on their way at once, because each load takes most of a microsecond (device memory) or more (the host's). */
#define HC_STREAM 4u
HC_FN hc_u32 hc_nth_lane(hc_mask m, hc_u32 k) { return m == 0xffffffffu ? k : (hc_u32)__fns(m, 0, (int)k + 1); }
HC_FN int hc_is_stream(hc_mask here, hc_mask together, const void *p, hc_u64 words) {
    return together == here && hc_all_same64(here, words) && !hc_ballot(here, ((hc_size)p & 15u) != 0);
}
HC_FN void hc_put_stream(hc_mask here, hc_u64 at, const hc_u8 *p, hc_u32 words) {
    hc_u32 rank = hc_rank(here), lanes = hc_popc(here), total = words * lanes, base, u;
    HC_NO_UNROLL
    for (base = 0; base < total; base += HC_STREAM * lanes) {
        ulonglong2 v[HC_STREAM];
        hc_u64 to[HC_STREAM];
#pragma unroll
        for (u = 0; u < HC_STREAM; u++) {
            hc_u32 i = base + u * lanes + rank, k = i < total ? i / words : 0, src = hc_nth_lane(here, k);
            const hc_u8 *q = (const hc_u8 *)hc_shfl64(here, (hc_u64)p, src) + 16u * (hc_u64)(i - k * words);
            to[u] = hc_shfl64(here, at, src) + 16u * (hc_u64)(i - k * words);
            if (i < total) v[u] = *(const ulonglong2 *)q;
            else to[u] = 0;
        }
#pragma unroll
        for (u = 0; u < HC_STREAM; u++)
            if (to[u]) hc_arena_store16(to[u], v[u].x, v[u].y);
    }
}
HC_FN void hc_get_stream(hc_mask here, hc_u8 *p, hc_u64 at, hc_u32 words) {
    hc_u32 rank = hc_rank(here), lanes = hc_popc(here), total = words * lanes, base, u;
    HC_NO_UNROLL
    for (base = 0; base < total; base += HC_STREAM * lanes) {
        ulonglong2 v[HC_STREAM];
        hc_u8 *to[HC_STREAM];
#pragma unroll
        for (u = 0; u < HC_STREAM; u++) {
            hc_u32 i = base + u * lanes + rank, k = i < total ? i / words : 0, src = hc_nth_lane(here, k);
            hc_u64 from = hc_shfl64(here, at, src) + 16u * (hc_u64)(i - k * words);
            to[u] = (hc_u8 *)hc_shfl64(here, (hc_u64)p, src) + 16u * (hc_u64)(i - k * words);
            if (i < total) hc_arena_load16(from, &v[u].x, &v[u].y);
            else to[u] = (hc_u8 *)0;
        }
#pragma unroll
        for (u = 0; u < HC_STREAM; u++)
            if (to[u]) *(ulonglong2 *)to[u] = v[u];
    }
}
/* A lane alone has no neighbours to share the waiting with: it asks for HC_LONE lines at once, a word of each, and finds the other words of
 * these lines in the cache that the first ones brought them to. Gives the bytes copied, whole groups of lines. */
#define HC_LONE 8u
#define HC_LINE 128u
HC_FN hc_u64 hc_put_lone(hc_u64 at, const hc_u8 *p, hc_u64 n) {
    hc_u64 i;
    hc_u32 k, u;
    HC_NO_UNROLL
    for (i = 0; i + HC_LONE * HC_LINE <= n; i += HC_LONE * HC_LINE) {
        HC_NO_UNROLL
        for (k = 0; k < HC_LINE; k += 16u) {
            ulonglong2 v[HC_LONE];
#pragma unroll
            for (u = 0; u < HC_LONE; u++) v[u] = *(const ulonglong2 *)(p + i + u * HC_LINE + k);
#pragma unroll
            for (u = 0; u < HC_LONE; u++) hc_arena_store16(at + i + u * HC_LINE + k, v[u].x, v[u].y);
        }
    }
    return i;
}
/* Back: plain loads, so that the second word of each 32 bytes comes from L1. Nothing stale can be there: the lane has fenced behind the reply. */
HC_FN hc_u64 hc_get_lone(hc_u8 *p, hc_u64 at, hc_u64 n) {
    hc_u64 i;
    hc_u32 k, u;
    HC_NO_UNROLL
    for (i = 0; i + HC_LONE * HC_LINE <= n; i += HC_LONE * HC_LINE) {
        HC_NO_UNROLL
        for (k = 0; k < HC_LINE; k += 16u) {
            ulonglong2 v[HC_LONE];
#pragma unroll
            for (u = 0; u < HC_LONE; u++) v[u] = *HC_AT(const ulonglong2, at + i + u * HC_LINE + k);
#pragma unroll
            for (u = 0; u < HC_LONE; u++) *(ulonglong2 *)(p + i + u * HC_LINE + k) = v[u];
        }
    }
    return i;
}
/* The lanes copy one part after the other, together: neighbours store neighbouring 16-byte words, so a warp's store is 512 bytes.
 * A part that lies on a lane's own stack is copied by that lane. */
HC_NOINLINE void hc_put(const hc_txn *t, hc_u64 off, const void *p, hc_u64 n) {
    if (t->kind == HC_PAY_INLINE) {
        hc_put_inline(t, off, (const hc_u8 *)p, n);
        return;
    }
    {
        /* Of the packet's lanes, those that are here together: a caller may have branched on its own length or result. */
        hc_mask here = hc_active_mask() & t->mask;
        hc_u32 rank = hc_rank(here), lanes = hc_popc(here);
        hc_u64 at = hc_part_at(t) + off;
        hc_mask together, m;
        if (lanes == 1u && ((hc_size)p & 15u) == 0) {
            hc_u64 done = hc_put_lone(at, (const hc_u8 *)p, n);
            p = (const hc_u8 *)p + done;
            at += done;
            n -= done;
        }
        together = hc_ballot(here, n >= 64u && !hc_is_lane_private(p));
        m = together;
        if (hc_is_stream(here, together, p, n >> 4)) {
            hc_put_stream(here, at, (const hc_u8 *)p, (hc_u32)(n >> 4));
            if (n & 15u) {
                hc_u64 lo, hi;
                hc_gather16((const hc_u8 *)p + (n & ~(hc_u64)15u), n & 15u, &lo, &hi);
                hc_arena_store16(at + (n & ~(hc_u64)15u), lo, hi);
            }
            return;
        }
        if (!((together >> hc_lane()) & 1u)) {
            hc_u64 i;
            for (i = 0; i < n; i += 16u) {
                hc_u64 lo, hi;
                hc_gather16((const hc_u8 *)p + i, n - i, &lo, &hi);
                hc_arena_store16(at + i, lo, hi);
            }
        }
        hc_warp_sync(here);
        while (m) {
            hc_u32 src = hc_first(m);
            const hc_u8 *q = (const hc_u8 *)hc_shfl64(here, (hc_u64)p, src);
            hc_u64 dst = hc_shfl64(here, at, src), len = hc_shfl64(here, n, src), i;
            for (i = 16u * rank; i < len; i += 16u * lanes) {
                hc_u64 lo, hi;
                hc_gather16(q + i, len - i, &lo, &hi);
                hc_arena_store16(dst + i, lo, hi);
            }
            m &= m - 1u;
        }
    }
}
HC_NOINLINE void hc_get(const hc_txn *t, hc_u64 off, void *p, hc_u64 n) {
    hc_mask here = hc_active_mask() & t->mask;
    hc_u32 rank = hc_rank(here), lanes = hc_popc(here);
    hc_u64 at = hc_part_at(t) + off;
    hc_mask together, m;
    if (lanes == 1u && ((hc_size)p & 15u) == 0) {
        hc_u64 done = hc_get_lone((hc_u8 *)p, at, n);
        p = (hc_u8 *)p + done;
        at += done;
        n -= done;
    }
    together = hc_ballot(here, n >= 64u && !hc_is_lane_private(p) && ((hc_size)p & 15u) == 0);
    m = together;
    if (hc_is_stream(here, together, p, n >> 4)) {
        hc_get_stream(here, (hc_u8 *)p, at, (hc_u32)(n >> 4));
        if (n & 15u) hc_get_lane((hc_u8 *)p + (n & ~(hc_u64)15u), at + (n & ~(hc_u64)15u), n & 15u);
        hc_warp_sync(here); /* as below */
        return;
    }
    if (!((together >> hc_lane()) & 1u)) hc_get_lane((hc_u8 *)p, at, n);
    hc_warp_sync(here);
    while (m) {
        hc_u32 src = hc_first(m);
        hc_u8 *q = (hc_u8 *)hc_shfl64(here, (hc_u64)p, src);
        hc_u64 from = hc_shfl64(here, at, src), len = hc_shfl64(here, n, src), i;
        for (i = 16u * rank; i + 16u <= len; i += 16u * lanes) {
            ulonglong2 v;
            hc_arena_load16(from + i, &v.x, &v.y);
            *(ulonglong2 *)(q + i) = v;
        }
        if (i < len && len - i < 16u) hc_get_lane(q + i, from + i, len - i);
        m &= m - 1u;
    }
    hc_warp_sync(here); /* a lane may read its buffer at once: its neighbours' stores come first */
}
#endif

#endif
