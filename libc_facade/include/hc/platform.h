/* SPDX-License-Identifier: Apache-2.0
 *
 * The one place that knows which compiler and which machine this is: types, address spaces, atomics, lane operations, clocks.
 * Everything above it (channel.h, client.h, the facade) is the same text for CUDA C++ (NVRTC, nvcc), OpenCL C and host C11.
 * It must never wait, allocate, or know what a packet is.
 *
 * Two families of memory access, never mixed:
 *   hc_dev_*  memory that only lanes touch (device memory): read-modify-write atomics are allowed, scope = device.
 *   hc_bus_*  memory that the other side touches too (the channel): plain relaxed loads and stores at system scope, no RMW ever
 *             (PCIe GPUs have no native atomics to host memory; on managed memory an RMW faults the page away).
 */
#ifndef HC_PLATFORM_H
#define HC_PLATFORM_H

#if defined(__OPENCL_C_VERSION__) || defined(__OPENCL_VERSION__)
#define HC_OPENCL 1
#elif defined(__CUDACC__) || defined(__CUDACC_RTC__)
#define HC_CUDA 1
#elif defined(__NVPTX__)
#define HC_CUDA 1
#define HC_NVPTX 1 /* C by clang */
#include "nvptx.h"
#else
#define HC_HOST 1
#endif

/* ---------------------------------------------------------------------------------------------------------------- types */
#if defined(HC_OPENCL)
typedef uchar hc_u8;
typedef ushort hc_u16;
typedef uint hc_u32;
typedef ulong hc_u64;
typedef int hc_i32;
typedef long hc_i64;
typedef ulong hc_size;
#define HC_GLOBAL __global
#define HC_CONSTANT __constant
#define HC_LOCAL __local
#define HC_PRIVATE __private
#define HC_FN static inline
#define HC_NOINLINE static __attribute__((noinline))
#define HC_OVERLOAD __attribute__((overloadable))
#define HC_KERNEL __kernel
#else
typedef unsigned char hc_u8;
typedef unsigned short hc_u16;
typedef unsigned int hc_u32;
typedef unsigned long long hc_u64;
typedef int hc_i32;
typedef long long hc_i64;
typedef unsigned long long hc_size;
#define HC_GLOBAL
#define HC_CONSTANT
#define HC_LOCAL
#define HC_PRIVATE
#define HC_OVERLOAD
#if defined(__cplusplus)
#define HC_EXTERN_C extern "C"
#else
#define HC_EXTERN_C
#endif
#if defined(HC_CUDA)
#define HC_FN static __device__ __forceinline__ __attribute__((unused))
#define HC_NOINLINE static __device__ __attribute__((noinline, unused))
#define HC_KERNEL HC_EXTERN_C __global__
#else
#define HC_FN static inline __attribute__((unused))
#define HC_NOINLINE static __attribute__((noinline, unused))
#define HC_KERNEL __attribute__((visibility("default")))
#endif
#endif

#if defined(HC_OPENCL)
#define HC_STATIC_ASSERT(cond, name) typedef char hc_static_assert_##name[(cond) ? 1 : -1] __attribute__((unused))
#elif defined(HC_CUDA)
#define HC_STATIC_ASSERT(cond, name) static_assert(cond, #name)
#else
#define HC_STATIC_ASSERT(cond, name) _Static_assert(cond, #name)
#endif

HC_STATIC_ASSERT(sizeof(hc_u64) == 8 && sizeof(hc_i64) == 8 && sizeof(hc_u32) == 4, hc_integer_widths);

/* In front of loops that are rarely run: unrolled they only cost compile time and instruction cache. */
#if defined(HC_CUDA)
#define HC_NO_UNROLL _Pragma("unroll 1")
#define HC_UNROLL _Pragma("unroll")
#else
#define HC_NO_UNROLL
#define HC_UNROLL
#endif

/* Pointers into the channel and into device state are typed on this: the address itself travels as 64 bits. */
#define HC_AT(type, address) ((HC_GLOBAL type *)(hc_size)(address))

/* A warp's lanes as a bit mask. Where a warp is one lane (CPU, OpenCL) every mask is 1 and the compiler drops the lane code. */
typedef hc_u32 hc_mask;
#define HC_MAX_LANES 32

/* ================================================================================================================= CUDA */
#if defined(HC_CUDA)
#define HC_HAS_WARPS 1

/* -- channel accesses. 16 bytes at once for speed; only each 8-byte half needs to be atomic. Volatile keeps them in order among themselves; no
 * "memory" clobber, because tagged words need no order with anything else: where they do, a fence stands (and clobbers). */
HC_FN void hc_bus_load_word(hc_u64 at, hc_u64 *lo, hc_u64 *hi) {
    asm volatile("ld.relaxed.sys.global.v2.u64 {%0,%1}, [%2];" : "=l"(*lo), "=l"(*hi) : "l"(at));
}
HC_FN void hc_bus_store_word(hc_u64 at, hc_u64 lo, hc_u64 hi) {
    asm volatile("st.relaxed.sys.global.v2.u64 [%0], {%1,%2};" ::"l"(at), "l"(lo), "l"(hi));
}
HC_FN hc_u32 hc_bus_load32(hc_u64 at) {
    hc_u32 v;
    asm volatile("ld.relaxed.sys.global.u32 %0, [%1];" : "=r"(v) : "l"(at));
    return v;
}
HC_FN hc_u64 hc_bus_load64(hc_u64 at) {
    hc_u64 v;
    asm volatile("ld.relaxed.sys.global.u64 %0, [%1];" : "=l"(v) : "l"(at));
    return v;
}
HC_FN void hc_bus_store32(hc_u64 at, hc_u32 v) { asm volatile("st.relaxed.sys.global.u32 [%0], %1;" ::"l"(at), "r"(v)); }
HC_FN void hc_bus_store8(hc_u64 at, hc_u8 v) { asm volatile("st.relaxed.sys.global.u8 [%0], %1;" ::"l"(at), "h"((hc_u16)v)); }

/* -- fences. One lane of the mask executes them, after hc_warp_sync: the warp barrier orders the other lanes' accesses before it,
 * and PTX causality order is cumulative. Without the first the host may read a side buffer before the lanes' copies land; without
 * the second a lane may use arena bytes that it had loaded before the reply. */
HC_FN void hc_fence_to_host(void) { asm volatile("fence.acq_rel.sys;" ::: "memory"); }
HC_FN void hc_fence_from_host(void) { asm volatile("fence.acq_rel.sys;" ::: "memory"); }
HC_FN void hc_fence_dev(void) { asm volatile("fence.acq_rel.gpu;" ::: "memory"); }

/* -- device memory, shared by lanes only. */
HC_FN hc_u32 hc_dev_load32(hc_u64 at) {
    hc_u32 v;
    asm volatile("ld.relaxed.gpu.global.u32 %0, [%1];" : "=r"(v) : "l"(at) : "memory");
    return v;
}
/* What nobody writes while a kernel runs, 16 bytes at once, from the L1 cache. Volatile: moved out of a caller's loop it would take his registers. */
HC_FN void hc_dev_fixed_word(hc_u64 at, hc_u64 *lo, hc_u64 *hi) {
    asm volatile("ld.global.v2.u64 {%0,%1}, [%2];" : "=l"(*lo), "=l"(*hi) : "l"(at));
}
/* What only this lane writes, or lanes of its block before a barrier with it: the L1 cache may answer. */
HC_FN void hc_dev_near_store64(hc_u64 at, hc_u64 v) { asm volatile("st.relaxed.cta.global.u64 [%0], %1;" ::"l"(at), "l"(v) : "memory"); }
HC_FN hc_u64 hc_dev_near64(hc_u64 at) {
    hc_u64 v;
    asm volatile("ld.relaxed.cta.global.u64 %0, [%1];" : "=l"(v) : "l"(at) : "memory");
    return v;
}
HC_FN void hc_dev_near_word(hc_u64 at, hc_u64 *lo, hc_u64 *hi) {
    asm volatile("ld.relaxed.cta.global.v2.u64 {%0,%1}, [%2];" : "=l"(*lo), "=l"(*hi) : "l"(at) : "memory");
}
HC_FN hc_u64 hc_dev_load64(hc_u64 at) {
    hc_u64 v;
    asm volatile("ld.relaxed.gpu.global.u64 %0, [%1];" : "=l"(v) : "l"(at) : "memory");
    return v;
}
HC_FN void hc_dev_store32(hc_u64 at, hc_u32 v) { asm volatile("st.relaxed.gpu.global.u32 [%0], %1;" ::"l"(at), "r"(v) : "memory"); }
HC_FN void hc_dev_store64(hc_u64 at, hc_u64 v) { asm volatile("st.relaxed.gpu.global.u64 [%0], %1;" ::"l"(at), "l"(v) : "memory"); }
HC_FN hc_u32 hc_dev_or32(hc_u64 at, hc_u32 v) { return atomicOr((unsigned *)at, v); }
HC_FN hc_u32 hc_dev_and32(hc_u64 at, hc_u32 v) { return atomicAnd((unsigned *)at, v); }
HC_FN hc_u32 hc_dev_add32(hc_u64 at, hc_u32 v) { return atomicAdd((unsigned *)at, v); }
HC_FN hc_u32 hc_dev_exch32(hc_u64 at, hc_u32 v) { return atomicExch((unsigned *)at, v); }
HC_FN hc_u32 hc_dev_cas32(hc_u64 at, hc_u32 expect, hc_u32 v) { return atomicCAS((unsigned *)at, expect, v); }
HC_FN hc_u64 hc_dev_add64(hc_u64 at, hc_u64 v) { return atomicAdd((unsigned long long *)at, v); }
HC_FN hc_u64 hc_dev_exch64(hc_u64 at, hc_u64 v) { return atomicExch((unsigned long long *)at, v); }
HC_FN hc_u64 hc_dev_max64(hc_u64 at, hc_u64 v) { return atomicMax((unsigned long long *)at, v); }
HC_FN hc_u64 hc_dev_cas64(hc_u64 at, hc_u64 expect, hc_u64 v) { return atomicCAS((unsigned long long *)at, expect, v); }

/* -- lanes */
HC_FN hc_mask hc_active_mask(void) { return __activemask(); }
HC_FN hc_u32 hc_lane(void) {
    hc_u32 v;
    asm("mov.u32 %0, %%laneid;" : "=r"(v));
    return v;
}
HC_FN hc_u32 hc_popc(hc_mask m) { return (hc_u32)__popc(m); }
HC_FN hc_u32 hc_first(hc_mask m) { return (hc_u32)__ffs((int)m) - 1u; }
HC_FN hc_u32 hc_rank(hc_mask m) {
    hc_u32 lt;
    asm("mov.u32 %0, %%lanemask_lt;" : "=r"(lt));
    return (hc_u32)__popc(m & lt);
}
/* Barriers of a group. With a mask that the compiler does not know each costs a check that all its lanes are here; whole warps and lone
 * lanes, nearly all there are, go without. */
HC_FN void hc_warp_sync(hc_mask m) {
    if (m == 0xffffffffu) __syncwarp(0xffffffffu);
    else if (m & (m - 1u)) __syncwarp(m);
}
HC_FN int hc_any(hc_mask m, int pred) {
    if (m == 0xffffffffu) return __any_sync(0xffffffffu, pred);
    if (m & (m - 1u)) return __any_sync(m, pred);
    return pred;
}
HC_FN hc_u32 hc_shfl32(hc_mask m, hc_u32 v, hc_u32 src) { return __shfl_sync(m, v, (int)src); }
HC_FN hc_u64 hc_shfl64(hc_mask m, hc_u64 v, hc_u32 src) { return __shfl_sync(m, (unsigned long long)v, (int)src); }
HC_FN hc_mask hc_match32(hc_mask m, hc_u32 v) { return __match_any_sync(m, v); }
HC_FN hc_mask hc_match64(hc_mask m, hc_u64 v) { return __match_any_sync(m, (unsigned long long)v); }
HC_FN int hc_all_same64(hc_mask m, hc_u64 v) {
    int same = 1;
    if (m == 0xffffffffu) __match_all_sync(0xffffffffu, (unsigned long long)v, &same);
    else if (m & (m - 1u)) __match_all_sync(m, (unsigned long long)v, &same);
    return same;
}
HC_FN hc_mask hc_ballot(hc_mask m, int pred) { return __ballot_sync(m, pred); }

/* Where this warp sits now: a hint for a slot, never an owner (it changes under preemption, diverged lanes share it). */
HC_FN hc_u32 hc_warp_hint(void) {
    hc_u32 sm, w;
    asm volatile("mov.u32 %0, %%smid;" : "=r"(sm));
    asm volatile("mov.u32 %0, %%warpid;" : "=r"(w));
    return sm * 64u + w; /* no device has more than 64 warps on a multiprocessor */
}
/* The same, dense from below on a device with `units` multiprocessors: the first warp of each, then the second. Few warps then sit in few
 * lines of what the other side looks through. */
HC_FN hc_u32 hc_warp_place(hc_u32 units) {
    hc_u32 hint = hc_warp_hint();
    return (hint & 63u) * units + (hint >> 6);
}
/* Tells apart grids that run at the same time. */
HC_FN hc_u64 hc_grid_token(void) {
    hc_u64 v;
    asm volatile("mov.u64 %0, %%gridid;" : "=l"(v));
    return v;
}

/* -- clocks and pauses */
HC_FN hc_u64 hc_timer_ns(void) {
    hc_u64 v;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(v)::"memory");
    return v;
}
HC_FN hc_u64 hc_cycles(void) {
    hc_u64 v;
    asm volatile("mov.u64 %0, %%clock64;" : "=l"(v)::"memory");
    return v;
}
HC_FN hc_u32 hc_cycles32(void) {
    hc_u32 v;
    asm volatile("mov.u32 %0, %%clock;" : "=r"(v)::"memory");
    return v;
}
HC_FN void hc_relax(hc_u32 round) {
#if __CUDA_ARCH__ >= 700
    __nanosleep(round < 8 ? 20u : 200u);
#endif
    (void)round;
}

/* -- the grid, linear. hc_thread_id is what a kernel means by "which lane am I". */
HC_FN hc_u32 hc_local_id(void) { return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z); }
HC_FN hc_u32 hc_block_dim(void) { return blockDim.x * blockDim.y * blockDim.z; }
HC_FN hc_u32 hc_block_id(void) { return blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z); }
HC_FN hc_u32 hc_grid_dim(void) { return gridDim.x * gridDim.y * gridDim.z; }
HC_FN int hc_thread_id(void) { return (int)(hc_block_id() * hc_block_dim() + hc_local_id()); }
HC_FN int hc_thread_count(void) { return (int)(hc_grid_dim() * hc_block_dim()); }
HC_FN void hc_block_sync(void) { __syncthreads(); }

/* Stack memory of one lane cannot be read by another: such a buffer is copied by its own lane. */
HC_FN int hc_is_lane_private(const void *p) { return (int)__isLocal(p); }

/* =============================================================================================================== OpenCL */
#elif defined(HC_OPENCL)
#define HC_HAS_WARPS 0

/* 8-byte aligned volatile accesses are single instructions on every 64-bit device; the tag in each half carries the rest. */
HC_FN void hc_bus_load_word(hc_u64 at, hc_u64 *lo, hc_u64 *hi) {
    volatile __global ulong *p = (volatile __global ulong *)(size_t)at;
    *lo = p[0];
    *hi = p[1];
}
HC_FN void hc_bus_store_word(hc_u64 at, hc_u64 lo, hc_u64 hi) {
    volatile __global ulong *p = (volatile __global ulong *)(size_t)at;
    p[0] = lo;
    p[1] = hi;
}
HC_FN hc_u32 hc_bus_load32(hc_u64 at) { return *(volatile __global uint *)(size_t)at; }
HC_FN hc_u64 hc_bus_load64(hc_u64 at) { return *(volatile __global ulong *)(size_t)at; }
HC_FN void hc_bus_store32(hc_u64 at, hc_u32 v) { *(volatile __global uint *)(size_t)at = v; }
HC_FN void hc_bus_store8(hc_u64 at, hc_u8 v) { *(volatile __global uchar *)(size_t)at = v; }

#if defined(__opencl_c_atomic_scope_all_devices)
#define HC_CL_FENCE() atomic_work_item_fence(CLK_GLOBAL_MEM_FENCE, memory_order_acq_rel, memory_scope_all_svm_devices)
#elif defined(__opencl_c_atomic_scope_device)
#define HC_CL_FENCE() atomic_work_item_fence(CLK_GLOBAL_MEM_FENCE, memory_order_acq_rel, memory_scope_device)
#else
#define HC_CL_FENCE() mem_fence(CLK_GLOBAL_MEM_FENCE)
#endif
HC_FN void hc_fence_to_host(void) { HC_CL_FENCE(); }
HC_FN void hc_fence_from_host(void) { HC_CL_FENCE(); }
HC_FN void hc_fence_dev(void) { HC_CL_FENCE(); }

#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable
HC_FN hc_u32 hc_dev_load32(hc_u64 at) { return *(volatile __global uint *)(size_t)at; }
HC_FN hc_u64 hc_dev_load64(hc_u64 at) { return *(volatile __global ulong *)(size_t)at; }
HC_FN void hc_dev_store32(hc_u64 at, hc_u32 v) { *(volatile __global uint *)(size_t)at = v; }
HC_FN void hc_dev_store64(hc_u64 at, hc_u64 v) { *(volatile __global ulong *)(size_t)at = v; }
HC_FN hc_u32 hc_dev_or32(hc_u64 at, hc_u32 v) { return atomic_or((volatile __global uint *)(size_t)at, v); }
HC_FN hc_u32 hc_dev_and32(hc_u64 at, hc_u32 v) { return atomic_and((volatile __global uint *)(size_t)at, v); }
HC_FN hc_u32 hc_dev_add32(hc_u64 at, hc_u32 v) { return atomic_add((volatile __global uint *)(size_t)at, v); }
HC_FN hc_u32 hc_dev_exch32(hc_u64 at, hc_u32 v) { return atomic_xchg((volatile __global uint *)(size_t)at, v); }
HC_FN hc_u32 hc_dev_cas32(hc_u64 at, hc_u32 expect, hc_u32 v) { return atomic_cmpxchg((volatile __global uint *)(size_t)at, expect, v); }
HC_FN hc_u64 hc_dev_add64(hc_u64 at, hc_u64 v) { return atom_add((volatile __global ulong *)(size_t)at, v); }
HC_FN hc_u64 hc_dev_exch64(hc_u64 at, hc_u64 v) { return atom_xchg((volatile __global ulong *)(size_t)at, v); }
HC_FN hc_u64 hc_dev_cas64(hc_u64 at, hc_u64 expect, hc_u64 v) { return atom_cmpxchg((volatile __global ulong *)(size_t)at, expect, v); }
HC_FN hc_u64 hc_dev_max64(hc_u64 at, hc_u64 v) {
    hc_u64 seen = hc_dev_load64(at);
    while (seen < v) {
        hc_u64 old = hc_dev_cas64(at, seen, v);
        if (old == seen) break;
        seen = old;
    }
    return seen;
}

/* OpenCL clocks: none everywhere. hc_timer_ns comes from a word in the control region that the host refreshes (client.h). */
HC_FN hc_u64 hc_cycles(void) {
#if defined(HC_CL_CYCLES)
    return (hc_u64)__builtin_readcyclecounter();
#else
    return 0;
#endif
}
/* A short pause while a call is young: looking again at once makes its reply come later, since the line goes back and forth in between. Not longer,
 * because without a clock waits are counted in polls (hc_watch_server). */
HC_FN void hc_relax(hc_u32 round) {
#if defined(HC_CL_PAUSE)
    if (round < 32u) HC_CL_PAUSE();
#endif
    (void)round;
}

HC_FN hc_u64 hc_grid_token(void) { return 1; }
HC_FN hc_u32 hc_local_id(void) { return (hc_u32)(get_local_id(0) + get_local_size(0) * (get_local_id(1) + get_local_size(1) * get_local_id(2))); }
HC_FN hc_u32 hc_block_dim(void) { return (hc_u32)(get_local_size(0) * get_local_size(1) * get_local_size(2)); }
HC_FN hc_u32 hc_block_id(void) { return (hc_u32)(get_group_id(0) + get_num_groups(0) * (get_group_id(1) + get_num_groups(1) * get_group_id(2))); }
HC_FN hc_u32 hc_grid_dim(void) { return (hc_u32)(get_num_groups(0) * get_num_groups(1) * get_num_groups(2)); }
HC_FN int hc_thread_id(void) { return (int)(hc_block_id() * hc_block_dim() + hc_local_id()); }
HC_FN int hc_thread_count(void) { return (int)(hc_grid_dim() * hc_block_dim()); }
#define hc_block_sync() barrier(CLK_GLOBAL_MEM_FENCE | CLK_LOCAL_MEM_FENCE)
/* The stack that this item runs on, which is to say the thread. Not its id: PoCL inlines every function that asks for one, and each call
 * of the facade would be compiled anew. */
HC_FN hc_u32 hc_warp_hint(void) {
    volatile uint here = 0;
    return (hc_u32)((size_t)&here >> 12) ^ here;
}

/* ================================================================================================================= host */
#else
#define HC_HAS_WARPS 0

/* Relaxed atomics of 8 bytes: what the protocol asks for, and what ThreadSanitizer understands. */
HC_FN void hc_bus_load_word(hc_u64 at, hc_u64 *lo, hc_u64 *hi) {
    hc_u64 *p = (hc_u64 *)at;
    *lo = __atomic_load_n(p, __ATOMIC_RELAXED);
    *hi = __atomic_load_n(p + 1, __ATOMIC_RELAXED);
}
HC_FN void hc_bus_store_word(hc_u64 at, hc_u64 lo, hc_u64 hi) {
    hc_u64 *p = (hc_u64 *)at;
    __atomic_store_n(p, lo, __ATOMIC_RELAXED);
    __atomic_store_n(p + 1, hi, __ATOMIC_RELAXED);
}
HC_FN hc_u32 hc_bus_load32(hc_u64 at) { return __atomic_load_n((hc_u32 *)at, __ATOMIC_RELAXED); }
HC_FN hc_u64 hc_bus_load64(hc_u64 at) { return __atomic_load_n((hc_u64 *)at, __ATOMIC_RELAXED); }
HC_FN void hc_bus_store32(hc_u64 at, hc_u32 v) { __atomic_store_n((hc_u32 *)at, v, __ATOMIC_RELAXED); }
HC_FN void hc_bus_store64(hc_u64 at, hc_u64 v) { __atomic_store_n((hc_u64 *)at, v, __ATOMIC_RELAXED); }
HC_FN void hc_bus_store8(hc_u64 at, hc_u8 v) { __atomic_store_n((hc_u8 *)at, v, __ATOMIC_RELAXED); }

/* ThreadSanitizer does not model fences. Under it a fence is a read-modify-write of one global, which gives the same
 * happens-before (both sides pass through it) without hiding any race on the words themselves. */
#if defined(__SANITIZE_THREAD__)
#define HC_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HC_TSAN 1
#endif
#endif
#if defined(HC_TSAN)
__attribute__((visibility("default"), weak)) hc_u64 hc_tsan_fence_word;
#define HC_HOST_FENCE() ((void)__atomic_fetch_add(&hc_tsan_fence_word, 1, __ATOMIC_ACQ_REL))
#else
#define HC_HOST_FENCE() __atomic_thread_fence(__ATOMIC_ACQ_REL)
#endif
HC_FN void hc_fence_to_host(void) { HC_HOST_FENCE(); }
HC_FN void hc_fence_from_host(void) { HC_HOST_FENCE(); }
HC_FN void hc_fence_dev(void) { HC_HOST_FENCE(); }

HC_FN hc_u32 hc_dev_load32(hc_u64 at) { return __atomic_load_n((hc_u32 *)at, __ATOMIC_ACQUIRE); }
HC_FN hc_u64 hc_dev_load64(hc_u64 at) { return __atomic_load_n((hc_u64 *)at, __ATOMIC_ACQUIRE); }
HC_FN void hc_dev_store32(hc_u64 at, hc_u32 v) { __atomic_store_n((hc_u32 *)at, v, __ATOMIC_RELEASE); }
HC_FN void hc_dev_store64(hc_u64 at, hc_u64 v) { __atomic_store_n((hc_u64 *)at, v, __ATOMIC_RELEASE); }
HC_FN hc_u32 hc_dev_or32(hc_u64 at, hc_u32 v) { return __atomic_fetch_or((hc_u32 *)at, v, __ATOMIC_ACQ_REL); }
HC_FN hc_u32 hc_dev_and32(hc_u64 at, hc_u32 v) { return __atomic_fetch_and((hc_u32 *)at, v, __ATOMIC_ACQ_REL); }
HC_FN hc_u32 hc_dev_add32(hc_u64 at, hc_u32 v) { return __atomic_fetch_add((hc_u32 *)at, v, __ATOMIC_ACQ_REL); }
HC_FN hc_u32 hc_dev_exch32(hc_u64 at, hc_u32 v) { return __atomic_exchange_n((hc_u32 *)at, v, __ATOMIC_ACQ_REL); }
HC_FN hc_u32 hc_dev_cas32(hc_u64 at, hc_u32 expect, hc_u32 v) {
    __atomic_compare_exchange_n((hc_u32 *)at, &expect, v, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    return expect;
}
HC_FN hc_u64 hc_dev_add64(hc_u64 at, hc_u64 v) { return __atomic_fetch_add((hc_u64 *)at, v, __ATOMIC_ACQ_REL); }
HC_FN hc_u64 hc_dev_exch64(hc_u64 at, hc_u64 v) { return __atomic_exchange_n((hc_u64 *)at, v, __ATOMIC_ACQ_REL); }
HC_FN hc_u64 hc_dev_cas64(hc_u64 at, hc_u64 expect, hc_u64 v) {
    __atomic_compare_exchange_n((hc_u64 *)at, &expect, v, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    return expect;
}
HC_FN hc_u64 hc_dev_max64(hc_u64 at, hc_u64 v) {
    hc_u64 seen = hc_dev_load64(at);
    while (seen < v) {
        hc_u64 old = hc_dev_cas64(at, seen, v);
        if (old == seen) break;
        seen = old;
    }
    return seen;
}

HC_FN hc_u64 hc_cycles(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    hc_u64 v;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(v));
    return v;
#else
    return 0;
#endif
}

/* Who this C thread plays: filled by the host backend before it calls the kernel (host_services/lanes.c). */
typedef struct hc_host_lane {
    hc_u32 local_id, block_dim, block_id, grid_dim; /* linear */
    hc_u32 hint;                                    /* index of the playing thread: its slot hint */
    hc_u32 launch;                                  /* counts launches: owner tag of per-lane state */
    hc_i32 err;                                     /* errno of this lane */
    hc_u32 reserved;
    void (*barrier)(struct hc_host_lane *self);     /* all lanes of the block */
    void (*pause)(hc_u32 round);                    /* what a waiting lane does between polls: spin, yield, then sleep */
    void (*leave)(struct hc_host_lane *self);       /* ends this lane (exit, abort); does not return */
    hc_u64 (*timer_ns)(void);                       /* CLOCK_MONOTONIC */
    hc_u64 *block_scratch;                          /* HC_BLOCK_SCRATCH words shared by the block */
    /* For threads on top of lanes (hc/threads.h). */
    void (*rest)(hc_u64 at, hc_u32 seen, hc_u64 ns); /* sleeps while the word at `at` is `seen`, at most so long */
    void (*stir)(hc_u64 at);                         /* wakes all that rest at this word; after it was changed */
    int (*enter)(struct hc_host_lane *self, void (*body)(void *), void *argument); /* runs body on thread-locals as they begin; 1: unwound */
    void (*unwind)(struct hc_host_lane *self);       /* ends the innermost such body; does not return if there is one */
    hc_u64 stack_base, stack_bytes;                  /* of this lane; 0 where it is not known */
    hc_u64 strtok_at, block_at;                     /* as in a place of the device's table (lane_state.h); the block stays with the thread */
} hc_host_lane;
#define HC_BLOCK_SCRATCH 8

#if defined(HC_HOST_SERVER)
/* The server includes this file for the layout and the bus accesses; it plays no lane. */
#else
/* Set through the generated entry. Weak: objects that are linked into one program share it. */
__attribute__((visibility("default"), weak)) _Thread_local hc_host_lane *hc_self;
HC_FN void hc_relax(hc_u32 round) { hc_self->pause(round); }
HC_FN hc_u64 hc_timer_ns(void) { return hc_self->timer_ns(); }
HC_FN hc_u64 hc_grid_token(void) { return hc_self->launch; }
HC_FN hc_u32 hc_warp_hint(void) { return hc_self->hint; }
HC_FN hc_u32 hc_local_id(void) { return hc_self->local_id; }
HC_FN hc_u32 hc_block_dim(void) { return hc_self->block_dim; }
HC_FN hc_u32 hc_block_id(void) { return hc_self->block_id; }
HC_FN hc_u32 hc_grid_dim(void) { return hc_self->grid_dim; }
HC_FN int hc_thread_id(void) { return (int)(hc_self->block_id * hc_self->block_dim + hc_self->local_id); }
HC_FN int hc_thread_count(void) { return (int)(hc_self->grid_dim * hc_self->block_dim); }
HC_FN void hc_block_sync(void) { hc_self->barrier(hc_self); }
#endif
#endif

/* --------------------------------------------------------------------- one lane is the warp: lane code that folds away */
#if !HC_HAS_WARPS && !defined(HC_HOST_SERVER)
HC_FN hc_u64 hc_dev_near64(hc_u64 at) { return hc_dev_load64(at); }
HC_FN hc_mask hc_active_mask(void) { return 1u; }
HC_FN hc_u32 hc_lane(void) { return 0u; }
HC_FN hc_u32 hc_popc(hc_mask m) { return m; }
HC_FN hc_u32 hc_first(hc_mask m) { (void)m; return 0u; }
HC_FN hc_u32 hc_rank(hc_mask m) { (void)m; return 0u; }
HC_FN void hc_warp_sync(hc_mask m) { (void)m; }
HC_FN hc_u32 hc_shfl32(hc_mask m, hc_u32 v, hc_u32 src) { (void)m; (void)src; return v; }
HC_FN hc_u64 hc_shfl64(hc_mask m, hc_u64 v, hc_u32 src) { (void)m; (void)src; return v; }
HC_FN hc_mask hc_match32(hc_mask m, hc_u32 v) { (void)v; return m; }
HC_FN hc_mask hc_match64(hc_mask m, hc_u64 v) { (void)v; return m; }
HC_FN int hc_all_same64(hc_mask m, hc_u64 v) { (void)m; (void)v; return 1; }
HC_FN hc_mask hc_ballot(hc_mask m, int pred) { (void)m; return pred ? 1u : 0u; }
HC_FN int hc_any(hc_mask m, int pred) { (void)m; return pred; }
HC_FN hc_u32 hc_warp_place(hc_u32 units) { (void)units; return hc_warp_hint(); }
#endif

#endif
