/* SPDX-License-Identifier: Apache-2.0
 *
 * send, recv and what is made of them. Bytes go between the lanes' memory and the socket directly; where that memory is unmapped the
 * lane gets EFAULT. No signal is raised where nobody reads any more: every send is one with MSG_NOSIGNAL.
 */
#include "net.h"
#include "pieces.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>

/* Flags that device code may use; they have the same numbers on every architecture of Linux. */
#define SEND_FLAGS (MSG_OOB | MSG_DONTROUTE | MSG_DONTWAIT | MSG_EOR | MSG_NOSIGNAL | MSG_MORE | MSG_CONFIRM)
#define RECV_FLAGS (MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT | MSG_WAITALL | MSG_CMSG_CLOEXEC | MSG_NOSIGNAL)

/* What send and recv have in common. rest: bytes of the payload before the data. */
static int take(hc_net_lane *l, int64_t n, uint64_t rest, int64_t flags, int allowed, bool out) {
    const hc_call *c = l->call;
    uint32_t r = l->rank;
    int type = 0;
    socklen_t bytes = sizeof type;
    if (n < 0 || (uint64_t)n > c->payload_len[r] || rest > c->payload_len[r] - (uint64_t)n) return -EINVAL;
    if (flags & ~(int64_t)allowed) return -EOPNOTSUPP;
    if (n > 0 && (!c->payload[r] || (out && c->kind != HC_PAY_STAGED && c->kind != HC_PAY_BYREF))) return -EFAULT;
    if (getsockopt(l->file->host, SOL_SOCKET, SO_TYPE, &type, &bytes) < 0) return -errno;
    l->stream = type == SOCK_STREAM;
    l->data = n ? c->payload[r] + rest : (uint8_t *)l; /* where there is nothing to move, any address will do */
    l->bytes = (uint64_t)n < HC_MOST_BYTES ? (uint64_t)n : HC_MOST_BYTES;
    l->flags = (int)flags;
    return 0;
}

/* -------------------------------------------------------------------------------------------------------------- send */
static int64_t send_attempt(hc_net_lane *l) {
    const struct sockaddr *to = l->address ? (const struct sockaddr *)&l->address->at : NULL;
    for (;;) {
        ssize_t r = sendto(l->file->host, l->data + l->done, l->bytes - l->done, l->flags | MSG_DONTWAIT | MSG_NOSIGNAL, to,
                           to ? l->address->bytes : 0);
        if (r >= 0) {
            l->done += (uint64_t)r;
            /* A stream takes what fits; who may wait goes on until all is in. */
            if (!l->stream || l->done == l->bytes || r == 0) return (int64_t)l->done;
        } else if (errno == EAGAIN) {
            /* A socket that is connected to nobody is always ready to send, also while the other's queue is full. */
            l->no_event = to && to->sa_family == AF_UNIX;
            return HC_MUST_WAIT;
        } else if (errno != EINTR) {
            return l->done ? (int64_t)l->done : -errno;
        }
    }
}

static int send_begin(hc_net *net, hc_net_lane *l) {
    (void)net;
    return take(l, l->call->arg[0][l->rank], 0, l->call->arg[3][l->rank], SEND_FLAGS, false);
}

static int sendto_begin(hc_net *net, hc_net_lane *l) {
    hc_call *c = l->call;
    int64_t total = c->arg[0][l->rank], name = c->arg[3][l->rank];
    (void)net;
    if (c->kind == HC_PAY_BYREF) return -EINVAL;
    if (name < 0 || name > (int64_t)sizeof(struct sockaddr_storage) || (int64_t)hc_round16((uint64_t)name) > total) return -EINVAL;
    uint64_t rest = hc_round16((uint64_t)name);
    int rc = take(l, total - (int64_t)rest, rest, c->arg[2][l->rank], SEND_FLAGS, false);
    return rc < 0 || name == 0 ? rc : hc_net_lane_address(l, 0, name, HC_NET_SEND);
}

int hc_net_send(hc_call *c) {
    static const hc_net_kind kind = {send_begin, send_attempt, EPOLLOUT, SO_SNDTIMEO, -EAGAIN};
    return hc_net_run(c, &kind, 2);
}

int hc_net_sendto(hc_call *c) {
    static const hc_net_kind kind = {sendto_begin, send_attempt, EPOLLOUT, SO_SNDTIMEO, -EAGAIN};
    return hc_net_run(c, &kind, 1);
}

/* -------------------------------------------------------------------------------------------------------------- recv */
static int64_t recv_attempt(hc_net_lane *l) {
    bool all = l->stream && (l->flags & MSG_WAITALL) && !(l->flags & MSG_PEEK);
    for (;;) {
        struct sockaddr_storage at = {0};
        struct iovec part = {l->data + l->done, l->bytes - l->done};
        struct msghdr m = {.msg_name = &at, .msg_namelen = sizeof at, .msg_iov = &part, .msg_iovlen = 1};
        ssize_t r = recvmsg(l->file->host, &m, (l->flags & ~MSG_WAITALL & ~MSG_NOSIGNAL) | MSG_DONTWAIT);
        if (r < 0 && errno == EINTR) continue;
        if (r < 0 && errno == EAGAIN) return HC_MUST_WAIT;
        if (r < 0) return l->done ? (int64_t)l->done : -errno;
        if (l->name) {
            hc_name_wire w = {.flags = (uint32_t)m.msg_flags & (MSG_TRUNC | MSG_OOB | MSG_EOR), .full = (uint64_t)r};
            hc_net_name_fill(&w, &at, m.msg_namelen);
            memcpy(l->name, &w, sizeof w);
        }
        l->done += (uint64_t)r;
        if (!all || r == 0 || l->done >= l->bytes) return (int64_t)l->done;
    }
}

static int recv_begin(hc_net *net, hc_net_lane *l) {
    (void)net;
    return take(l, l->call->arg[0][l->rank], 0, l->call->arg[3][l->rank], RECV_FLAGS, true);
}

static int recvfrom_begin(hc_net *net, hc_net_lane *l) {
    hc_call *c = l->call;
    uint8_t *room;
    (void)net;
    int rc = hc_net_room(c, l->rank, sizeof(hc_name_wire), &room);
    if (rc < 0) return rc;
    int64_t n = c->arg[0][l->rank] - (int64_t)sizeof(hc_name_wire);
    if ((rc = take(l, n, sizeof(hc_name_wire), c->arg[2][l->rank], RECV_FLAGS, true)) < 0) return rc;
    l->name = (hc_name_wire *)(void *)room;
    return 0;
}

int hc_net_receive(hc_call *c) {
    static const hc_net_kind kind = {recv_begin, recv_attempt, EPOLLIN, SO_RCVTIMEO, -EAGAIN};
    return hc_net_run(c, &kind, 2);
}

int hc_net_recvfrom(hc_call *c) {
    static const hc_net_kind kind = {recvfrom_begin, recv_attempt, EPOLLIN, SO_RCVTIMEO, -EAGAIN};
    return hc_net_run(c, &kind, 1);
}
