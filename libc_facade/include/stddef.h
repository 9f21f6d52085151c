/* SPDX-License-Identifier: Apache-2.0
 *
 * <stddef.h> for device code. No include guard around the nvcc branch: cuda_runtime.h includes this file itself, and
 * only passes through.
 */
#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#include_next <stddef.h>
#else
#ifndef HC_STD_STDDEF_H
#define HC_STD_STDDEF_H

#if defined(__OPENCL_C_VERSION__)
/* size_t, ptrdiff_t and NULL are part of the language. */
#ifndef NULL
#define NULL ((void *)0)
#endif
#ifndef offsetof
#define offsetof(type, member) ((size_t)__builtin_offsetof(type, member))
#endif

#elif defined(__CUDACC_RTC__)
#ifndef NULL
#define NULL 0
#endif
#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif
typedef struct {
    alignas(long long) long long hc_integer;
    alignas(double) double hc_real;
} max_align_t;

#else
typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef __WCHAR_TYPE__ wchar_t;
typedef struct {
    long long hc_integer __attribute__((aligned(__alignof__(long long))));
    long double hc_real __attribute__((aligned(__alignof__(long double))));
} max_align_t;
#ifndef NULL
#define NULL ((void *)0)
#endif
#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif
#endif

#endif
#endif
