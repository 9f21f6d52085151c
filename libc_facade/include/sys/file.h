/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/file.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/file.h>
#endif
#if !defined(HC_STD_SYS_FILE_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_FILE_H

#include "sys/types.h"
#include "../hc/control.h"

#if !defined(HC_NVCC)
#define LOCK_SH 1
#define LOCK_EX 2
#define LOCK_NB 4
#define LOCK_UN 8
#endif

#if !defined(HC_OPENCL)
#undef flock
#define flock hc_flock
#endif

#endif
