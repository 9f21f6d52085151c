/* SPDX-License-Identifier: Apache-2.0
 *
 * <fcntl.h> for device code: descriptors are the runtime's own, flags are Linux's on x86-64.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <fcntl.h>
#endif
#if !defined(HC_STD_FCNTL_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_FCNTL_H

#include "sys/types.h"
#include "hc/fs.h"
#include "hc/control.h"

#if !defined(HC_NVCC)
#include "hc/codes/fcntl.h"

#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif
#endif

#undef open
#define open hc_open
#undef openat
#define openat hc_openat
#undef creat
#define creat hc_creat
#undef fcntl
#define fcntl hc_fcntl
#undef posix_fadvise
#define posix_fadvise hc_posix_fadvise
#undef posix_fallocate
#define posix_fallocate hc_posix_fallocate
#undef fallocate
#define fallocate hc_fallocate
#if !defined(HC_OPENCL)
/* The struct, and <sys/file.h>'s function. */
#undef flock
#define flock hc_flock
#endif

#endif
