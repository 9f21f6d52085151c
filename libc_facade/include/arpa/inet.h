/* SPDX-License-Identifier: Apache-2.0
 *
 * <arpa/inet.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <arpa/inet.h>
#endif
#if !defined(HC_STD_ARPA_INET_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_ARPA_INET_H

#include "../netinet/in.h"

#if !defined(HC_NVCC)
#endif

#undef inet_pton
#define inet_pton hc_inet_pton
#undef inet_ntop
#define inet_ntop hc_inet_ntop
#undef inet_addr
#define inet_addr hc_inet_addr
#undef inet_aton
#define inet_aton hc_inet_aton
#undef inet_ntoa
#define inet_ntoa hc_inet_ntoa

#endif
