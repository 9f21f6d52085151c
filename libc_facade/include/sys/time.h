/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/time.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/time.h>
#endif
#if !defined(HC_STD_SYS_TIME_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_TIME_H

#include "sys/types.h"
#include "../hc/modes.h"
#include "../hc/time.h"

#if !defined(HC_NVCC)
#define timeval hc_timeval
#define timezone hc_timezone
#endif

#undef gettimeofday
#define gettimeofday hc_gettimeofday
#if !defined(HC_OPENCL)
#undef utimes
#define utimes hc_utimes
#undef lutimes
#define lutimes hc_lutimes
#undef futimes
#define futimes hc_futimes
#endif

#endif
