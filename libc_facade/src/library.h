/* SPDX-License-Identifier: Apache-2.0
 *
 * What every part of the linkable library stands on: the engine of the facade (hc_*), and HC_EXPORT, which gives a function the plain C
 * name that object code from any compiler calls. Parts include headers below hc/ only: those that turn standard names into macros would
 * rename what is defined here.
 */
#ifndef HC_LIBRARY_H
#define HC_LIBRARY_H
#include "hostcall.h"

/* Weak: a program's own function of that name wins, as it does over a libc's archive. The engine never calls a plain name. */
#if defined(HC_CUDA)
#define HC_EXPORT HC_EXTERN_C __device__ __attribute__((weak, used))
#else
#define HC_EXPORT __attribute__((weak, used, visibility("default")))
#endif

#endif
