/* SPDX-License-Identifier: Apache-2.0
 *
 * Replies in memory that behaves worse than any write-combined mapping does: a reply stays with the thread that stored
 * it until that thread fences, the halves of all words then come out in any order, and an address at which the server
 * looks or stores by itself is not mapped. Included in front of every file of the server (-include).
 */
#ifndef PLAYED_H
#define PLAYED_H
#include "server_internal.h"

/* Makes an address that no load and no store can use; what lies there is at the address without it. */
#define PLAYED_MARK (1ull << 62)

void played_store(hc_u64 at, hc_u64 lo, hc_u64 hi);
void played_fence(void);
static inline void played_put(hc_u64 at, hc_u64 value, hc_u32 tag) {
    played_store(at, hc_half((hc_u32)value, tag), hc_half((hc_u32)(value >> 32), tag));
}
#define hc_put_word    played_put
#define hc_put_reply   played_put
#define hc_store_fence played_fence
#if defined(HC_SSE) && HC_SSE
static inline void played_sse(hc_u64 at, __m128i w) {
    played_store(at, (hc_u64)_mm_cvtsi128_si64(w), (hc_u64)_mm_cvtsi128_si64(_mm_unpackhi_epi64(w, w)));
}
#define hc_bus_store_sse played_sse
#endif
#endif
