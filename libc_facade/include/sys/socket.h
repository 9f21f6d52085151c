/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/socket.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/socket.h>
#endif
#if !defined(HC_STD_SYS_SOCKET_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_SOCKET_H

#include "sys/types.h"
#include "../hc/net.h"

#if !defined(HC_NVCC)
#define sockaddr hc_sockaddr
#define sockaddr_storage hc_sockaddr_storage
#define msghdr hc_msghdr
#define linger hc_linger
#define iovec hc_iovec
#include "../hc/codes/socket.h"

/* Control data is never sent and never received: a program that looks for it finds none. */
struct cmsghdr {
    size_t cmsg_len;
    int cmsg_level, cmsg_type;
};
#define CMSG_FIRSTHDR(m) ((size_t)(m)->msg_controllen >= sizeof(struct cmsghdr) ? (struct cmsghdr *)(m)->msg_control : (struct cmsghdr *)0)
#endif

#undef socket
#define socket hc_socket
#undef socketpair
#define socketpair hc_socketpair
#undef bind
#define bind hc_bind
#undef listen
#define listen hc_listen
#undef accept
#define accept hc_accept
#undef accept4
#define accept4 hc_accept4
#undef connect
#define connect hc_connect
#undef shutdown
#define shutdown hc_shutdown
#undef send
#define send hc_send_bytes
#undef recv
#define recv hc_recv
#undef sendto
#define sendto hc_sendto
#undef recvfrom
#define recvfrom hc_recvfrom
#undef sendmsg
#define sendmsg hc_sendmsg
#undef recvmsg
#define recvmsg hc_recvmsg
#undef getsockopt
#define getsockopt hc_getsockopt
#undef setsockopt
#define setsockopt hc_setsockopt
#undef getsockname
#define getsockname hc_getsockname
#undef getpeername
#define getpeername hc_getpeername

#endif
