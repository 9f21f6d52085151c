/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/resource.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/resource.h>
#endif
#if !defined(HC_STD_SYS_RESOURCE_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_RESOURCE_H

#include "sys/types.h"
#include "../hc/system.h"

#if !defined(HC_NVCC)
#define timeval hc_timeval
#define rusage hc_rusage
#define rlimit hc_rlimit
#include "../hc/codes/resource.h"
#if !defined(HC_OPENCL)
typedef hc_size rlim_t;
#endif
#endif

#if !defined(HC_OPENCL)
#undef getrusage
#define getrusage hc_getrusage
#undef getrlimit
#define getrlimit hc_getrlimit
#undef setrlimit
#define setrlimit hc_setrlimit
#endif

#endif
