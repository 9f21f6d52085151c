/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/mman.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/mman.h>
#endif
#if !defined(HC_STD_SYS_MMAN_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_MMAN_H

#include "sys/types.h"
#include "../hc/mman.h"

#if !defined(HC_NVCC)
#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_ANON MAP_ANONYMOUS
#define MAP_NORESERVE 0x4000
#define MAP_POPULATE 0x8000
#define MAP_FAILED ((HC_GLOBAL void *)(size_t)-1)
#define MS_ASYNC 1
#define MS_INVALIDATE 2
#define MS_SYNC 4
#endif

#undef mmap
#define mmap hc_mmap
#undef munmap
#define munmap hc_munmap
#undef msync
#define msync hc_msync

#endif
