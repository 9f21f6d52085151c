/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/utsname.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/utsname.h>
#endif
#if !defined(HC_STD_SYS_UTSNAME_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_UTSNAME_H

#include "sys/types.h"
#include "../hc/system.h"

#if !defined(HC_NVCC)
#define utsname hc_utsname
#endif

#undef uname
#define uname hc_uname

#endif
