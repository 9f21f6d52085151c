/* SPDX-License-Identifier: Apache-2.0
 *
 * C for NVIDIA GPUs by clang (-x c --target=nvptx64-nvidia-cuda): the words of CUDA C++ that platform.h and its users are written in, so that
 * their text stays one. Nothing here waits, and nothing but platform.h includes it.
 *
 * Compile with -fconvergent-functions: the compiler must not move lane operations to where fewer lanes pass.
 */
#ifndef HC_NVPTX_H
#define HC_NVPTX_H

#if __clang_major__ < 19
#error "hostcall: C for NVIDIA GPUs needs clang 19 or newer: before it there are no variadic functions for this target"
#endif

typedef __SIZE_TYPE__ size_t;

#define __device__
#define __host__
#define __shared__ static __attribute__((address_space(3), loader_uninitialized))
#define __forceinline__ inline __attribute__((always_inline))
#if __has_attribute(device_kernel)
#define __global__ __attribute__((device_kernel))
#else
#define __global__ __attribute__((nvptx_kernel))
#endif
#if !defined(__cplusplus)
#define static_assert _Static_assert
#endif
#if defined(__STRICT_ANSI__)
#define asm __asm__
#endif

/* ------------------------------------------------------------------------------------------------------------------ the grid */
typedef struct hc_dim3 {
    unsigned x, y, z;
} hc_dim3;
#define HC_NVPTX_DIM(name, reg)                                                                                                           \
    static inline __attribute__((always_inline, unused)) hc_dim3 hc_nvptx_##name(void) {                                                   \
        hc_dim3 d;                                                                                                                         \
        d.x = (unsigned)__nvvm_read_ptx_sreg_##reg##_x();                                                                                  \
        d.y = (unsigned)__nvvm_read_ptx_sreg_##reg##_y();                                                                                  \
        d.z = (unsigned)__nvvm_read_ptx_sreg_##reg##_z();                                                                                  \
        return d;                                                                                                                          \
    }
HC_NVPTX_DIM(thread, tid)
HC_NVPTX_DIM(block, ctaid)
HC_NVPTX_DIM(block_dim, ntid)
HC_NVPTX_DIM(grid_dim, nctaid)
#undef HC_NVPTX_DIM
#define threadIdx hc_nvptx_thread()
#define blockIdx hc_nvptx_block()
#define blockDim hc_nvptx_block_dim()
#define gridDim hc_nvptx_grid_dim()

typedef struct ulonglong2 {
    unsigned long long x, y;
} __attribute__((aligned(16))) ulonglong2;

/* --------------------------------------------------------------------------------------------------------------------- lanes */
#define __popc(v) __builtin_popcount((unsigned)(v))
#define __clz(v) hc_nvptx_clz((unsigned)(v))
#define __ffs(v) __builtin_ffs(v)
static inline __attribute__((always_inline, unused)) int hc_nvptx_clz(unsigned v) { return v ? __builtin_clz(v) : 32; }

static inline __attribute__((always_inline, unused)) unsigned __fns(unsigned mask, unsigned base, int offset) {
    unsigned at;
    asm("fns.b32 %0, %1, %2, %3;" : "=r"(at) : "r"(mask), "r"(base), "r"(offset));
    return at;
}
#define __syncwarp(mask) __nvvm_bar_warp_sync(mask)
#define __any_sync(mask, pred) ((int)__nvvm_vote_any_sync(mask, (pred) != 0))
#define __ballot_sync(mask, pred) ((unsigned)__nvvm_vote_ballot_sync(mask, (pred) != 0))
static inline __attribute__((always_inline, unused)) unsigned __activemask(void) {
    unsigned v;
    asm volatile("activemask.b32 %0;" : "=r"(v)::"memory");
    return v;
}
static inline __attribute__((always_inline, unused)) unsigned hc_nvptx_shfl32(unsigned mask, unsigned v, int src) {
    return (unsigned)__nvvm_shfl_sync_idx_i32(mask, (int)v, src, 31);
}
static inline __attribute__((always_inline, unused)) unsigned long long hc_nvptx_shfl64(unsigned mask, unsigned long long v, int src) {
    unsigned lo = hc_nvptx_shfl32(mask, (unsigned)v, src), hi = hc_nvptx_shfl32(mask, (unsigned)(v >> 32), src);
    return ((unsigned long long)hi << 32) | lo;
}
static inline __attribute__((always_inline, unused)) unsigned hc_nvptx_match32(unsigned mask, unsigned v) {
    unsigned same;
    asm volatile("match.any.sync.b32 %0, %1, %2;" : "=r"(same) : "r"(v), "r"(mask) : "memory");
    return same;
}
static inline __attribute__((always_inline, unused)) unsigned hc_nvptx_match64(unsigned mask, unsigned long long v) {
    unsigned same;
    asm volatile("match.any.sync.b64 %0, %1, %2;" : "=r"(same) : "l"(v), "r"(mask) : "memory");
    return same;
}
static inline __attribute__((always_inline, unused)) unsigned __match_all_sync(unsigned mask, unsigned long long v, int *same) {
    unsigned all, yes;
    asm volatile("{ .reg .pred p; match.all.sync.b64 %0|p, %2, %3; selp.u32 %1, 1, 0, p; }" : "=r"(all), "=r"(yes) : "l"(v), "r"(mask) : "memory");
    *same = (int)yes;
    return all;
}
/* One name for both widths, as CUDA C++ has by overloading. */
#define __shfl_sync(mask, v, src) (sizeof(v) == 8 ? hc_nvptx_shfl64(mask, v, src) : hc_nvptx_shfl32(mask, (unsigned)(v), src))
#define __match_any_sync(mask, v) (sizeof(v) == 8 ? hc_nvptx_match64(mask, v) : hc_nvptx_match32(mask, (unsigned)(v)))

#define __syncthreads() __nvvm_bar_sync(0)
#define __trap() asm volatile("trap;")
#define __nanosleep(ns) asm volatile("nanosleep.u32 %0;" ::"r"((unsigned)(ns)))
#define __isLocal(p) __nvvm_isspacep_local(p)

/* ------------------------------------------------------------------------------------------------------------------- atomics
 * Relaxed, at the scope of the device, on an address that the hardware sorts out: what CUDA's functions of these names do. */
#define HC_NVPTX_RMW(name, op, suffix, type, reg)                                                                                         \
    static inline __attribute__((always_inline, unused)) type name(type *p, type v) {                                                      \
        type old;                                                                                                                          \
        asm volatile("atom.relaxed.gpu." op "." suffix " %0, [%1], %2;" : "=" reg(old) : "l"(p), reg(v) : "memory");                       \
        return old;                                                                                                                        \
    }
HC_NVPTX_RMW(atomicOr, "or", "b32", unsigned, "r")
HC_NVPTX_RMW(atomicAnd, "and", "b32", unsigned, "r")
HC_NVPTX_RMW(hc_nvptx_add32, "add", "u32", unsigned, "r")
HC_NVPTX_RMW(hc_nvptx_add64, "add", "u64", unsigned long long, "l")
HC_NVPTX_RMW(hc_nvptx_exch32, "exch", "b32", unsigned, "r")
HC_NVPTX_RMW(hc_nvptx_exch64, "exch", "b64", unsigned long long, "l")
HC_NVPTX_RMW(atomicMax, "max", "u64", unsigned long long, "l")
#undef HC_NVPTX_RMW
#define HC_NVPTX_CAS(name, suffix, type, reg)                                                                                             \
    static inline __attribute__((always_inline, unused)) type name(type *p, type expect, type v) {                                         \
        type old;                                                                                                                          \
        asm volatile("atom.relaxed.gpu.cas." suffix " %0, [%1], %2, %3;" : "=" reg(old) : "l"(p), reg(expect), reg(v) : "memory");         \
        return old;                                                                                                                        \
    }
HC_NVPTX_CAS(hc_nvptx_cas32, "b32", unsigned, "r")
HC_NVPTX_CAS(hc_nvptx_cas64, "b64", unsigned long long, "l")
#undef HC_NVPTX_CAS
#define HC_NVPTX_BY_WIDTH(p, f) _Generic((p), unsigned *: f##32, unsigned long long *: f##64)
#define atomicAdd(p, v) HC_NVPTX_BY_WIDTH(p, hc_nvptx_add)(p, v)
#define atomicExch(p, v) HC_NVPTX_BY_WIDTH(p, hc_nvptx_exch)(p, v)
#define atomicCAS(p, expect, v) HC_NVPTX_BY_WIDTH(p, hc_nvptx_cas)(p, expect, v)

#endif
