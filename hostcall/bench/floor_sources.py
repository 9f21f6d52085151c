# SPDX-License-Identifier: Apache-2.0
"""The bare mailbox, by hand: what a round trip costs without a protocol, a slot to claim and a service to find.

A request is 64 bytes, four 16-byte words; the reply is one. Each 8-byte half carries 32 bits of data and the round's
number, so that no fence is needed and a stale or torn word is never taken. The host replies with the sum of the four
data words, the lane checks it. Nothing here uses hostcall's headers: the floor must not change with them.
"""

from __future__ import annotations

HOST = r"""
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define SPINS 4096u

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t ticks(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t v;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(v));
    return v;
#else
    return now_ns();
#endif
}

static void load_word(const char *at, uint64_t *lo, uint64_t *hi) {
#if defined(__SSE2__)
    __m128i w;
    __asm__ volatile("movdqa %1, %0" : "=x"(w) : "m"(*(const __m128i *)at) : "memory");
    *lo = (uint64_t)_mm_cvtsi128_si64(w);
    *hi = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(w, w));
#else
    *lo = __atomic_load_n((const uint64_t *)at, __ATOMIC_RELAXED);
    *hi = __atomic_load_n((const uint64_t *)at + 1, __ATOMIC_RELAXED);
#endif
}

static void store_word(char *at, uint64_t value, uint32_t tag) {
    uint64_t lo = (uint32_t)value | (uint64_t)tag << 32, hi = value >> 32 | (uint64_t)tag << 32;
#if defined(__SSE2__)
    __m128i w = _mm_set_epi64x((long long)hi, (long long)lo);
    __asm__ volatile("movdqa %1, %0" : "=m"(*(__m128i *)at) : "x"(w) : "memory");
#else
    __atomic_store_n((uint64_t *)at, lo, __ATOMIC_RELAXED);
    __atomic_store_n((uint64_t *)at + 1, hi, __ATOMIC_RELAXED);
#endif
}

static int take_word(const char *at, uint32_t tag, uint64_t *value) {
    uint64_t lo, hi;
    load_word(at, &lo, &hi);
    *value = (lo & 0xffffffffu) | hi << 32;
    return (uint32_t)(lo >> 32) == tag && (uint32_t)(hi >> 32) == tag;
}

static uint64_t request_value(uint32_t tag, uint32_t k) {
    return tag * 0x9e3779b97f4a7c15ull + (k + 1u) * 0xd1b54a32d192ed03ull;
}

static void pin(int cpu) {
    cpu_set_t set;
    if (cpu < 0) return;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    (void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static void push_word(void) {
#if defined(__SSE2__)
    _mm_sfence();
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

static inline uint64_t serve_rounds(char *request, char *reply, uint64_t rounds, uint64_t deadline, const int *stop,
                                    int cpu, int combined) {
    uint64_t done;
    pin(cpu);
    for (done = 0; done < rounds; done++) {
        uint32_t tag = (uint32_t)done + 1u, spins = 0;
        uint64_t a, b, c, d;
        while (!(take_word(request, tag, &a) & take_word(request + 16, tag, &b) & take_word(request + 32, tag, &c) &
                 take_word(request + 48, tag, &d))) {
            if (++spins % SPINS == 0) {
                if (__atomic_load_n(stop, __ATOMIC_RELAXED) || now_ns() >= deadline) return done;
                sched_yield(); /* whoever waits for this core may be the other side */
            }
        }
        store_word(reply, a + b + c + d, tag);
        if (combined) push_word();
    }
    return done;
}

/* Answers `rounds` requests, or fewer when *stop is set or `deadline` (CLOCK_MONOTONIC, ns) passes; says how many. */
uint64_t floor_serve(char *request, char *reply, uint64_t rounds, uint64_t deadline, const int *stop, int cpu) {
    return serve_rounds(request, reply, rounds, deadline, stop, cpu, 0);
}

/* The same where the CPU's stores to the reply are write-combined. */
uint64_t floor_serve_combined(char *request, char *reply, uint64_t rounds, uint64_t deadline, const int *stop,
                              int cpu) {
    return serve_rounds(request, reply, rounds, deadline, stop, cpu, 1);
}

struct serving {
    char *request, *reply;
    uint64_t rounds, deadline;
    int stop, cpu;
};

static void *serve(void *argument) {
    struct serving *s = argument;
    floor_serve(s->request, s->reply, s->rounds, s->deadline, &s->stop, s->cpu);
    return NULL;
}

/* The mailbox between two threads of the CPU. out: rounds done, wrong replies, ticks and ns of all sampled rounds. */
int floor_pingpong(int server_cpu, int client_cpu, uint32_t warm, uint32_t rounds, uint64_t limit_ns, uint32_t *samples,
                   uint64_t *out) {
    struct serving s = {0};
    pthread_t thread;
    cpu_set_t before;
    uint64_t start_ticks = 0, start_ns = 0, wrong = 0;
    uint32_t r;
    int restore = pthread_getaffinity_np(pthread_self(), sizeof before, &before) == 0;
    char *memory = aligned_alloc(4096, 4096);
    if (!memory) return 1;
    memset(memory, 0, 4096);
    s.request = memory;
    s.reply = memory + 1024;
    s.rounds = (uint64_t)warm + rounds;
    s.deadline = now_ns() + limit_ns;
    s.cpu = server_cpu;
    if (pthread_create(&thread, NULL, serve, &s)) {
        free(memory);
        return 1;
    }
    pin(client_cpu);
    for (r = 0; r < warm + rounds; r++) {
        uint32_t tag = r + 1u, k, spins = 0;
        uint64_t value, wanted = 0, t0, t1;
        int late = 0;
        if (r == warm) {
            start_ns = now_ns();
            start_ticks = ticks();
        }
        t0 = ticks();
        for (k = 0; k < 4; k++) store_word(s.request + 16 * k, request_value(tag, k), tag);
        while (!take_word(s.reply, tag, &value)) {
            if (++spins % SPINS == 0) {
                late = now_ns() >= s.deadline;
                if (late) break;
                sched_yield();
            }
        }
        t1 = ticks();
        if (late) break;
        for (k = 0; k < 4; k++) wanted += request_value(tag, k);
        if (value != wanted) wrong++;
        if (r >= warm) samples[r - warm] = t1 - t0 > 0xffffffffu ? 0xffffffffu : (uint32_t)(t1 - t0);
    }
    out[0] = r > warm ? r - warm : 0;
    out[1] = wrong;
    out[2] = ticks() - start_ticks;
    out[3] = now_ns() - start_ns;
    __atomic_store_n(&s.stop, 1, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    if (restore) (void)pthread_setaffinity_np(pthread_self(), sizeof before, &before);
    free(memory);
    return 0;
}

/* Ticks of the CPU's counter in a microsecond, measured over `ns`. */
double floor_ticks_per_us(uint64_t ns) {
    uint64_t t0 = now_ns(), c0 = ticks(), t1 = t0;
    while (t1 - t0 < ns) t1 = now_ns();
    return 1000.0 * (double)(ticks() - c0) / (double)(t1 - t0);
}
"""
"""C11. ``floor_serve`` also answers the GPU and OpenCL mailboxes."""

OPENCL = r"""
static ulong request_value(uint tag, uint k) { return tag * 0x9e3779b97f4a7c15ul + (k + 1u) * 0xd1b54a32d192ed03ul; }

static ulong cycles(void) {
#if defined(FLOOR_CYCLES)
    return (ulong)__builtin_readcyclecounter();
#else
    return 0;
#endif
}

/* out: sampled rounds done, wrong replies, cycles of all sampled rounds. `limit` bounds the looks at one reply. */
__kernel void floor_mailbox(ulong request_at, ulong reply_at, uint warm, uint rounds, ulong limit,
                            __global uint *samples, __global ulong *out, __global void *arena) {
    volatile __global ulong *request = (volatile __global ulong *)(size_t)request_at;
    volatile __global ulong *reply = (volatile __global ulong *)(size_t)reply_at;
    ulong wrong = 0, start = 0;
    uint r;
    for (r = 0; r < warm + rounds; r++) {
        uint tag = r + 1u, k;
        ulong lo = 0, hi = 0, wanted = 0, looks, t0, t1;
        if (r == warm) start = cycles();
        t0 = cycles();
        for (k = 0; k < 4u; k++) {
            ulong v = request_value(tag, k);
            request[2u * k] = (v & 0xffffffffu) | (ulong)tag << 32;
            request[2u * k + 1u] = v >> 32 | (ulong)tag << 32;
        }
        for (looks = 0; looks < limit; looks++) {
            lo = reply[0];
            hi = reply[1];
            if (lo >> 32 == tag && hi >> 32 == tag) break;
        }
        t1 = cycles();
        if (looks == limit) break;
        for (k = 0; k < 4u; k++) wanted += request_value(tag, k);
        if (((lo & 0xffffffffu) | hi << 32) != wanted) wrong++;
        if (r >= warm) samples[r - warm] = t1 - t0 > 0xffffffffu ? 0xffffffffu : (uint)(t1 - t0);
    }
    out[0] = r > warm ? r - warm : 0;
    out[1] = wrong;
    out[2] = cycles() - start;
}
"""
"""The lane's side on an OpenCL device that shares memory while it runs. ``arena`` tells the driver what is in use."""

CUDA = r"""
typedef unsigned long long u64;
typedef unsigned int u32;

static __device__ __forceinline__ u64 cycles(void) {
    u64 v;
    asm volatile("mov.u64 %0, %%clock64;" : "=l"(v)::"memory");
    return v;
}
static __device__ __forceinline__ u64 timer_ns(void) {
    u64 v;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(v)::"memory");
    return v;
}
static __device__ __forceinline__ void load_word(u64 at, u64 *lo, u64 *hi) {
    asm volatile("ld.relaxed.sys.global.v2.u64 {%0,%1}, [%2];" : "=l"(*lo), "=l"(*hi) : "l"(at) : "memory");
}
static __device__ __forceinline__ void store_word(u64 at, u64 value, u32 tag) {
    u64 lo = (value & 0xffffffffu) | (u64)tag << 32, hi = value >> 32 | (u64)tag << 32;
    asm volatile("st.relaxed.sys.global.v2.u64 [%0], {%1,%2};" ::"l"(at), "l"(lo), "l"(hi) : "memory");
}
static __device__ __forceinline__ int has(u64 lo, u64 hi, u32 tag) {
    return (u32)(lo >> 32) == tag && (u32)(hi >> 32) == tag;
}
static __device__ __forceinline__ u64 request_value(u32 tag, u32 k) {
    return tag * 0x9e3779b97f4a7c15ull + (k + 1u) * 0xd1b54a32d192ed03ull;
}
static __device__ __forceinline__ void pause_until(u64 end) {
    while ((long long)(cycles() - end) < 0) {}
}

/* One load in flight: look, wait for it, look again. */
static __device__ int await_one(u64 at, u32 tag, u64 t0, u64 limit, u64 *lo, u64 *hi) {
    do {
        load_word(at, lo, hi);
        if (has(*lo, *hi, tag)) return 1;
    } while (cycles() - t0 < limit);
    return 0;
}

/* Two loads in flight, `gap` cycles apart: each is checked when it is there and sent again, so the distance stays. */
static __device__ int await_two(u64 at, u32 tag, u64 t0, u32 gap, u64 limit, u64 *lo, u64 *hi) {
    u64 alo, ahi, blo, bhi;
    load_word(at, &alo, &ahi);
    pause_until(cycles() + gap);
    load_word(at, &blo, &bhi);
    do {
        if (has(alo, ahi, tag)) {
            *lo = alo;
            *hi = ahi;
            return 1;
        }
        load_word(at, &alo, &ahi);
        if (has(blo, bhi, tag)) {
            *lo = blo;
            *hi = bhi;
            return 1;
        }
        load_word(at, &blo, &bhi);
    } while (cycles() - t0 < limit);
    return 0;
}

/* One warp. `first`: cycles from the request to the first look; `gap`: 0 for one load in flight; `limit`: cycles for a
 * reply. out: sampled rounds done, wrong replies, cycles and ns of all sampled rounds. */
extern "C" __global__ void floor_mailbox(u64 request, u64 reply, u32 warm, u32 rounds, u32 first, u32 gap, u64 limit,
                                         u32 *samples, u64 *out) {
    u32 lane = threadIdx.x, r;
    u64 wrong = 0, start_cycles = 0, start_ns = 0;
    for (r = 0; r < warm + rounds; r++) {
        u32 tag = r + 1u;
        u64 lo = 0, hi = 0, t0, t1 = 0;
        int got = 0;
        __syncwarp();
        if (r == warm) {
            start_ns = timer_ns();
            start_cycles = cycles();
        }
        t0 = cycles();
        if (lane < 4u) store_word(request + 16u * lane, request_value(tag, lane), tag);
        if (lane == 0) {
            if (first) pause_until(t0 + first);
            got = gap ? await_two(reply, tag, t0, gap, limit, &lo, &hi) : await_one(reply, tag, t0, limit, &lo, &hi);
            t1 = cycles();
        }
        if (!__shfl_sync(0xffffffffu, got, 0)) break;
        if (lane == 0) {
            u64 wanted = request_value(tag, 0) + request_value(tag, 1) + request_value(tag, 2) + request_value(tag, 3);
            if (((lo & 0xffffffffu) | hi << 32) != wanted) wrong++;
            if (r >= warm) samples[r - warm] = t1 - t0 > 0xffffffffu ? 0xffffffffu : (u32)(t1 - t0);
        }
    }
    if (lane == 0) {
        out[0] = r > warm ? r - warm : 0;
        out[1] = wrong;
        out[2] = cycles() - start_cycles;
        out[3] = timer_ns() - start_ns;
    }
}

/* One lane follows a chain of addresses: each load needs the one before. A 0 means that no chain was laid out. */
extern "C" __global__ void floor_chase(u64 at, u32 loads, u32 *samples, u64 *out) {
    u64 start_cycles = cycles(), start_ns = timer_ns();
    u32 i;
    for (i = 0; i < loads; i++) {
        u64 t0 = cycles(), t1;
        asm volatile("ld.relaxed.sys.global.u64 %0, [%0];" : "+l"(at)::"memory");
        if (!at) break; /* the branch needs the value, so that the clock is read after it */
        t1 = cycles();
        samples[i] = t1 - t0 > 0xffffffffu ? 0xffffffffu : (u32)(t1 - t0);
    }
    out[0] = i;
    out[1] = at ? 0 : 1;
    out[2] = cycles() - start_cycles;
    out[3] = timer_ns() - start_ns;
}

/* All lanes: 16 bytes each, neighbours store neighbouring words. */
extern "C" __global__ void floor_store(u64 at, u64 words, u64 salt) {
    u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x, step = (u64)gridDim.x * blockDim.x;
    for (; i < words; i += step)
        asm volatile("st.global.v2.u64 [%0], {%1,%2};" ::"l"(at + 16u * i), "l"(i ^ salt), "l"(salt - i) : "memory");
}

/* All lanes load what floor_store stored; out[0] gets the number of wrong words. */
extern "C" __global__ void floor_load(u64 at, u64 words, u64 salt, u64 *out) {
    u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x, step = (u64)gridDim.x * blockDim.x, wrong = 0;
    for (; i < words; i += step) {
        u64 lo, hi;
        load_word(at + 16u * i, &lo, &hi);
        if (lo != (i ^ salt) || hi != salt - i) wrong++;
    }
    if (wrong) atomicAdd(out, wrong);
}
"""
"""The lane's side on an NVIDIA GPU, the dependent load, and the two bandwidths of the link."""
