/* SPDX-License-Identifier: Apache-2.0
 *
 * <utime.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <utime.h>
#endif
#if !defined(HC_STD_UTIME_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_UTIME_H

#include "sys/types.h"
#include "hc/modes.h"

#if !defined(HC_NVCC)
#define utimbuf hc_utimbuf
#endif

#if !defined(HC_OPENCL)
#undef utime
#define utime hc_utime
#endif

#endif
