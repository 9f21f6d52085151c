/* SPDX-License-Identifier: Apache-2.0
 *
 * The socket services: making, naming and connecting sockets. Bytes are moved in net_transfer.c. Everything runs on a worker and
 * never waits there.
 */
#include "net.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Numbers of the channel; the host's own are the same but for SOCK_NONBLOCK on other architectures. */
#define WIRE_SOCK_NONBLOCK 04000u
#define WIRE_SOCK_CLOEXEC 02000000u
#define WIRE_SOCK_TYPE 0xfu

typedef int64_t (*lane_fn)(hc_net *net, hc_call *c, uint32_t rank);

static int each_lane(hc_call *c, lane_fn fn) {
    if (!hc_on_worker()) return HC_WORKER;
    hc_net *net = hc_net_of(c);
    for (uint32_t i = 0; i < c->lanes; i++) c->result[i] = c->kind == HC_PAY_BYREF ? -EINVAL : fn(net, c, i);
    return HC_SERVED;
}

static hc_file *file_of(int fd, bool nonblock) {
    hc_file *file = hc_file_new(HC_FILE_WAITS, fd);
    if (!file) return NULL;
    file->reads = true;
    file->writes = true;
    file->socket = true;
    file->host_nonblock = true;
    file->nonblock = nonblock;
    return file;
}

/* --------------------------------------------------------------------------------------------------------- new sockets */
static int check_kind(hc_net *net, int64_t domain, int64_t type, int64_t protocol) {
    uint64_t flags = (uint64_t)type & ~(uint64_t)WIRE_SOCK_TYPE;
    uint32_t kind = (uint32_t)type & WIRE_SOCK_TYPE;
    if (flags & ~(uint64_t)(WIRE_SOCK_NONBLOCK | WIRE_SOCK_CLOEXEC)) return -EINVAL;
    if (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX) return -EAFNOSUPPORT;
    if (kind == SOCK_RAW || kind == SOCK_PACKET) return hc_net_refuse(net, HC_NET_KIND, NULL);
    if (domain == AF_UNIX) {
        if (kind != SOCK_STREAM && kind != SOCK_DGRAM && kind != SOCK_SEQPACKET) return -ESOCKTNOSUPPORT;
        return protocol == 0 || protocol == AF_UNIX ? 0 : -EPROTONOSUPPORT;
    }
    if (kind != SOCK_STREAM && kind != SOCK_DGRAM) return -ESOCKTNOSUPPORT;
    return protocol == 0 || protocol == (kind == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP) ? 0 : -EPROTONOSUPPORT;
}

static int64_t socket_lane(hc_net *net, hc_call *c, uint32_t rank) {
    int64_t domain = c->arg[0][rank], type = c->arg[1][rank], protocol = c->arg[2][rank];
    if (!net->enabled) return hc_net_refuse(net, HC_NET_SOCKET, NULL);
    int rc = check_kind(net, domain, type, protocol);
    if (rc < 0) return rc;
    if (domain == AF_UNIX && !net->local) {
        const struct sockaddr any = {.sa_family = AF_UNIX};
        return hc_net_refuse(net, HC_NET_SOCKET, &any);
    }
    hc_descriptors *d = &hc_fs_of(c)->descriptors;
    int number = hc_descriptor_reserve(d, 0);
    if (number < 0) return number;
    int host = socket((int)domain, (int)((uint32_t)type & WIRE_SOCK_TYPE) | SOCK_NONBLOCK | SOCK_CLOEXEC, (int)protocol);
    hc_file *file = NULL;
    if (host < 0 || (host = hc_fd_above_stdio(host)) < 0) rc = -errno;
    else if (!(file = file_of(host, (uint32_t)type & WIRE_SOCK_NONBLOCK))) {
        rc = -ENOMEM;
        close(host);
    } else {
        file->cloexec = (uint32_t)type & WIRE_SOCK_CLOEXEC;
    }
    if (file) hc_descriptor_install(d, number, file);
    else hc_descriptor_cancel(d, number);
    return file ? number : rc;
}

/* A pair reaches nobody else, like a pipe: it needs no permission. */
static int64_t socketpair_lane(hc_net *net, hc_call *c, uint32_t rank) {
    int64_t domain = c->arg[0][rank], type = c->arg[1][rank];
    int rc = check_kind(net, domain, type, c->arg[2][rank]), ends[2] = {-1, -1};
    if (rc < 0) return rc;
    if (domain != AF_UNIX) return -EOPNOTSUPP;
    hc_descriptors *d = &hc_fs_of(c)->descriptors;
    int one = hc_descriptor_reserve(d, 0), other = one < 0 ? one : hc_descriptor_reserve(d, 0);
    if (other < 0) {
        if (one >= 0) hc_descriptor_cancel(d, one);
        return other;
    }
    bool nonblock = (uint32_t)type & WIRE_SOCK_NONBLOCK;
    hc_file *files[2] = {NULL, NULL};
    if (socketpair(AF_UNIX, (int)((uint32_t)type & WIRE_SOCK_TYPE) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0) rc = -errno;
    for (int i = 0; i < 2 && rc == 0; i++) {
        if ((ends[i] = hc_fd_above_stdio(ends[i])) < 0) rc = -errno;
        else if (!(files[i] = file_of(ends[i], nonblock))) rc = -ENOMEM;
        else files[i]->cloexec = (uint32_t)type & WIRE_SOCK_CLOEXEC;
    }
    if (rc == 0) {
        hc_descriptor_install(d, one, files[0]);
        hc_descriptor_install(d, other, files[1]);
        return (int64_t)one | (int64_t)other << 32;
    }
    for (int i = 0; i < 2; i++) {
        if (files[i]) hc_file_put(files[i]);
        else if (ends[i] >= 0) close(ends[i]);
    }
    hc_descriptor_cancel(d, one);
    hc_descriptor_cancel(d, other);
    return rc;
}

/* ---------------------------------------------------------------------------------------------------- names of sockets */
static int64_t bind_lane(hc_net *net, hc_call *c, uint32_t rank) {
    hc_net_address a;
    int rc = 0;
    (void)net;
    hc_file *file = hc_net_socket(c, c->arg[1][rank], &rc);
    if (!file) return rc;
    rc = hc_net_address_take(c, rank, 0, c->arg[0][rank], HC_NET_BIND, &a);
    if (rc == 0) {
        rc = bind(file->host, (struct sockaddr *)&a.at, a.bytes) < 0 ? -errno : 0;
        hc_net_address_release(&a);
    }
    hc_file_put(file);
    return rc;
}

/* A socket without a name would be given one that the rules have not seen. */
static int named(hc_net *net, const hc_file *file) {
    struct sockaddr_storage at = {0};
    socklen_t bytes = sizeof at;
    if (getsockname(file->host, (struct sockaddr *)&at, &bytes) < 0) return -errno;
    if (at.ss_family == AF_INET && ((struct sockaddr_in *)&at)->sin_port) return 0;
    if (at.ss_family == AF_INET6 && ((struct sockaddr_in6 *)&at)->sin6_port) return 0;
    return at.ss_family == AF_UNIX ? 0 : hc_net_allowed(net, HC_NET_BIND, (struct sockaddr *)&at);
}

static int64_t listen_lane(hc_net *net, hc_call *c, uint32_t rank) {
    int rc = 0;
    hc_file *file = hc_net_socket(c, c->arg[0][rank], &rc);
    if (!file) return rc;
    int64_t backlog = c->arg[1][rank];
    rc = named(net, file);
    if (rc == 0) rc = listen(file->host, backlog < 0 ? 0 : backlog > INT32_MAX ? INT32_MAX : (int)backlog) < 0 ? -errno : 0;
    hc_file_put(file);
    return rc;
}

static int64_t shutdown_lane(hc_net *net, hc_call *c, uint32_t rank) {
    int rc = 0;
    (void)net;
    hc_file *file = hc_net_socket(c, c->arg[0][rank], &rc);
    if (!file) return rc;
    int64_t how = c->arg[1][rank];
    rc = how < SHUT_RD || how > SHUT_RDWR ? -EINVAL : shutdown(file->host, (int)how) < 0 ? -errno : 0;
    hc_file_put(file);
    return rc;
}

static int64_t sockname_lane(hc_net *net, hc_call *c, uint32_t rank) {
    struct sockaddr_storage at = {0};
    socklen_t bytes = sizeof at;
    uint8_t *room;
    int rc = 0;
    (void)net;
    hc_file *file = hc_net_socket(c, c->arg[1][rank], &rc);
    if (!file) return rc;
    if ((rc = hc_net_room(c, rank, sizeof(hc_name_wire), &room)) == 0)
        rc = (c->arg[2][rank] ? getpeername : getsockname)(file->host, (struct sockaddr *)&at, &bytes) < 0 ? -errno : 0;
    if (rc == 0) {
        hc_name_wire w = {0};
        hc_net_name_fill(&w, &at, bytes);
        memcpy(room, &w, sizeof w);
    }
    hc_file_put(file);
    return rc;
}

static int net_socket(hc_call *c) { return each_lane(c, socket_lane); }
static int net_socketpair(hc_call *c) { return each_lane(c, socketpair_lane); }
static int net_bind(hc_call *c) { return each_lane(c, bind_lane); }
static int net_listen(hc_call *c) { return each_lane(c, listen_lane); }
static int net_shutdown(hc_call *c) { return each_lane(c, shutdown_lane); }
static int net_sockname(hc_call *c) { return each_lane(c, sockname_lane); }

/* --------------------------------------------------------------------------------------------------- accept and connect */
static int accept_begin(hc_net *net, hc_net_lane *l) {
    hc_call *c = l->call;
    int64_t flags = c->arg[2][l->rank];
    uint8_t *room = NULL;
    (void)net;
    if (flags & ~(int64_t)(WIRE_SOCK_NONBLOCK | WIRE_SOCK_CLOEXEC)) return -EINVAL;
    if (!l->file->host_nonblock) return -EOPNOTSUPP; /* the process's own: its flags are not ours to change */
    if (c->arg[0][l->rank] == 0) return 0;
    int rc = hc_net_room(c, l->rank, sizeof(hc_name_wire), &room);
    l->name = (hc_name_wire *)(void *)room;
    return rc;
}

static int64_t accept_attempt(hc_net_lane *l) {
    hc_descriptors *d = &hc_fs_of(l->call)->descriptors;
    struct sockaddr_storage at = {0};
    socklen_t bytes = sizeof at;
    int host, rc, number = hc_descriptor_reserve(d, 0); /* first: no connection is taken that could not be handed over */
    if (number < 0) return number;
    do host = accept4(l->file->host, (struct sockaddr *)&at, &bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (host < 0 && errno == EINTR);
    rc = host < 0 || (host = hc_fd_above_stdio(host)) < 0 ? -errno : 0;
    hc_file *file = rc == 0 ? file_of(host, l->call->arg[2][l->rank] & WIRE_SOCK_NONBLOCK) : NULL;
    if (!file) {
        if (rc == 0) close(host);
        hc_descriptor_cancel(d, number);
        return rc == -EAGAIN ? HC_MUST_WAIT : rc == 0 ? -ENOMEM : rc;
    }
    if (l->name) {
        hc_name_wire w = {0};
        hc_net_name_fill(&w, &at, bytes);
        memcpy(l->name, &w, sizeof w);
    }
    file->cloexec = l->call->arg[2][l->rank] & WIRE_SOCK_CLOEXEC;
    hc_descriptor_install(d, number, file);
    return number;
}

static int net_accept(hc_call *c) {
    static const hc_net_kind kind = {accept_begin, accept_attempt, EPOLLIN, SO_RCVTIMEO, -EAGAIN};
    return hc_net_run(c, &kind, 1);
}

static int connect_begin(hc_net *net, hc_net_lane *l) {
    (void)net;
    if (!l->file->host_nonblock) return -EOPNOTSUPP;
    return hc_net_lane_address(l, 0, l->call->arg[0][l->rank], HC_NET_CONNECT);
}

/* Asking again is how Linux tells the outcome of a connection that was under way. */
static int64_t connect_attempt(hc_net_lane *l) {
    bool again = l->now != 0;
    if (connect(l->file->host, (struct sockaddr *)&l->address->at, l->address->bytes) == 0) return 0;
    int error = errno;
    if (again && error == EISCONN) return 0;
    bool later = error == EINPROGRESS || error == EALREADY || error == EINTR;
    l->no_event = error == EAGAIN && l->address->at.ss_family == AF_UNIX; /* its queue is full, and nobody says when it is not */
    if (!later && !l->no_event) return -error;
    if (!again) l->now = -error;
    return HC_MUST_WAIT;
}

static int net_connect(hc_call *c) {
    static const hc_net_kind kind = {connect_begin, connect_attempt, EPOLLOUT, SO_SNDTIMEO, -EINPROGRESS};
    return hc_net_run(c, &kind, 1);
}

/* --------------------------------------------------------------------------------------------------------- the family */
static const struct hc_family_op net_ops[] = {
    {HC_OP_SOCKET, net_socket, "socket", 3},
    {HC_OP_SOCKETPAIR, net_socketpair, "socketpair", 3},
    {HC_OP_BIND, net_bind, "bind", 2},
    {HC_OP_LISTEN, net_listen, "listen", 2},
    {HC_OP_ACCEPT, net_accept, "accept", 3},
    {HC_OP_CONNECT, net_connect, "connect", 2},
    {HC_OP_SHUTDOWN, net_shutdown, "shutdown", 2},
    {HC_OP_SEND, hc_net_send, "send", 4},
    {HC_OP_RECV, hc_net_receive, "recv", 4},
    {HC_OP_SENDTO, hc_net_sendto, "sendto", 4},
    {HC_OP_RECVFROM, hc_net_recvfrom, "recvfrom", 3},
    {HC_OP_SOCKNAME, net_sockname, "sockname", 3},
    {HC_OP_GETSOCKOPT, hc_net_getsockopt, "getsockopt", 4},
    {HC_OP_SETSOCKOPT, hc_net_setsockopt, "setsockopt", 4},
    {HC_OP_POLL, hc_net_poll, "poll", 2},
    {HC_OP_GETADDRINFO, hc_net_getaddrinfo, "getaddrinfo", 5},
    {HC_OP_GETNAMEINFO, hc_net_getnameinfo, "getnameinfo", 3},
};

static void *net_create(hc_server *s) {
    hc_net *net = calloc(1, sizeof *net);
    if (!net) return NULL;
    net->server = s;
    pthread_mutex_init(&net->lock, NULL);
    return net;
}

static void net_destroy(hc_server *s, void *part) {
    hc_net *net = part;
    (void)s;
    pthread_mutex_destroy(&net->lock);
    free(net);
}

const hc_family hc_family_net = {
    .name = "net",
    .part = HC_PART_NET,
    .create = net_create,
    .destroy = net_destroy,
    .ops = net_ops,
    .nops = sizeof net_ops / sizeof *net_ops,
};
