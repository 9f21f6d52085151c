/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and addresses: the host's resolver, on a worker. Where the policy does not let device code ask it, only numbers are turned
 * into addresses and back.
 */
#include "net.h"
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NODE 1025u /* with a NUL */
#define MOST_SERVICE 33u
#define FLAGS (AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_V4MAPPED | AI_ALL | AI_ADDRCONFIG | AI_NUMERICSERV)

static int64_t name_error(int code) {
    if (code == EAI_SYSTEM) return errno ? -errno : -EIO;
    return code < 0 ? -(int64_t)HC_NAME_ERROR + code : -(int64_t)HC_NAME_ERROR - code;
}

/* A text of the payload; bytes < 0: there is none. Gives where the next one begins. */
static int take_text(const hc_call *c, uint32_t rank, uint64_t *at, int64_t bytes, char *out, size_t room, bool *there) {
    *there = bytes >= 0;
    out[0] = 0;
    if (bytes <= 0) return 0;
    if (*at > c->payload_len[rank] || (uint64_t)bytes > c->payload_len[rank] - *at) return -EINVAL;
    if ((uint64_t)bytes >= room) return -ENAMETOOLONG;
    memcpy(out, c->payload[rank] + *at, (size_t)bytes);
    out[bytes] = 0;
    *at += hc_round16((uint64_t)bytes);
    return 0;
}

static int64_t put_list(uint8_t *room, uint64_t n, const struct addrinfo *list) {
    uint64_t used = 0;
    for (const struct addrinfo *a = list; a; a = a->ai_next) {
        size_t name = a->ai_canonname ? strlen(a->ai_canonname) + 1 : 0, all = sizeof(hc_addrinfo_wire) + ((name + 7) & ~(size_t)7);
        hc_addrinfo_wire w = {.flags = a->ai_flags, .family = a->ai_family, .type = a->ai_socktype, .protocol = a->ai_protocol,
                              .bytes = a->ai_addrlen, .name = (uint32_t)name};
        if (a->ai_addrlen > sizeof w.address) continue;
        if (all > n - used) break; /* the best come first */
        memcpy(w.address, a->ai_addr, a->ai_addrlen);
        memset(room + used, 0, all);
        memcpy(room + used, &w, sizeof w);
        if (name) memcpy(room + used + sizeof w, a->ai_canonname, name);
        used += all;
    }
    return used ? (int64_t)used : name_error(EAI_MEMORY);
}

static int64_t addrinfo_lane(hc_net *net, hc_call *c, uint32_t rank) {
    char node[MOST_NODE], service[MOST_SERVICE];
    bool has_node, has_service;
    uint64_t at = 0, first = (uint64_t)c->arg[3][rank], second = (uint64_t)c->arg[4][rank];
    uint8_t *room;
    if (!net->enabled) return hc_net_refuse(net, HC_NET_NAMES, NULL);
    int rc = hc_net_room(c, rank, c->arg[0][rank] > 0 ? (uint64_t)c->arg[0][rank] : 0, &room);
    if (rc < 0) return rc;
    if (take_text(c, rank, &at, c->arg[1][rank], node, sizeof node, &has_node) < 0) return name_error(EAI_NONAME);
    if (take_text(c, rank, &at, c->arg[2][rank], service, sizeof service, &has_service) < 0) return name_error(EAI_SERVICE);
    struct addrinfo hints = {.ai_flags = (int)(uint32_t)first, .ai_family = (int)(uint32_t)(first >> 32),
                             .ai_socktype = (int)(uint32_t)second, .ai_protocol = (int)(uint32_t)(second >> 32)},
                    *list = NULL;
    if (hints.ai_flags & ~FLAGS) return name_error(EAI_BADFLAGS);
    if (!net->names) hints.ai_flags |= AI_NUMERICHOST;
    errno = 0;
    rc = getaddrinfo(has_node ? node : NULL, has_service ? service : NULL, &hints, &list);
    if (rc == EAI_NONAME && !net->names && has_node) (void)hc_net_refuse(net, HC_NET_NAMES, NULL);
    if (rc) return name_error(rc);
    int64_t r = put_list(room, c->payload_len[rank], list);
    freeaddrinfo(list);
    return r;
}

static int64_t nameinfo_lane(hc_net *net, hc_call *c, uint32_t rank) {
    struct sockaddr_storage at = {0};
    char host[NI_MAXHOST] = "", service[NI_MAXSERV] = "";
    int64_t bytes = c->arg[1][rank], flags = c->arg[2][rank];
    uint8_t *room;
    if (!net->enabled) return hc_net_refuse(net, HC_NET_NAMES, NULL);
    int rc = hc_net_room(c, rank, HC_NAME_HOST + HC_NAME_SERVICE, &room);
    if (rc < 0) return rc;
    if (bytes < 0 || bytes > (int64_t)sizeof at) return name_error(EAI_FAMILY);
    if (flags & ~(int64_t)(NI_NUMERICHOST | NI_NUMERICSERV | NI_NOFQDN | NI_NAMEREQD | NI_DGRAM)) return name_error(EAI_BADFLAGS);
    memcpy(&at, room, (size_t)bytes);
    if (!net->names) flags |= NI_NUMERICHOST;
    errno = 0;
    rc = getnameinfo((struct sockaddr *)&at, (socklen_t)bytes, host, sizeof host, service, sizeof service, (int)flags);
    if (rc) return name_error(rc);
    memset(room, 0, HC_NAME_HOST + HC_NAME_SERVICE);
    memcpy(room, host, strnlen(host, sizeof host - 1));
    memcpy(room + HC_NAME_HOST, service, strnlen(service, sizeof service - 1));
    return 0;
}

static int each_lane(hc_call *c, int64_t (*fn)(hc_net *net, hc_call *c, uint32_t rank)) {
    if (!hc_on_worker()) return HC_WORKER;
    for (uint32_t i = 0; i < c->lanes; i++) c->result[i] = fn(hc_net_of(c), c, i);
    return HC_SERVED;
}

int hc_net_getaddrinfo(hc_call *c) { return each_lane(c, addrinfo_lane); }
int hc_net_getnameinfo(hc_call *c) { return each_lane(c, nameinfo_lane); }
