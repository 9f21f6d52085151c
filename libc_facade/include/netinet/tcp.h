/* SPDX-License-Identifier: Apache-2.0
 *
 * <netinet/tcp.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <netinet/tcp.h>
#endif
#if !defined(HC_STD_NETINET_TCP_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_NETINET_TCP_H

#include "in.h"

#if !defined(HC_NVCC)
#include "../hc/codes/tcp.h"
#endif

#endif
