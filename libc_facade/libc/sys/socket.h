/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/socket.h>
 */
#ifndef _HC_LIBC_SYS_SOCKET_H
#define _HC_LIBC_SYS_SOCKET_H

#include <bits/types.h>
#include <features.h>

#include "../../include/hc/codes/socket.h"

typedef unsigned short sa_family_t;
struct sockaddr {
    sa_family_t sa_family;
    char sa_data[14];
};
struct sockaddr_storage {
    sa_family_t ss_family;
    char __ss_padding[118];
    unsigned long __ss_align;
};
struct linger {
    int l_onoff, l_linger;
};
struct msghdr {
    void *msg_name;
    socklen_t msg_namelen;
    struct iovec *msg_iov;
    size_t msg_iovlen;
    void *msg_control;
    size_t msg_controllen;
    int msg_flags;
};

/* Control data is never sent and never received: a program that looks for it finds none. */
struct cmsghdr {
    size_t cmsg_len;
    int cmsg_level, cmsg_type;
};
#define CMSG_FIRSTHDR(m) ((m)->msg_controllen >= sizeof(struct cmsghdr) ? (struct cmsghdr *)(m)->msg_control : (struct cmsghdr *)0)

__HC_BEGIN
int socket(int __domain, int __type, int __protocol);
int socketpair(int __domain, int __type, int __protocol, int __ends[2]);
int bind(int __fd, const struct sockaddr *__address, socklen_t __bytes);
int listen(int __fd, int __backlog);
int accept(int __fd, struct sockaddr *__HC_RESTRICT __address, socklen_t *__HC_RESTRICT __bytes);
int accept4(int __fd, struct sockaddr *__HC_RESTRICT __address, socklen_t *__HC_RESTRICT __bytes, int __flags);
int connect(int __fd, const struct sockaddr *__address, socklen_t __bytes);
int shutdown(int __fd, int __how);
ssize_t send(int __fd, const void *__data, size_t __n, int __flags);
ssize_t recv(int __fd, void *__to, size_t __n, int __flags);
ssize_t sendto(int __fd, const void *__data, size_t __n, int __flags, const struct sockaddr *__address, socklen_t __bytes);
ssize_t recvfrom(int __fd, void *__HC_RESTRICT __to, size_t __n, int __flags, struct sockaddr *__HC_RESTRICT __address, socklen_t *__HC_RESTRICT __bytes);
ssize_t sendmsg(int __fd, const struct msghdr *__message, int __flags);
ssize_t recvmsg(int __fd, struct msghdr *__message, int __flags);
int getsockopt(int __fd, int __level, int __name, void *__HC_RESTRICT __value, socklen_t *__HC_RESTRICT __bytes);
int setsockopt(int __fd, int __level, int __name, const void *__value, socklen_t __bytes);
int getsockname(int __fd, struct sockaddr *__HC_RESTRICT __address, socklen_t *__HC_RESTRICT __bytes);
int getpeername(int __fd, struct sockaddr *__HC_RESTRICT __address, socklen_t *__HC_RESTRICT __bytes);
__HC_END

#endif
