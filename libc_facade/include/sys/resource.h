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
#define RUSAGE_SELF 0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD 1
#define RLIM_INFINITY (~0ul)
#if !defined(HC_OPENCL)
typedef hc_size rlim_t;
#endif
#define RLIMIT_CPU 0
#define RLIMIT_FSIZE 1
#define RLIMIT_DATA 2
#define RLIMIT_STACK 3
#define RLIMIT_CORE 4
#define RLIMIT_RSS 5
#define RLIMIT_NPROC 6
#define RLIMIT_NOFILE 7
#define RLIMIT_MEMLOCK 8
#define RLIMIT_AS 9
#define RLIMIT_LOCKS 10
#define RLIMIT_SIGPENDING 11
#define RLIMIT_MSGQUEUE 12
#define RLIMIT_NICE 13
#define RLIMIT_RTPRIO 14
#define RLIMIT_RTTIME 15
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
