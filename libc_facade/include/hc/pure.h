/* SPDX-License-Identifier: Apache-2.0
 *
 * What the headers have in common that talk to nobody: string.h, ctype.h, numbers.h and format.h compute, touch only
 * the memory they are given, and need neither a channel nor a lane. So they also serve the server, which compiles
 * format.h without any lane code.
 */
#ifndef HC_PURE_H
#define HC_PURE_H

#include "platform.h"

/* Under nvcc the standard names are macros in the host half of a translation unit too, so these functions exist on
 * both halves there; the attribute keeps every compiler quiet about the ones a kernel does not use. HC_PURE_BIG is for
 * bodies that would bloat their callers: the build time of OpenCL kernels grows with what is inlined. */
#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#define HC_PURE static __host__ __device__ __attribute__((unused)) inline
#define HC_PURE_BIG static __host__ __device__ __attribute__((noinline, unused))
#elif defined(HC_CUDA)
#define HC_PURE static __device__ __attribute__((unused)) inline
#define HC_PURE_BIG static __device__ __attribute__((noinline, unused))
#else
#define HC_PURE static inline __attribute__((unused))
#define HC_PURE_BIG static __attribute__((noinline, unused))
#endif

/* OpenCL C and CUDA have size_t without an include; a second identical typedef is allowed in C11. */
#if defined(HC_HOST)
typedef __SIZE_TYPE__ size_t;
#endif

/* Address spaces as numbers, for pointers that travel as integers. Zero is "the only one there is", which is true
 * everywhere but in OpenCL C. */
#define HC_SPACE_FLAT 0u
#define HC_SPACE_PRIVATE 1u
#define HC_SPACE_GLOBAL 2u
#define HC_SPACE_CONSTANT 3u
#define HC_SPACE_LOCAL 4u

/* OpenCL C without the generic address space needs every pointer function once per space. With it, an unqualified
 * pointer is a type of its own and needs one more. */
#if defined(HC_OPENCL)
#if defined(__opencl_c_generic_address_space)
#define HC_HAS_GENERIC_SPACE 1
#endif

/* Where one of the spaces is __local, functions are inlined without exception. PoCL moves a kernel's __local arrays
 * into arguments of the kernel only; constant propagation puts such an array's address straight into a function that
 * it did not inline, which then writes somewhere else. For the same reason a local address that becomes a number goes
 * through a volatile. */
#define HC_PURE_INLINE static __attribute__((always_inline, unused))
HC_PURE_INLINE hc_u64 hc_hide_local(const __local void *p) {
    volatile size_t at = (size_t)p;
    return at;
}
#endif

/* One byte from any space. */
#if defined(HC_OPENCL)
HC_PURE hc_u8 hc_peek(hc_u32 space, hc_u64 at) {
    switch (space) {
    case HC_SPACE_GLOBAL: return *(const __global hc_u8 *)(size_t)at;
    case HC_SPACE_CONSTANT: return *(const __constant hc_u8 *)(size_t)at;
    case HC_SPACE_LOCAL: return *(const __local hc_u8 *)(size_t)at;
#if defined(HC_HAS_GENERIC_SPACE)
    case HC_SPACE_FLAT: return *(const __generic hc_u8 *)(size_t)at;
#endif
    default: return *(const __private hc_u8 *)(size_t)at;
    }
}
#else
HC_PURE hc_u8 hc_peek(hc_u32 space, hc_u64 at) {
    (void)space;
    return *(const hc_u8 *)(size_t)at;
}
#endif

/* Decimal numbers are kept in limbs of nine digits: the largest power of ten whose product with itself fits 64 bits. */
#define HC_BILLION 1000000000u
HC_PURE hc_u32 hc_pow10(hc_u32 n) {
    hc_u32 value = 1;
    for (; n; n--) value *= 10u;
    return value;
}
/* Which limb a power of ten is in. */
HC_PURE hc_i32 hc_floor9(hc_i64 power) { return (hc_i32)(power >= 0 ? power / 9 : -((8 - power) / 9)); }

#endif
