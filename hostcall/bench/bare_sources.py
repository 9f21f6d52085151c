# SPDX-License-Identifier: Apache-2.0
"""The bare mailbox of many warps at once: what a packet costs when nothing is claimed, looked up or dispatched.

Every warp has a slot of its own: 64 bytes of request, four 16-byte words, and 16 bytes of reply. In the form with
values per lane a request has 32 words more, one of each lane, and the reply is 32 words. Each 8-byte half carries 32
bits of data and the round's number. Threads of the host sweep their share of the slots in address order. Both texts
follow those of ``floor_sources``, whose words they use; nothing here includes a header of hostcall.
"""

from __future__ import annotations

BARE_HOST = r"""
#define LANES 32u
#define WRITE_COMBINED 1u /* replies lie behind a write-combined mapping */

/* A look at one 8-byte half: most slots of a sweep have nothing new. */
static uint32_t peek_tag(const char *at) {
    return (uint32_t)(__atomic_load_n((const uint64_t *)at, __ATOMIC_RELAXED) >> 32);
}

/* Answers the slots [first, last) in address order until each had `rounds` requests, *stop is set, or `deadline`
 * (CLOCK_MONOTONIC, ns) passes. `tails` and the long reply only where lanes > 1. Says how many it answered. */
uint64_t bare_sweep(char *heads, char *tails, char *replies, uint32_t first, uint32_t last, uint32_t lanes,
                    uint64_t rounds, uint64_t deadline, const int *stop, uint32_t flags) {
    uint64_t done = 0, wanted = rounds * (last - first);
    uint32_t *tags = calloc(last - first, sizeof *tags), sweeps = 0, slot, k;
    if (!tags) return 0;
    while (done < wanted) {
        uint64_t before = done;
        for (slot = first; slot < last; slot++) {
            char *head = heads + 64ull * slot;
            uint32_t tag = tags[slot - first] + 1u;
            uint64_t a, b, c, d, v;
            __builtin_prefetch(head + 1024);
            if (peek_tag(head) != tag) continue;
            if (!(take_word(head, tag, &a) & take_word(head + 16, tag, &b) & take_word(head + 32, tag, &c) &
                  take_word(head + 48, tag, &d)))
                continue; /* it has not landed whole; the next sweep finds it */
            if (lanes > 1u) {
                char *tail = tails + 512ull * slot, *reply = replies + 512ull * slot;
                int whole = 1;
                for (k = 0; k < LANES; k++) whole &= take_word(tail + 16u * k, tag, &v);
                if (!whole) continue;
                for (k = 0; k < LANES; k++) {
                    (void)take_word(tail + 16u * k, tag, &v);
                    store_word(reply + 16u * k, a + b + c + d + v, tag);
                }
            } else {
                store_word(replies + 16ull * slot, a + b + c + d, tag);
            }
            tags[slot - first] = tag;
            done++;
        }
        if (done != before) {
#if defined(__SSE2__)
            if (flags & WRITE_COMBINED) _mm_sfence(); /* or the sweep's last replies would wait in the CPU's buffers */
#endif
        } else if (++sweeps % 64u == 0) {
            if (__atomic_load_n(stop, __ATOMIC_RELAXED) || now_ns() >= deadline) break;
            sched_yield();
        }
    }
    free(tags);
    return done;
}

struct bare_client {
    pthread_t thread;
    char *head, *reply;
    uint32_t index, rounds, keep;
    uint64_t deadline;
    uint32_t *samples;
    uint64_t *record;
    const int *go; /* 1: begin, 2: leave */
};

static void *bare_client_main(void *argument) {
    struct bare_client *c = argument;
    uint64_t wrong = 0, begin;
    uint32_t r, k;
    int go;
    while (!(go = __atomic_load_n(c->go, __ATOMIC_ACQUIRE))) sched_yield();
    if (go != 1) return NULL;
    c->record[2] = now_ns();
    begin = ticks();
    for (r = 0; r < c->rounds; r++) {
        uint32_t tag = r + 1u, spins = 0;
        uint64_t value, sum = 0, t0 = ticks(), t1;
        int late = 0;
        for (k = 0; k < 4; k++) store_word(c->head + 16 * k, request_value(tag + c->index, k), tag);
        while (!take_word(c->reply, tag, &value)) {
            if (++spins % SPINS == 0) {
                late = now_ns() >= c->deadline;
                if (late) break;
                sched_yield();
            }
        }
        if (late) break;
        t1 = ticks();
        for (k = 0; k < 4; k++) sum += request_value(tag + c->index, k);
        if (value != sum) wrong++;
        c->samples[r % c->keep] = t1 - t0 > 0xffffffffu ? 0xffffffffu : (uint32_t)(t1 - t0);
    }
    c->record[0] = r;
    c->record[1] = wrong;
    c->record[4] = begin;
    c->record[5] = ticks();
    c->record[3] = now_ns();
    return NULL;
}

struct bare_server {
    pthread_t thread;
    char *heads, *replies;
    uint32_t first, last;
    uint64_t rounds, deadline;
    const int *stop;
};

static void *bare_server_main(void *argument) {
    struct bare_server *s = argument;
    (void)bare_sweep(s->heads, NULL, s->replies, s->first, s->last, 1u, s->rounds, s->deadline, s->stop, 0);
    return NULL;
}

/* `count` threads play warps of one lane, `servers` threads sweep. samples: `keep` of each; records: 6 of each: rounds
 * done, wrong, start and end in ns, start and end in ticks. */
int bare_threads(uint32_t count, uint32_t servers, uint32_t rounds, uint32_t keep, uint64_t limit_ns, uint32_t *samples,
                 uint64_t *records) {
    struct bare_client *clients = calloc(count, sizeof *clients);
    struct bare_server *sweeps = calloc(servers, sizeof *sweeps);
    char *memory = aligned_alloc(4096, ((64ull + 16ull) * count + 8191) & ~4095ull);
    uint64_t deadline = now_ns() + limit_ns;
    int stop = 0, go = 0, bad = 1;
    uint32_t i, started = 0, serving = 0;
    if (!clients || !sweeps || !memory) goto out;
    memset(memory, 0, ((64ull + 16ull) * count + 8191) & ~4095ull);
    for (; serving < servers; serving++) {
        struct bare_server *s = &sweeps[serving];
        s->heads = memory;
        s->replies = memory + 64ull * count;
        s->first = (uint32_t)((uint64_t)count * serving / servers);
        s->last = (uint32_t)((uint64_t)count * (serving + 1u) / servers);
        s->rounds = rounds;
        s->deadline = deadline;
        s->stop = &stop;
        if (pthread_create(&s->thread, NULL, bare_server_main, s)) break;
    }
    for (; serving == servers && started < count; started++) {
        struct bare_client *c = &clients[started];
        c->head = memory + 64ull * started;
        c->reply = memory + 64ull * count + 16ull * started;
        c->index = started;
        c->rounds = rounds;
        c->keep = keep;
        c->deadline = deadline;
        c->samples = samples + (uint64_t)keep * started;
        c->record = records + 6ull * started;
        c->go = &go;
        if (pthread_create(&c->thread, NULL, bare_client_main, c)) break;
    }
    bad = started != count;
    __atomic_store_n(&go, bad ? 2 : 1, __ATOMIC_RELEASE);
    for (i = 0; i < started; i++) pthread_join(clients[i].thread, NULL);
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (i = 0; i < serving; i++) pthread_join(sweeps[i].thread, NULL);
out:
    free(memory);
    free(sweeps);
    free(clients);
    return bad;
}
"""
"""C11, compiled behind ``floor_sources.HOST``. ``bare_sweep`` also answers the GPU."""

BARE_CUDA = r"""
/* What a lane asks for, beside the four words of its warp. */
static __device__ __forceinline__ u64 lane_value(u32 tag, u32 slot, u32 lane) {
    return tag * 0xff51afd7ed558ccdull + (slot * 64ull + lane + 1u) * 0xc4ceb9fe1a85ec53ull;
}

/* All warps at once. `looks`: who looks for a long reply, 0 all lanes, 1 the last one first, whose word the host stores
 * last; `gap`: ns between two looks; `limit`: cycles for a reply. Of each warp: `keep` samples, and 6 records: rounds
 * done, wrong, start and end in ns, start and end in cycles. 32 registers, so that every warp can be resident. */
extern "C" __global__ void __launch_bounds__(256, 8)
bare_warps(u64 heads, u64 tails, u64 replies, u32 lanes, u32 looks, u32 gap, u32 rounds, u32 keep, u64 limit,
           u32 *samples, u64 *records) {
    u32 lane = threadIdx.x & 31u, warp = (blockIdx.x * blockDim.x + threadIdx.x) >> 5, r;
    u64 wrong = 0, start_ns = timer_ns(), start = cycles();
    u64 head = heads + 64ull * warp + 16u * lane, tail = tails + 512ull * warp + 16u * lane;
    u64 reply = lanes > 1u ? replies + 512ull * warp + 16u * lane : replies + 16ull * warp;
    for (r = 0; r < rounds; r++) {
        u32 tag = r + 1u;
        u64 lo = 0, hi = 0, t0, t1;
        int got = 0;
        __syncwarp();
        t0 = cycles();
        if (lanes > 1u) store_word(tail, lane_value(tag, warp, lane), tag);
        if (lane < 4u) store_word(head, request_value(tag + warp, lane), tag);
        do {
            if (lanes > 1u) {
                int mine = 1;
                if (looks == 0 || lane == 31u) {
                    load_word(reply, &lo, &hi);
                    mine = has(lo, hi, tag);
                }
                got = __all_sync(0xffffffffu, mine);
                if (got && looks) {
                    load_word(reply, &lo, &hi);
                    got = __all_sync(0xffffffffu, has(lo, hi, tag));
                }
            } else {
                if (lane == 0) {
                    load_word(reply, &lo, &hi);
                    got = has(lo, hi, tag);
                }
                got = __shfl_sync(0xffffffffu, got, 0);
            }
            if (!got && gap) __nanosleep(gap);
        } while (!got && cycles() - t0 < limit);
        if (!__any_sync(0xffffffffu, got)) break;
        t1 = cycles();
        if (lanes > 1u || lane == 0) {
            u64 wanted = lanes > 1u ? lane_value(tag, warp, lane) : 0;
            u32 k;
#pragma unroll 1
            for (k = 0; k < 4u; k++) wanted += request_value(tag + warp, k);
            if (((lo & 0xffffffffu) | hi << 32) != wanted) wrong++;
        }
        if (lane == 0) samples[(u64)warp * keep + r % keep] = t1 - t0 > 0xffffffffu ? 0xffffffffu : (u32)(t1 - t0);
    }
    wrong = __reduce_add_sync(0xffffffffu, (u32)wrong);
    if (lane == 0) {
        u64 *record = records + 6ull * warp;
        record[0] = r;
        record[1] = wrong;
        record[2] = start_ns;
        record[3] = timer_ns();
        record[4] = start;
        record[5] = cycles();
    }
}
"""
"""The lanes' side on an NVIDIA GPU, compiled behind ``floor_sources.CUDA``."""
