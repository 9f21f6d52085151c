/* SPDX-License-Identifier: Apache-2.0
 *
 * <pwd.h> for device code: the user that the host's process runs as.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <pwd.h>
#endif
#if !defined(HC_STD_PWD_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_PWD_H

#include "sys/types.h"
#include "hc/system.h"

#if !defined(HC_NVCC)
#define passwd hc_passwd
#endif

#if !defined(HC_OPENCL)
#undef getpwuid
#define getpwuid hc_getpwuid
#undef getpwnam
#define getpwnam hc_getpwnam
#undef getpwuid_r
#define getpwuid_r hc_getpwuid_r
#undef getpwnam_r
#define getpwnam_r hc_getpwnam_r
#endif

#endif
