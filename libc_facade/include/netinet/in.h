/* SPDX-License-Identifier: Apache-2.0
 *
 * <netinet/in.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <netinet/in.h>
#endif
#if !defined(HC_STD_NETINET_IN_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_NETINET_IN_H

#include "../sys/socket.h"
#include "../hc/inet.h"

#if !defined(HC_NVCC)
#define in_addr hc_in_addr
#define in6_addr hc_in6_addr
#define sockaddr_in hc_sockaddr_in
#define sockaddr_in6 hc_sockaddr_in6
#define s6_addr hc_in6.hc_bytes
#define s6_addr16 hc_in6.hc_halves
#define s6_addr32 hc_in6.hc_words
#include "../hc/codes/in.h"
#define INADDR_ANY 0u
#define INADDR_LOOPBACK 0x7f000001u
#define INADDR_BROADCAST 0xffffffffu
#define INADDR_NONE 0xffffffffu
#define IN6ADDR_ANY_INIT {{{0}}}
#define IN6ADDR_LOOPBACK_INIT {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}}
#define IN6_IS_ADDR_LOOPBACK(a) (!((a)->s6_addr32[0] | (a)->s6_addr32[1] | (a)->s6_addr32[2]) && (a)->s6_addr32[3] == hc_htonl(1))
#define IN6_IS_ADDR_V4MAPPED(a) (!((a)->s6_addr32[0] | (a)->s6_addr32[1]) && (a)->s6_addr32[2] == hc_htonl(0xffff))
#define IN6_IS_ADDR_LINKLOCAL(a) (((a)->s6_addr[0] == 0xfe) && (((a)->s6_addr[1] & 0xc0) == 0x80))
#endif

#undef htons
#define htons hc_htons
#undef ntohs
#define ntohs hc_ntohs
#undef htonl
#define htonl hc_htonl
#undef ntohl
#define ntohl hc_ntohl
#undef in6addr_any
#define in6addr_any (*hc_in6_any_place())
#undef in6addr_loopback
#define in6addr_loopback (*hc_in6_loopback_place())

#endif
