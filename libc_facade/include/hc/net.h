/* SPDX-License-Identifier: Apache-2.0
 *
 * Sockets. Descriptors are those of hc/fs.h: read, write, close, dup and fcntl work on them. A call that waits holds nothing that another
 * lane needs. In OpenCL C an address and its length lie in private or in global memory, both in the same, and messages with vectors
 * are left out.
 */
#ifndef HC_NET_H
#define HC_NET_H
#include "fs.h"
#include "net_types.h"

/* Up to here a payload goes whole or not at all, as a datagram has to; beyond, a crowded arena may make it short. */
#define HC_NET_WHOLE (256u << 10)
#define HC_NET_SHRINK(n) ((n) > HC_NET_WHOLE ? HC_SHRINK : 0u)
/* MSG_TRUNC makes a result longer than its buffer. */
#define HC_NET_GOT(r, room) ((r) < 0 ? (hc_u64)0 : (hc_u64)(r) < (room) ? (hc_u64)(r) : (room))

/* ------------------------------------------------------------------------------------------------------------- words alone */
HC_DEFINE_WORDS_CALL(hc_do_socket, HC_OP_SOCKET, 3)
HC_DEFINE_WORDS_CALL(hc_do_socketpair, HC_OP_SOCKETPAIR, 3)
HC_DEFINE_WORDS_CALL(hc_do_listen, HC_OP_LISTEN, 2)
HC_DEFINE_WORDS_CALL(hc_do_shutdown, HC_OP_SHUTDOWN, 2)

HC_API int hc_socket(int domain, int type, int protocol) { HC_SPLIT((int)hc_posix(hc_do_socket(domain, type, protocol)), ::socket(domain, type, protocol)) }
HC_API int hc_listen(int fd, int backlog) { HC_SPLIT((int)hc_posix(hc_do_listen(fd, backlog, 0)), ::listen(fd, backlog)) }
HC_API int hc_shutdown(int fd, int how) { HC_SPLIT((int)hc_posix(hc_do_shutdown(fd, how, 0)), ::shutdown(fd, how)) }

#define HC_DEFINE_SOCKETPAIR(SPACE, ATTR, BODY)                                                                                          \
    HC_FN ATTR int hc_socket_ends(int domain, int type, int protocol, SPACE int *ends) {                                                 \
        hc_i64 r = hc_posix(ends ? hc_do_socketpair(domain, type, protocol) : -HC_EFAULT);                                               \
        if (r < 0) return -1;                                                                                                            \
        ends[0] = (int)(hc_u32)r;                                                                                                        \
        ends[1] = (int)(hc_u32)((hc_u64)r >> 32);                                                                                        \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_socketpair(int domain, int type, int protocol, SPACE int *ends) {                                                 \
        HC_SPLIT(hc_socket_ends(domain, type, protocol, ends), ::socketpair(domain, type, protocol, ends))                               \
    }
HC_FOR_OUT(HC_DEFINE_SOCKETPAIR)

/* -------------------------------------------------------------------------------------------------------------- addresses */
typedef struct hc_address { /* a copy of the lane's own */
    hc_u64 words[HC_ADDRESS_BYTES / 8u];
} hc_address;

#define HC_DEFINE_ADDRESS_IN(SPACE, ATTR, BODY)                                                                                          \
    /* Its length, or what is wrong with it; the lanes meet again behind it. */                                                          \
    HC_FN ATTR hc_i64 hc_address_in(HC_PRIVATE hc_address *to, SPACE const hc_sockaddr_t *from, hc_u32 bytes) {                          \
        hc_mask here = hc_active_mask();                                                                                                 \
        hc_u32 i;                                                                                                                        \
        if (from && bytes <= HC_ADDRESS_BYTES) {                                                                                         \
            HC_ROLLED for (i = 0; i < HC_ADDRESS_BYTES / 8u; i++) to->words[i] = 0;                                                      \
            HC_ROLLED for (i = 0; i < bytes; i++) ((HC_PRIVATE hc_u8 *)to->words)[i] = ((SPACE const hc_u8 *)from)[i];                   \
        }                                                                                                                                \
        hc_warp_sync(here);                                                                                                              \
        return bytes > HC_ADDRESS_BYTES ? -HC_EINVAL : from ? (hc_i64)bytes : -HC_EFAULT;                                                \
    }
#define HC_DEFINE_ADDRESS_OUT(SPACE, ATTR, BODY)                                                                                         \
    HC_FN ATTR void hc_address_out(HC_PRIVATE const hc_name_wire *w, SPACE hc_sockaddr_t *to, SPACE hc_u32 *bytes) {                     \
        hc_u32 i, room;                                                                                                                  \
        if (!to || !bytes) return;                                                                                                       \
        room = *bytes;                                                                                                                   \
        HC_ROLLED for (i = 0; i < room && i < w->bytes && i < HC_ADDRESS_BYTES; i++) ((SPACE hc_u8 *)to)[i] = w->address[i];             \
        *bytes = w->bytes;                                                                                                               \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_address_room(SPACE hc_sockaddr_t *to, SPACE hc_u32 *bytes) {                                                    \
        if (to && !bytes) return -HC_EFAULT;                                                                                             \
        return to && *bytes > 0x7fffffffu ? -HC_EINVAL : 0;                                                                              \
    }
HC_FOR_IN(HC_DEFINE_ADDRESS_IN)
HC_FOR_OUT(HC_DEFINE_ADDRESS_OUT)

#define HC_ADDRESS_BODY(name, op)                                                                                                        \
    HC_BODY hc_i64 name(HC_PRIVATE const hc_address *a, hc_i64 n, hc_i64 fd) {                                                           \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        if (n < 0) return n;                                                                                                             \
        hc_posix_begin(&t, op, 2, (hc_u64)n, HC_IN);                                                                                     \
        if (!t.err) hc_put(&t, 0, (HC_PRIVATE const void *)a->words, (hc_u64)n);                                                         \
        r = hc_posix_send(&t, n, fd, 0, 0);                                                                                              \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }
HC_ADDRESS_BODY(hc_do_bind, HC_OP_BIND)
HC_ADDRESS_BODY(hc_do_connect, HC_OP_CONNECT)

HC_BODY hc_i64 hc_do_accept(hc_i64 fd, hc_i64 flags, int named, HC_PRIVATE hc_name_wire *w) {
    hc_txn t;
    hc_i64 r;
    hc_u64 n = named ? sizeof(hc_name_wire) : 0u;
    hc_posix_begin(&t, HC_OP_ACCEPT, 3, n, HC_OUT);
    r = hc_posix_send(&t, (hc_i64)n, fd, flags, 0);
    if (!t.err) hc_get(&t, 0, (HC_PRIVATE void *)w, r < 0 ? 0 : n);
    hc_posix_end(&t);
    return r;
}
HC_BODY hc_i64 hc_do_sockname(hc_i64 fd, hc_i64 peer, HC_PRIVATE hc_name_wire *w) {
    hc_txn t;
    hc_i64 r;
    hc_posix_begin(&t, HC_OP_SOCKNAME, 3, sizeof(hc_name_wire), HC_OUT);
    r = hc_posix_send(&t, (hc_i64)sizeof(hc_name_wire), fd, peer, 0);
    if (!t.err) hc_get(&t, 0, (HC_PRIVATE void *)w, r < 0 ? 0 : sizeof(hc_name_wire));
    hc_posix_end(&t);
    return r;
}

#define HC_DEFINE_CONNECT(SPACE, ATTR, BODY)                                                                                             \
    HC_FN ATTR int hc_bind_any(int fd, SPACE const hc_sockaddr_t *address, hc_u32 bytes) {                                               \
        hc_address a;                                                                                                                    \
        hc_i64 length = hc_address_in(&a, address, bytes);                                                                               \
        return (int)hc_posix(hc_do_bind(&a, length, fd));                                                                                \
    }                                                                                                                                    \
    HC_FN ATTR int hc_connect_any(int fd, SPACE const hc_sockaddr_t *address, hc_u32 bytes) {                                            \
        hc_address a;                                                                                                                    \
        hc_i64 length = hc_address_in(&a, address, bytes);                                                                               \
        return (int)hc_posix(hc_do_connect(&a, length, fd));                                                                             \
    }                                                                                                                                    \
    HC_API ATTR int hc_bind(int fd, SPACE const hc_sockaddr_t *address, hc_u32 bytes) {                                                  \
        HC_SPLIT(hc_bind_any(fd, address, bytes), ::bind(fd, address, bytes))                                                            \
    }                                                                                                                                    \
    HC_API ATTR int hc_connect(int fd, SPACE const hc_sockaddr_t *address, hc_u32 bytes) {                                               \
        HC_SPLIT(hc_connect_any(fd, address, bytes), ::connect(fd, address, bytes))                                                      \
    }
HC_FOR_IN(HC_DEFINE_CONNECT)

#define HC_DEFINE_ACCEPT(SPACE, ATTR, BODY)                                                                                              \
    HC_FN ATTR int hc_accept_any(int fd, SPACE hc_sockaddr_t *address, SPACE hc_u32 *bytes, int flags) {                                 \
        hc_name_wire w;                                                                                                                  \
        hc_i64 r = hc_address_room(address, bytes);                                                                                      \
        r = hc_posix(r < 0 ? r : hc_do_accept(fd, flags, address != 0, &w));                                                             \
        if (r >= 0) hc_address_out(&w, address, bytes);                                                                                  \
        return (int)r;                                                                                                                   \
    }                                                                                                                                    \
    HC_FN ATTR int hc_sockname_any(int fd, SPACE hc_sockaddr_t *address, SPACE hc_u32 *bytes, int peer) {                                \
        hc_name_wire w;                                                                                                                  \
        hc_i64 r = address && bytes ? hc_address_room(address, bytes) : -HC_EFAULT;                                                      \
        r = hc_posix(r < 0 ? r : hc_do_sockname(fd, peer, &w));                                                                          \
        if (r >= 0) hc_address_out(&w, address, bytes);                                                                                  \
        return r < 0 ? -1 : 0;                                                                                                           \
    }                                                                                                                                    \
    HC_API ATTR int hc_accept4(int fd, SPACE hc_sockaddr_t *address, SPACE hc_u32 *bytes, int flags) {                                   \
        HC_SPLIT(hc_accept_any(fd, address, bytes, flags), ::accept4(fd, address, bytes, flags))                                         \
    }                                                                                                                                    \
    HC_API ATTR int hc_accept(int fd, SPACE hc_sockaddr_t *address, SPACE hc_u32 *bytes) {                                               \
        HC_SPLIT(hc_accept_any(fd, address, bytes, 0), ::accept(fd, address, bytes))                                                     \
    }                                                                                                                                    \
    HC_API ATTR int hc_getsockname(int fd, SPACE hc_sockaddr_t *address, SPACE hc_u32 *bytes) {                                          \
        HC_SPLIT(hc_sockname_any(fd, address, bytes, 0), ::getsockname(fd, address, bytes))                                              \
    }                                                                                                                                    \
    HC_API ATTR int hc_getpeername(int fd, SPACE hc_sockaddr_t *address, SPACE hc_u32 *bytes) {                                          \
        HC_SPLIT(hc_sockname_any(fd, address, bytes, 1), ::getpeername(fd, address, bytes))                                              \
    }
HC_FOR_OUT(HC_DEFINE_ACCEPT)
#if defined(HC_OPENCL)
/* NULL is a pointer to void. */
HC_FN HC_OVERLOAD int hc_accept4(int fd, __private void *null, __private void *none, int flags) {
    (void)null, (void)none;
    return hc_accept_any(fd, (__private hc_sockaddr_t *)0, (__private hc_u32 *)0, flags);
}
HC_FN HC_OVERLOAD int hc_accept(int fd, __private void *null, __private void *none) { return hc_accept4(fd, null, none, 0); }
#endif

/* ------------------------------------------------------------------------------------------------------------ send and recv */
HC_REF_BODY(hc_send_ref, HC_OP_SEND, 4, (void)0)
HC_REF_BODY(hc_recv_ref, HC_OP_RECV, 4, hc_fence_from_host())

#define HC_DEFINE_SEND(SPACE, ATTR, BODY, CHOOSE)                                                                                        \
    BODY ATTR hc_i64 hc_send_staged(SPACE const void *p, hc_u64 n, hc_i64 fd, hc_i64 flags) {                                            \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_posix_begin(&t, HC_OP_SEND, 4, n, HC_IN | HC_NET_SHRINK(n));                                                                  \
        if (!t.err) hc_put(&t, 0, p, t.bytes);                                                                                           \
        r = hc_posix_send(&t, (hc_i64)t.bytes, 0, fd, flags);                                                                            \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    /* The address, then the data at the next multiple of 16: both are padded by what the private copy holds. */                         \
    BODY ATTR hc_i64 hc_do_sendto(SPACE const void *p, hc_u64 n, hc_i64 fd, hc_i64 flags, HC_PRIVATE const hc_address *a, hc_i64 bytes) { \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_u64 first = hc_round16((hc_u64)bytes);                                                                                        \
        if (bytes < 0) return bytes;                                                                                                     \
        hc_posix_begin(&t, HC_OP_SENDTO, 4, first + n, HC_IN | HC_NET_SHRINK(n));                                                        \
        if (!t.err) {                                                                                                                    \
            hc_put(&t, 0, (HC_PRIVATE const void *)a->words, first);                                                                     \
            hc_put(&t, first, p, t.bytes - first);                                                                                       \
        }                                                                                                                                \
        r = hc_posix_send(&t, (hc_i64)t.bytes, fd, flags, bytes);                                                                        \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_send_any(int fd, SPACE const void *p, hc_u64 n, int flags) {                                                    \
        hc_i64 wrong = hc_check_buffer(p != 0, n);                                                                                       \
        if (wrong) return wrong;                                                                                                         \
        return CHOOSE(hc_send_staged, hc_send_ref, p, n, fd, flags);                                                                     \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_send_bytes(int fd, SPACE const void *p, size_t n, int flags) {                                                \
        HC_SPLIT((hc_long)hc_posix(hc_send_any(fd, p, n, flags)), ::send(fd, p, n, flags))                                               \
    }
#define HC_DEFINE_SENDTO(SPACE, ADDRESS, ATTR)                                                                                           \
    HC_FN ATTR hc_i64 hc_sendto_any(int fd, SPACE const void *p, hc_u64 n, int flags, ADDRESS const hc_sockaddr_t *address, hc_u32 bytes) { \
        hc_address a;                                                                                                                    \
        hc_i64 length, wrong = hc_check_buffer(p != 0, n);                                                                               \
        if (wrong) return wrong;                                                                                                         \
        if (!address) return hc_send_any(fd, p, n, flags);                                                                               \
        length = hc_address_in(&a, address, bytes);                                                                                      \
        return hc_do_sendto(p, n, fd, flags, &a, length);                                                                                \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_sendto(int fd, SPACE const void *p, size_t n, int flags, ADDRESS const hc_sockaddr_t *address, hc_u32 bytes) { \
        HC_SPLIT((hc_long)hc_posix(hc_sendto_any(fd, p, n, flags, address, bytes)), ::sendto(fd, p, n, flags, address, bytes))           \
    }

#define HC_DEFINE_RECV(SPACE, ATTR, BODY, CHOOSE)                                                                                        \
    BODY ATTR hc_i64 hc_recv_staged(SPACE void *p, hc_u64 n, hc_i64 fd, hc_i64 flags) {                                                  \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_posix_begin(&t, HC_OP_RECV, 4, n, HC_OUT | HC_NET_SHRINK(n));                                                                 \
        r = hc_posix_send(&t, (hc_i64)t.bytes, 0, fd, flags);                                                                            \
        if (!t.err) hc_get(&t, 0, p, HC_NET_GOT(r, t.bytes));                                                                            \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    BODY ATTR hc_i64 hc_do_recvfrom(SPACE void *p, hc_u64 n, hc_i64 fd, hc_i64 flags, HC_PRIVATE hc_name_wire *w) {                      \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_posix_begin(&t, HC_OP_RECVFROM, 3, n + sizeof(hc_name_wire), HC_OUT | HC_NET_SHRINK(n));                                      \
        r = hc_posix_send(&t, (hc_i64)t.bytes, fd, flags, 0);                                                                            \
        if (!t.err) {                                                                                                                    \
            hc_get(&t, 0, (HC_PRIVATE void *)w, r < 0 ? 0 : sizeof(hc_name_wire));                                                       \
            hc_get(&t, sizeof(hc_name_wire), p, HC_NET_GOT(r, t.bytes - sizeof(hc_name_wire)));                                          \
        }                                                                                                                                \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_recv_any(int fd, SPACE void *p, hc_u64 n, int flags) {                                                          \
        hc_i64 wrong = hc_check_buffer(p != 0, n);                                                                                       \
        if (wrong) return wrong;                                                                                                         \
        return CHOOSE(hc_recv_staged, hc_recv_ref, p, n, fd, flags);                                                                     \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_recv(int fd, SPACE void *p, size_t n, int flags) {                                                            \
        HC_SPLIT((hc_long)hc_posix(hc_recv_any(fd, p, n, flags)), ::recv(fd, p, n, flags))                                               \
    }
#define HC_DEFINE_RECVFROM(SPACE, ADDRESS, ATTR)                                                                                         \
    HC_FN ATTR hc_i64 hc_recvfrom_any(int fd, SPACE void *p, hc_u64 n, int flags, ADDRESS hc_sockaddr_t *address, ADDRESS hc_u32 *bytes) { \
        hc_name_wire w;                                                                                                                  \
        hc_i64 r = hc_check_buffer(p != 0, n);                                                                                           \
        if (!r) r = hc_address_room(address, bytes);                                                                                     \
        if (r) return r;                                                                                                                 \
        if (!address) return hc_recv_any(fd, p, n, flags);                                                                               \
        r = hc_do_recvfrom(p, n, fd, flags, &w);                                                                                         \
        if (r >= 0) hc_address_out(&w, address, bytes);                                                                                  \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_recvfrom(int fd, SPACE void *p, size_t n, int flags, ADDRESS hc_sockaddr_t *address, ADDRESS hc_u32 *bytes) { \
        HC_SPLIT((hc_long)hc_posix(hc_recvfrom_any(fd, p, n, flags, address, bytes)), ::recvfrom(fd, p, n, flags, address, bytes))       \
    }

#if defined(HC_OPENCL)
HC_DEFINE_SEND(__private, HC_OVERLOAD, HC_BODY, HC_CHOOSE_STAGED)
HC_DEFINE_SEND(__global, HC_OVERLOAD, HC_BODY, HC_CHOOSE_SHARED)
HC_DEFINE_SEND(__constant, HC_OVERLOAD, HC_BODY, HC_CHOOSE_STAGED)
HC_DEFINE_SEND(__local, HC_OVERLOAD, HC_LOCAL_BODY, HC_CHOOSE_STAGED)
HC_DEFINE_RECV(__private, HC_OVERLOAD, HC_BODY, HC_CHOOSE_STAGED)
HC_DEFINE_RECV(__global, HC_OVERLOAD, HC_BODY, HC_CHOOSE_SHARED)
HC_DEFINE_RECV(__local, HC_OVERLOAD, HC_LOCAL_BODY, HC_CHOOSE_STAGED)
#define HC_DEFINE_SENDTOS(SPACE, ATTR, BODY) HC_DEFINE_SENDTO(SPACE, __private, ATTR) HC_DEFINE_SENDTO(SPACE, __global, ATTR)
#define HC_DEFINE_RECVFROMS(SPACE, ATTR, BODY) HC_DEFINE_RECVFROM(SPACE, __private, ATTR) HC_DEFINE_RECVFROM(SPACE, __global, ATTR)
HC_FOR_IN(HC_DEFINE_SENDTOS)
HC_FOR_OUT(HC_DEFINE_RECVFROMS)
#define HC_DEFINE_SENDTO_NOBODY(SPACE, ATTR, BODY)                                                                                       \
    HC_FN ATTR hc_long hc_sendto(int fd, SPACE const void *p, size_t n, int flags, __private void *null, hc_u32 bytes) {                 \
        (void)null, (void)bytes;                                                                                                         \
        return hc_send_bytes(fd, p, n, flags);                                                                                           \
    }
#define HC_DEFINE_RECVFROM_NOBODY(SPACE, ATTR, BODY)                                                                                     \
    HC_FN ATTR hc_long hc_recvfrom(int fd, SPACE void *p, size_t n, int flags, __private void *null, __private void *none) {             \
        (void)null, (void)none;                                                                                                          \
        return hc_recv(fd, p, n, flags);                                                                                                 \
    }
HC_FOR_IN(HC_DEFINE_SENDTO_NOBODY)
HC_FOR_OUT(HC_DEFINE_RECVFROM_NOBODY)
#else
HC_DEFINE_SEND(, , HC_BODY, HC_CHOOSE_SHARED)
HC_DEFINE_RECV(, , HC_BODY, HC_CHOOSE_SHARED)
HC_DEFINE_SENDTO(, , )
HC_DEFINE_RECVFROM(, , )
#endif

/* --------------------------------------------------------------------------------------------------------------- messages
 * The pieces travel as one payload, so that a message is one on the host. Control data is refused where it is sent, and there is
 * none where a message is received. */
#if !defined(HC_OPENCL)
HC_BODY hc_i64 hc_do_sendmsg(hc_i64 fd, const hc_msghdr_t *m, hc_i64 flags, const hc_address *a, hc_i64 bytes, hc_i64 n) {
    hc_txn t;
    hc_i64 r;
    hc_u64 first = hc_round16((hc_u64)bytes);
    hc_posix_begin(&t, HC_OP_SENDTO, 4, first + (hc_u64)n, HC_IN | HC_NET_SHRINK(n));
    if (!t.err) {
        hc_payload_writer w;
        size_t i;
        hc_u64 k;
        hc_payload_begin(&w, &t);
        HC_ROLLED for (k = 0; k < first; k++) hc_payload_byte(&w, ((const hc_u8 *)a->words)[k]);
        HC_ROLLED for (i = 0; i < m->msg_iovlen && w.off < t.bytes; i++) {
            const hc_u8 *p = (const hc_u8 *)m->msg_iov[i].iov_base;
            HC_ROLLED for (k = 0; k < m->msg_iov[i].iov_len && w.off < t.bytes; k++) hc_payload_byte(&w, p[k]);
        }
        hc_payload_end(&w);
        hc_warp_sync(t.mask);
    }
    r = hc_posix_send(&t, (hc_i64)t.bytes, fd, flags, bytes);
    hc_posix_end(&t);
    return r;
}
HC_BODY hc_i64 hc_do_recvmsg(hc_i64 fd, hc_msghdr_t *m, hc_i64 flags, hc_i64 n, hc_name_wire *w) {
    hc_txn t;
    hc_i64 r;
    hc_posix_begin(&t, HC_OP_RECVFROM, 3, (hc_u64)n + sizeof(hc_name_wire), HC_OUT | HC_NET_SHRINK(n));
    r = hc_posix_send(&t, (hc_i64)t.bytes, fd, flags, 0);
    if (!t.err) {
        hc_u64 got = HC_NET_GOT(r, t.bytes - sizeof(hc_name_wire)), word = 0, at = 0, k;
        size_t i;
        hc_get(&t, 0, w, r < 0 ? 0 : sizeof(hc_name_wire));
        HC_ROLLED for (i = 0; i < m->msg_iovlen && at < got; i++) {
            hc_u8 *p = (hc_u8 *)m->msg_iov[i].iov_base;
            HC_ROLLED for (k = 0; k < m->msg_iov[i].iov_len && at < got; k++, at++, word >>= 8) {
                if ((at & 7u) == 0) word = hc_arena_load(hc_part_at(&t) + sizeof(hc_name_wire) + at);
                p[k] = (hc_u8)word;
            }
        }
    }
    hc_posix_end(&t);
    return r;
}
HC_FN hc_i64 hc_message_bytes(const hc_msghdr_t *m) {
    hc_mask here = hc_active_mask();
    hc_i64 n = !m ? -HC_EFAULT : m->msg_iovlen > HC_IOV_MAX ? -HC_EMSGSIZE : hc_iovec_bytes(m->msg_iov, (int)m->msg_iovlen);
    hc_warp_sync(here);
    return n;
}
HC_FN hc_i64 hc_sendmsg_any(int fd, const hc_msghdr_t *m, int flags) {
    hc_address a;
    hc_i64 n = hc_message_bytes(m), bytes = 0;
    if (n < 0) return n;
    if (m->msg_controllen) return -HC_EOPNOTSUPP;
    if (m->msg_name) bytes = hc_address_in(&a, (const hc_sockaddr_t *)m->msg_name, m->msg_namelen);
    return bytes < 0 ? bytes : hc_do_sendmsg(fd, m, flags, &a, bytes, n);
}
HC_FN hc_i64 hc_recvmsg_any(int fd, hc_msghdr_t *m, int flags) {
    hc_name_wire w;
    hc_i64 n = hc_message_bytes(m), r;
    hc_u32 room;
    if (n < 0) return n;
    r = hc_do_recvmsg(fd, m, flags, n, &w);
    if (r < 0) return r;
    room = m->msg_namelen;
    hc_address_out(&w, (hc_sockaddr_t *)m->msg_name, &room);
    if (m->msg_name) m->msg_namelen = room;
    m->msg_controllen = 0;
    m->msg_flags = (int)w.flags;
    return r;
}
HC_API hc_long hc_sendmsg(int fd, const hc_msghdr_t *m, int flags) { HC_SPLIT((hc_long)hc_posix(hc_sendmsg_any(fd, m, flags)), ::sendmsg(fd, m, flags)) }
HC_API hc_long hc_recvmsg(int fd, hc_msghdr_t *m, int flags) { HC_SPLIT((hc_long)hc_posix(hc_recvmsg_any(fd, m, flags)), ::recvmsg(fd, m, flags)) }
#endif

/* ---------------------------------------------------------------------------------------------------------------- options */
#define HC_DEFINE_SETSOCKOPT(SPACE, ATTR, BODY)                                                                                          \
    BODY ATTR hc_i64 hc_do_setsockopt(int fd, int level, int name, SPACE const void *value, hc_u32 bytes) {                              \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        if (bytes > 4096u) return -HC_EINVAL;                                                                                            \
        if (bytes && !value) return -HC_EFAULT;                                                                                          \
        hc_posix_begin(&t, HC_OP_SETSOCKOPT, 4, bytes, HC_IN);                                                                           \
        if (!t.err) hc_put(&t, 0, value, bytes);                                                                                         \
        r = hc_posix_send(&t, (hc_i64)bytes, fd, level, name);                                                                           \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_setsockopt(int fd, int level, int name, SPACE const void *value, hc_u32 bytes) {                                  \
        HC_SPLIT((int)hc_posix(hc_do_setsockopt(fd, level, name, value, bytes)), ::setsockopt(fd, level, name, value, bytes))            \
    }
#define HC_DEFINE_GETSOCKOPT(SPACE, ATTR, BODY)                                                                                          \
    BODY ATTR hc_i64 hc_do_getsockopt(int fd, int level, int name, SPACE void *value, SPACE hc_u32 *bytes) {                             \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_u32 n;                                                                                                                        \
        if (!bytes || (*bytes && !value)) return -HC_EFAULT;                                                                             \
        if (*bytes > 0x7fffffffu) return -HC_EINVAL;                                                                                     \
        n = *bytes < 4096u ? *bytes : 4096u;                                                                                             \
        hc_posix_begin(&t, HC_OP_GETSOCKOPT, 4, n, HC_OUT);                                                                              \
        r = hc_posix_send(&t, (hc_i64)n, fd, level, name);                                                                               \
        if (!t.err) hc_get(&t, 0, value, HC_NET_GOT(r, (hc_u64)n));                                                                      \
        hc_posix_end(&t);                                                                                                                \
        if (r < 0) return r;                                                                                                             \
        *bytes = (hc_u32)r;                                                                                                              \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_getsockopt(int fd, int level, int name, SPACE void *value, SPACE hc_u32 *bytes) {                                 \
        HC_SPLIT((int)hc_posix(hc_do_getsockopt(fd, level, name, value, bytes)), ::getsockopt(fd, level, name, value, bytes))            \
    }
HC_FOR_IN(HC_DEFINE_SETSOCKOPT)
HC_FOR_OUT(HC_DEFINE_GETSOCKOPT)

#endif
