/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdarg.h> for device code. NVRTC predeclares va_list and its macros and must not see them again; OpenCL C has no
 * variadic functions, so there is nothing to declare.
 */
#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#include_next <stdarg.h>
#else
#ifndef HC_STD_STDARG_H
#define HC_STD_STDARG_H

#if !defined(__OPENCL_C_VERSION__) && !defined(__CUDACC_RTC__)
typedef __builtin_va_list va_list;
#define va_start(list, last) __builtin_va_start(list, last)
#define va_end(list) __builtin_va_end(list)
#define va_arg(list, type) __builtin_va_arg(list, type)
#define va_copy(to, from) __builtin_va_copy(to, from)
#endif

#endif
#endif
