/* SPDX-License-Identifier: Apache-2.0
 *
 * The socket options that device code may read and set; all others answer ENOPROTOOPT. Numbers and layouts are those of Linux on
 * x86-64, which most architectures share; where SOL_SOCKET has numbers of its own they are translated.
 */
#include "net.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/time.h>

#define MOST_BYTES 256u

typedef struct option {
    int wire_level, wire; /* on the channel */
    int level, name;      /* of the host */
    bool sets;
} option;

static const option options[] = {
    {1, 2, SOL_SOCKET, SO_REUSEADDR, true},
    {1, 3, SOL_SOCKET, SO_TYPE, false},
    {1, 4, SOL_SOCKET, SO_ERROR, false},
    {1, 6, SOL_SOCKET, SO_BROADCAST, true},
    {1, 7, SOL_SOCKET, SO_SNDBUF, true},
    {1, 8, SOL_SOCKET, SO_RCVBUF, true},
    {1, 9, SOL_SOCKET, SO_KEEPALIVE, true},
    {1, 10, SOL_SOCKET, SO_OOBINLINE, true},
    {1, 13, SOL_SOCKET, SO_LINGER, true},
    {1, 15, SOL_SOCKET, SO_REUSEPORT, true},
    {1, 18, SOL_SOCKET, SO_RCVLOWAT, true},
    {1, 20, SOL_SOCKET, SO_RCVTIMEO, true},
    {1, 21, SOL_SOCKET, SO_SNDTIMEO, true},
    {1, 30, SOL_SOCKET, SO_ACCEPTCONN, false},
    {1, 38, SOL_SOCKET, SO_PROTOCOL, false},
    {1, 39, SOL_SOCKET, SO_DOMAIN, false},
    {IPPROTO_IP, 1, IPPROTO_IP, IP_TOS, true},
    {IPPROTO_IP, 2, IPPROTO_IP, IP_TTL, true},
    {IPPROTO_IPV6, 16, IPPROTO_IPV6, IPV6_UNICAST_HOPS, true},
    {IPPROTO_IPV6, 26, IPPROTO_IPV6, IPV6_V6ONLY, true},
    {IPPROTO_IPV6, 67, IPPROTO_IPV6, IPV6_TCLASS, true},
    {IPPROTO_TCP, 1, IPPROTO_TCP, TCP_NODELAY, true},
    {IPPROTO_TCP, 2, IPPROTO_TCP, TCP_MAXSEG, true},
    {IPPROTO_TCP, 3, IPPROTO_TCP, TCP_CORK, true},
    {IPPROTO_TCP, 4, IPPROTO_TCP, TCP_KEEPIDLE, true},
    {IPPROTO_TCP, 5, IPPROTO_TCP, TCP_KEEPINTVL, true},
    {IPPROTO_TCP, 6, IPPROTO_TCP, TCP_KEEPCNT, true},
    {IPPROTO_TCP, 7, IPPROTO_TCP, TCP_SYNCNT, true},
    {IPPROTO_TCP, 9, IPPROTO_TCP, TCP_DEFER_ACCEPT, true},
    {IPPROTO_TCP, 11, IPPROTO_TCP, TCP_INFO, false},
    {IPPROTO_TCP, 12, IPPROTO_TCP, TCP_QUICKACK, true},
    {IPPROTO_TCP, 18, IPPROTO_TCP, TCP_USER_TIMEOUT, true},
};

static const option *option_of(int64_t level, int64_t name) {
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].wire_level == level && options[i].wire == name) return &options[i];
    return NULL;
}

static int64_t get_lane(hc_call *c, uint32_t rank, const hc_file *file) {
    const option *o = option_of(c->arg[2][rank], c->arg[3][rank]);
    int64_t n = c->arg[0][rank];
    uint8_t value[MOST_BYTES] = {0}, *room;
    if (!o) return -ENOPROTOOPT;
    if (n < 0) return -EINVAL;
    socklen_t bytes = n < (int64_t)sizeof value ? (socklen_t)n : (socklen_t)sizeof value;
    int rc = n ? hc_net_room(c, rank, bytes, &room) : 0;
    if (rc < 0) return rc;
    if (getsockopt(file->host, o->level, o->name, value, &bytes) < 0) return -errno;
    if (bytes) memcpy(room, value, bytes);
    return bytes;
}

static int64_t set_lane(hc_call *c, uint32_t rank, const hc_file *file) {
    const option *o = option_of(c->arg[2][rank], c->arg[3][rank]);
    int64_t n = c->arg[0][rank];
    uint8_t value[MOST_BYTES] = {0};
    if (!o || !o->sets) return -ENOPROTOOPT;
    if (n < 0 || n > (int64_t)sizeof value || (uint64_t)n > c->payload_len[rank]) return -EINVAL;
    if (n && (!c->payload[rank] || c->kind == HC_PAY_BYREF)) return -EFAULT;
    if (n) memcpy(value, c->payload[rank], (size_t)n);
    if (o->level == SOL_SOCKET && o->name == SO_LINGER) {
        struct linger linger;
        memcpy(&linger, value, sizeof linger);
        /* Closing would then wait, on a thread that others need. */
        if (n >= (int64_t)sizeof linger && linger.l_onoff && linger.l_linger != 0) return -EINVAL;
    }
    return setsockopt(file->host, o->level, o->name, value, (socklen_t)n) < 0 ? -errno : 0;
}

static int each_lane(hc_call *c, int64_t (*fn)(hc_call *c, uint32_t rank, const hc_file *file)) {
    if (!hc_on_worker()) return HC_WORKER;
    for (uint32_t i = 0; i < c->lanes; i++) {
        int rc = 0;
        hc_file *file = hc_net_socket(c, c->arg[1][i], &rc);
        c->result[i] = file ? fn(c, i, file) : rc;
        if (file) hc_file_put(file);
    }
    return HC_SERVED;
}

int hc_net_getsockopt(hc_call *c) { return each_lane(c, get_lane); }
int hc_net_setsockopt(hc_call *c) { return each_lane(c, set_lane); }
