/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/times.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/times.h>
#endif
#if !defined(HC_STD_SYS_TIMES_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_TIMES_H
#if !defined(__OPENCL_C_VERSION__) /* OpenCL C has nothing of it */

#include "../hc/calendar.h"

#if !defined(HC_NVCC)
#define tms hc_tms
#endif

#undef times
#define times hc_times

#endif
#endif
