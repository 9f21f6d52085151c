/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses, messages and what else the socket calls take, laid out as Linux does on x86-64. Under nvcc these are the host's own types.
 */
#ifndef HC_NET_TYPES_H
#define HC_NET_TYPES_H
#include "posix.h"

#define HC_AF_UNIX 1
#define HC_AF_INET 2
#define HC_AF_INET6 10
#define HC_ADDRESS_BYTES 128u /* struct sockaddr_storage */
#define HC_ENOSPC 28
#define HC_EAFNOSUPPORT 97
#define HC_EOPNOTSUPP 95

#if defined(HC_NVCC)
typedef struct sockaddr hc_sockaddr_t;
typedef struct pollfd hc_pollfd_t;
typedef fd_set hc_fd_set_t;
typedef struct msghdr hc_msghdr_t;
typedef struct addrinfo hc_addrinfo_t;
typedef struct in_addr hc_in_addr_t;
typedef struct in6_addr hc_in6_addr_t;
typedef struct hostent hc_hostent_t;
#define HC_FD_WORDS(set) __FDS_BITS(set)
#else
typedef hc_u16 sa_family_t;
typedef hc_u16 in_port_t;
typedef hc_u32 in_addr_t;
typedef hc_u32 socklen_t;
typedef hc_u64 nfds_t;
typedef struct hc_sockaddr {
    hc_u16 sa_family;
    char sa_data[14];
} hc_sockaddr_t;
struct hc_sockaddr_storage {
    hc_u16 ss_family;
    char ss_padding[118];
    hc_u64 ss_align;
};
typedef struct hc_in_addr {
    hc_u32 s_addr;
} hc_in_addr_t;
typedef struct hc_in6_addr {
    union {
        hc_u8 hc_bytes[16];
        hc_u16 hc_halves[8];
        hc_u32 hc_words[4];
    } hc_in6;
} hc_in6_addr_t;
struct hc_sockaddr_in {
    hc_u16 sin_family;
    hc_u16 sin_port;
    struct hc_in_addr sin_addr;
    hc_u8 sin_zero[8];
};
struct hc_sockaddr_in6 {
    hc_u16 sin6_family;
    hc_u16 sin6_port;
    hc_u32 sin6_flowinfo;
    struct hc_in6_addr sin6_addr;
    hc_u32 sin6_scope_id;
};
struct hc_sockaddr_un {
    hc_u16 sun_family;
    char sun_path[108];
};
struct hc_linger {
    int l_onoff, l_linger;
};
typedef struct hc_msghdr {
    HC_GLOBAL void *msg_name;
    hc_u32 msg_namelen, msg_padding;
    HC_GLOBAL hc_iovec_t *msg_iov;
    size_t msg_iovlen;
    HC_GLOBAL void *msg_control;
    size_t msg_controllen;
    int msg_flags;
} hc_msghdr_t;
typedef struct hc_pollfd {
    int fd;
    short events, revents;
} hc_pollfd_t;
typedef struct hc_fd_set {
    hc_u64 fds_bits[16];
} hc_fd_set_t;
typedef struct hc_addrinfo {
    int ai_flags, ai_family, ai_socktype, ai_protocol;
    hc_u32 ai_addrlen;
    HC_GLOBAL hc_sockaddr_t *ai_addr;
    HC_GLOBAL char *ai_canonname;
    HC_GLOBAL struct hc_addrinfo *ai_next;
} hc_addrinfo_t;
#if !defined(HC_OPENCL)
typedef struct hc_hostent {
    char *h_name;
    char **h_aliases;
    int h_addrtype, h_length;
    char **h_addr_list;
} hc_hostent_t;
#endif
#define HC_FD_WORDS(set) ((set)->fds_bits)
#endif
HC_STATIC_ASSERT(sizeof(hc_sockaddr_t) == 16 && sizeof(hc_pollfd_t) == 8 && sizeof(hc_fd_set_t) == 128, hc_net_layouts);
#if !defined(HC_OPENCL)
HC_STATIC_ASSERT(sizeof(hc_msghdr_t) == 56 && sizeof(hc_addrinfo_t) == 48, hc_message_layouts);
#endif

#endif
