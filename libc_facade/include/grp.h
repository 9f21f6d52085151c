/* SPDX-License-Identifier: Apache-2.0
 *
 * <grp.h> for device code: the group that the host's process runs as.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <grp.h>
#endif
#if !defined(HC_STD_GRP_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_GRP_H

#include "sys/types.h"
#include "hc/system.h"

#if !defined(HC_NVCC)
#define group hc_group
#endif

#if !defined(HC_OPENCL)
#undef getgrgid
#define getgrgid hc_getgrgid
#undef getgrnam
#define getgrnam hc_getgrnam
#undef getgrgid_r
#define getgrgid_r hc_getgrgid_r
#undef getgrnam_r
#define getgrnam_r hc_getgrnam_r
#endif

#endif
