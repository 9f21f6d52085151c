/* SPDX-License-Identifier: Apache-2.0
 *
 * The buffers of played.h, one for each thread. A thread that ends without a fence takes its replies with it: whoever
 * waits for them says so.
 */
#include "played.h"
#include <sched.h>

#define HELD 48u /* words; a real processor has fewer buffers */

typedef struct held {
    hc_u64 at, half[2];
} held;

static _Thread_local held words[HELD];
static _Thread_local uint32_t count, state = 1;

static uint32_t any(uint32_t below) {
    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)state * below) >> 32);
}

/* One half after the other, with the chance for another thread in between. */
static void let_out(held w) {
    uint32_t first = any(2);
    for (uint32_t i = 0; i < 2; i++) {
        __atomic_store_n((hc_u64 *)(uintptr_t)(w.at + 8u * (first ^ i)), w.half[first ^ i], __ATOMIC_RELAXED);
        if (any(64) == 0) (void)sched_yield();
    }
}

static void let_one_out(void) {
    uint32_t i = any(count);
    held w = words[i];
    words[i] = words[--count];
    let_out(w);
}

void played_store(hc_u64 at, hc_u64 lo, hc_u64 hi) {
    held w = {at & ~PLAYED_MARK, {lo, hi}};
    if (!(at & PLAYED_MARK)) {
        hc_bus_store_word(at, w.half[0], w.half[1]);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        if (words[i].at == w.at) {
            words[i] = w; /* stores to one place combine */
            return;
        }
    if (count == HELD) let_one_out();
    words[count++] = w;
}

void played_fence(void) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    while (count) let_one_out();
}
