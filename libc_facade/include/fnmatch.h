/* SPDX-License-Identifier: Apache-2.0
 *
 * <fnmatch.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <fnmatch.h>
#endif
#if !defined(HC_STD_FNMATCH_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_FNMATCH_H
#if !defined(__OPENCL_C_VERSION__) /* OpenCL C has nothing of it */

#include "hc/filename.h"

#if !defined(HC_NVCC)
#define FNM_NOMATCH 1
#define FNM_PATHNAME HC_FNM_PATHNAME
#define FNM_NOESCAPE HC_FNM_NOESCAPE
#define FNM_PERIOD HC_FNM_PERIOD
#define FNM_LEADING_DIR HC_FNM_LEADING_DIR
#define FNM_CASEFOLD HC_FNM_CASEFOLD
#endif

#undef fnmatch
#define fnmatch hc_fnmatch

#endif
#endif
