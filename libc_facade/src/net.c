/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/socket.h>, <poll.h>, <sys/select.h>, <arpa/inet.h>, <netdb.h>.
 */
#include "library.h"
#include "hc/inet.h"
#include "hc/names.h"
#include "hc/net.h"
#include "hc/poll.h"

/* -------------------------------------------------------------------------------------------------------------------- sockets */
HC_EXPORT int socket(int domain, int type, int protocol) { return hc_socket(domain, type, protocol); }
HC_EXPORT int socketpair(int domain, int type, int protocol, int *ends) { return hc_socketpair(domain, type, protocol, ends); }
HC_EXPORT int bind(int fd, const hc_sockaddr_t *address, hc_u32 bytes) { return hc_bind(fd, address, bytes); }
HC_EXPORT int listen(int fd, int backlog) { return hc_listen(fd, backlog); }
HC_EXPORT int accept(int fd, hc_sockaddr_t *address, hc_u32 *bytes) { return hc_accept(fd, address, bytes); }
HC_EXPORT int accept4(int fd, hc_sockaddr_t *address, hc_u32 *bytes, int flags) { return hc_accept4(fd, address, bytes, flags); }
HC_EXPORT int connect(int fd, const hc_sockaddr_t *address, hc_u32 bytes) { return hc_connect(fd, address, bytes); }
HC_EXPORT int shutdown(int fd, int how) { return hc_shutdown(fd, how); }
HC_EXPORT int getsockname(int fd, hc_sockaddr_t *address, hc_u32 *bytes) { return hc_getsockname(fd, address, bytes); }
HC_EXPORT int getpeername(int fd, hc_sockaddr_t *address, hc_u32 *bytes) { return hc_getpeername(fd, address, bytes); }
HC_EXPORT int getsockopt(int fd, int level, int name, void *value, hc_u32 *bytes) { return hc_getsockopt(fd, level, name, value, bytes); }
HC_EXPORT int setsockopt(int fd, int level, int name, const void *value, hc_u32 bytes) { return hc_setsockopt(fd, level, name, value, bytes); }

/* ---------------------------------------------------------------------------------------------------------------------- bytes */
HC_EXPORT hc_long send(int fd, const void *p, size_t n, int flags) { return hc_send_bytes(fd, p, n, flags); }
HC_EXPORT hc_long recv(int fd, void *p, size_t n, int flags) { return hc_recv(fd, p, n, flags); }
HC_EXPORT hc_long sendto(int fd, const void *p, size_t n, int flags, const hc_sockaddr_t *address, hc_u32 bytes) {
    return hc_sendto(fd, p, n, flags, address, bytes);
}
HC_EXPORT hc_long recvfrom(int fd, void *p, size_t n, int flags, hc_sockaddr_t *address, hc_u32 *bytes) {
    return hc_recvfrom(fd, p, n, flags, address, bytes);
}
HC_EXPORT hc_long sendmsg(int fd, const hc_msghdr_t *m, int flags) { return hc_sendmsg(fd, m, flags); }
HC_EXPORT hc_long recvmsg(int fd, hc_msghdr_t *m, int flags) { return hc_recvmsg(fd, m, flags); }

/* -------------------------------------------------------------------------------------------------------------------- waiting */
HC_EXPORT int poll(hc_pollfd_t *fds, hc_u64 n, int ms) { return hc_poll_fds(fds, n, ms); }
HC_EXPORT int ppoll(hc_pollfd_t *fds, hc_u64 n, const hc_timespec_t *limit, const hc_poll_mask *mask) { return hc_ppoll(fds, n, limit, mask); }
HC_EXPORT int select(int count, hc_fd_set_t *in, hc_fd_set_t *out, hc_fd_set_t *ex, hc_timeval_t *limit) { return hc_select(count, in, out, ex, limit); }
HC_EXPORT int pselect(int count, hc_fd_set_t *in, hc_fd_set_t *out, hc_fd_set_t *ex, const hc_timespec_t *limit, const hc_poll_mask *mask) {
    return hc_pselect(count, in, out, ex, limit, mask);
}

/* ------------------------------------------------------------------------------------------------------------------ addresses */
HC_EXPORT hc_u16 htons(hc_u16 x) { return hc_htons(x); }
HC_EXPORT hc_u16 ntohs(hc_u16 x) { return hc_ntohs(x); }
HC_EXPORT hc_u32 htonl(hc_u32 x) { return hc_htonl(x); }
HC_EXPORT hc_u32 ntohl(hc_u32 x) { return hc_ntohl(x); }
HC_EXPORT int inet_pton(int family, const char *text, void *to) { return hc_inet_pton(family, text, to); }
HC_EXPORT const char *inet_ntop(int family, const void *from, char *to, hc_u32 room) { return hc_inet_ntop(family, from, to, room); }
HC_EXPORT hc_u32 inet_addr(const char *text) { return hc_inet_addr(text); }
HC_EXPORT int inet_aton(const char *text, hc_in_addr_t *to) { return hc_inet_aton(text, to); }
HC_EXPORT char *inet_ntoa(hc_in_addr_t address) { return hc_inet_ntoa(address); }

/* ---------------------------------------------------------------------------------------------------------------------- names */
HC_EXPORT int getaddrinfo(const char *node, const char *service, const hc_addrinfo_t *hints, hc_addrinfo_t **list) {
    return hc_getaddrinfo(node, service, hints, list);
}
HC_EXPORT void freeaddrinfo(hc_addrinfo_t *list) { hc_freeaddrinfo(list); }
HC_EXPORT const char *gai_strerror(int code) { return hc_gai_strerror(code); }
HC_EXPORT int getnameinfo(const hc_sockaddr_t *address, hc_u32 bytes, char *host, hc_u32 host_room, char *service, hc_u32 service_room, int flags) {
    return hc_getnameinfo(address, bytes, host, host_room, service, service_room, flags);
}
HC_EXPORT hc_hostent_t *gethostbyname(const char *name) { return hc_gethostbyname(name); }
HC_EXPORT int *__h_errno_location(void) { return hc_h_errno_place(); }
