/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/uio.h> for device code: iov_base is a pointer to global memory where address spaces differ.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/uio.h>
#endif
#if !defined(HC_STD_SYS_UIO_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_UIO_H

#include "sys/types.h"
#include "../hc/fs.h"

#if !defined(HC_NVCC)
#define iovec hc_iovec
#endif

#undef readv
#define readv hc_readv
#undef writev
#define writev hc_writev
#undef preadv
#define preadv hc_preadv
#undef pwritev
#define pwritev hc_pwritev

#endif
