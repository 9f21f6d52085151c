/* SPDX-License-Identifier: Apache-2.0
 *
 * What the socket services share: the policy, addresses, and how a lane waits for a socket. Addresses, options and flags cross the
 * channel as Linux has them on x86-64. Descriptors are those of the file services: a socket is a file that can keep its caller
 * waiting, and its host descriptor never does.
 */
#ifndef HC_NET_H
#define HC_NET_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs.h"
#include "waits.h"
#include <sys/socket.h>

#define HC_NET_RULES 1024u
#define HC_NET_REFUSALS 16u
#define HC_MUST_WAIT INT64_MIN

typedef struct hc_net_rule {
    uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d */
    uint32_t prefix;
    uint16_t from, to; /* ports */
} hc_net_rule;

typedef struct hc_net {
    hc_server *server;
    /* set before the server starts */
    bool enabled, local, names; /* local: AF_UNIX beneath the roots */
    hc_net_rule rules[2][HC_NET_RULES];
    uint32_t nrules[2];
    pthread_mutex_t lock; /* guards what follows */
    hc_net_refusal refusals[HC_NET_REFUSALS];
    uint32_t nrefusals;
} hc_net;

static inline hc_net *hc_net_of(hc_call *c) { return hc_server_part(c->server, HC_PART_NET); }

/* ------------------------------------------------------------------------------------------------- policy (net_policy.c) */
/* Notes that something was refused, for whoever runs the kernel to read; gives -EACCES. address may be NULL. */
int hc_net_refuse(hc_net *net, uint32_t what, const struct sockaddr *address);
/* 0, or why nobody may connect, send or bind there. */
int hc_net_allowed(hc_net *net, uint32_t what, const struct sockaddr *address);

/* ---------------------------------------------------------------------------------------------- addresses (net_address.c) */
typedef struct hc_net_address {
    struct sockaddr_storage at;
    socklen_t bytes;
    int held;         /* descriptor that a path leads through, or -1 */
    hc_parent parent; /* of a path that is to be made */
    bool parented;
} hc_net_address;
/* Takes an address out of a lane's payload and holds it against the policy. what: HC_NET_CONNECT, HC_NET_BIND or HC_NET_SEND. After 0
 * it is to be released. */
int hc_net_address_take(hc_call *c, uint32_t rank, uint64_t from, int64_t bytes, uint32_t what, hc_net_address *out);
void hc_net_address_release(hc_net_address *a);
/* An address as device code is told it. */
void hc_net_name_fill(hc_name_wire *w, const struct sockaddr_storage *at, socklen_t bytes);
/* Where a lane's answer of so many bytes goes: shared memory, or an error. */
int hc_net_room(const hc_call *c, uint32_t rank, uint64_t bytes, uint8_t **room);

/* -------------------------------------------------------------------------------------------- lanes that wait (net_lanes.c) */
typedef struct hc_net_lane hc_net_lane;
struct hc_net_lane {
    hc_waiter waiter;
    hc_wait_link link;
    hc_call *call;
    uint32_t rank;
    hc_file *file;
    int flags;       /* MSG_* of the host */
    bool stream;     /* bytes that do not fit now go later */
    uint64_t done;   /* bytes of a send, or of a receive that waits for all */
    uint64_t bytes;
    uint8_t *data;
    hc_name_wire *name; /* where the other side's address goes, or NULL */
    hc_net_address *address; /* of the other side, or NULL; freed with the lane */
    int64_t now;     /* the answer where nothing may wait, if it is not the kind's */
    bool no_event;   /* nobody tells when it is worth another try: a timer does */
    uint64_t limit_ns, pause_ns;
};
typedef struct hc_net_kind {
    /* Makes a lane ready: 0, or -errno. */
    int (*begin)(hc_net *net, hc_net_lane *l);
    /* Tries without waiting: the answer, or HC_MUST_WAIT. */
    int64_t (*attempt)(hc_net_lane *l);
    uint32_t events;
    int limit;   /* SO_RCVTIMEO or SO_SNDTIMEO */
    int64_t now; /* the answer where nothing may wait, and where the time is over */
} hc_net_kind;
/* Runs a call whose lanes may have to wait for a socket: on a worker, and parked from then on. fd: which argument names it. */
int hc_net_run(hc_call *c, const hc_net_kind *kind, uint32_t fd);

/* Takes the lane's address as hc_net_address_take does; it is released with the lane. */
int hc_net_lane_address(hc_net_lane *l, uint64_t from, int64_t bytes, uint32_t what);
/* The lane's socket with a reference, or NULL and -EBADF, -ENOTSOCK. */
hc_file *hc_net_socket(hc_call *c, int64_t fd, int *error);

/* ---------------------------------------------------------------------------------------------------------- services */
int hc_net_send(hc_call *c);     /* net_transfer.c */
int hc_net_receive(hc_call *c);
int hc_net_sendto(hc_call *c);
int hc_net_recvfrom(hc_call *c);
int hc_net_poll(hc_call *c);     /* net_poll.c */
int hc_net_getsockopt(hc_call *c); /* net_options.c */
int hc_net_setsockopt(hc_call *c);
int hc_net_getaddrinfo(hc_call *c); /* net_names.c */
int hc_net_getnameinfo(hc_call *c);
#endif
