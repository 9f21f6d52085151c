/* SPDX-License-Identifier: Apache-2.0
 *
 * <libgen.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <libgen.h>
#endif
#if !defined(HC_STD_LIBGEN_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_LIBGEN_H
#if !defined(__OPENCL_C_VERSION__) /* OpenCL C has nothing of it */

#include "hc/filename.h"

#undef basename
#define basename hc_basename
#undef dirname
#define dirname hc_dirname

#endif
#endif
