/* SPDX-License-Identifier: Apache-2.0
 *
 * <netdb.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <netdb.h>
#endif
#if !defined(HC_STD_NETDB_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_NETDB_H

#include "netinet/in.h"
#include "hc/names.h"

#if !defined(HC_NVCC)
#define addrinfo hc_addrinfo
#define hostent hc_hostent
#include "hc/codes/netdb.h"
#define EAI_BADFLAGS HC_EAI_BADFLAGS
#define EAI_NONAME HC_EAI_NONAME
#define EAI_AGAIN HC_EAI_AGAIN
#define EAI_FAIL HC_EAI_FAIL
#define EAI_NODATA HC_EAI_NODATA
#define EAI_FAMILY HC_EAI_FAMILY
#define EAI_SOCKTYPE HC_EAI_SOCKTYPE
#define EAI_SERVICE HC_EAI_SERVICE
#define EAI_ADDRFAMILY HC_EAI_ADDRFAMILY
#define EAI_MEMORY HC_EAI_MEMORY
#define EAI_SYSTEM HC_EAI_SYSTEM
#define EAI_OVERFLOW HC_EAI_OVERFLOW
#endif

#undef getaddrinfo
#define getaddrinfo hc_getaddrinfo
#undef freeaddrinfo
#define freeaddrinfo hc_freeaddrinfo
#undef gai_strerror
#define gai_strerror hc_gai_strerror
#undef getnameinfo
#define getnameinfo hc_getnameinfo
#undef gethostbyname
#define gethostbyname hc_gethostbyname
#undef h_errno
#define h_errno (*hc_h_errno_place())

#endif
