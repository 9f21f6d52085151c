/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/sysinfo.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/sysinfo.h>
#endif
#if !defined(HC_STD_SYS_SYSINFO_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_SYSINFO_H

#include "sys/types.h"
#include "../hc/system.h"

#if !defined(HC_NVCC)
#define SI_LOAD_SHIFT 16
#endif

#if !defined(HC_OPENCL)
#undef sysinfo
#define sysinfo hc_sysinfo
#endif

#endif
