/* SPDX-License-Identifier: Apache-2.0
 *
 * What every part of the linkable library stands on: the engine of the facade (hc_*), and HC_EXPORT, which gives a function the plain C
 * name that object code from any compiler calls. Parts include headers below hc/ only: those that turn standard names into macros would
 * rename what is defined here.
 */
#ifndef HC_LIBRARY_H
#define HC_LIBRARY_H
#define HC_LIBRARY 1
#include "hostcall.h"
#include "hc/format.h"

/* Weak: a program's own function of that name wins, as it does over a libc's archive. The engine never calls a plain name. */
#if defined(HC_EXPORT)
/* the tool that lists the ABI looks for its own mark */
#elif defined(HC_CUDA)
#define HC_EXPORT HC_EXTERN_C __device__ __attribute__((weak))
#else
#define HC_EXPORT __attribute__((weak, visibility("default")))
#endif

/* `...` of an exported function, and its va_start. Every caller passes the address of the packed arguments, which is what clang makes of
 * `...` for GPUs; CUDA C++ means something else by it and has to say the pointer. */
#if defined(__CUDACC__)
#define HC_DOTS HC_VA_LIST hc_dots
#define HC_DOTS_START(list, last) ((list) = hc_dots)
#else
#define HC_DOTS ...
#define HC_DOTS_START(list, last) HC_VA_START(list, last)
#endif

#endif
