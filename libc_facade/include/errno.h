/* SPDX-License-Identifier: Apache-2.0
 *
 * <errno.h> for device code: errno is per lane, the numbers are Linux's on x86-64.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <errno.h>
#endif
#if !defined(HC_STD_ERRNO_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_ERRNO_H

#include "hc/errno.h"

#undef errno
#define errno (*hc_errno_place())

#if !defined(HC_NVCC)
#include "hc/codes/errno.h"
#endif

#endif
