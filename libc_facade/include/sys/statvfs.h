/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/statvfs.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/statvfs.h>
#endif
#if !defined(HC_STD_SYS_STATVFS_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_STATVFS_H

#include "sys/types.h"
#include "../hc/modes.h"

#if !defined(HC_NVCC)
#define ST_RDONLY 1
#define ST_NOSUID 2
#endif

#undef statvfs
#define statvfs hc_statvfs
#undef fstatvfs
#define fstatvfs hc_fstatvfs

#endif
