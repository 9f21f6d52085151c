/* SPDX-License-Identifier: Apache-2.0
 *
 * What device code may reach: rules of addresses and ports, held against every address that is connected to, sent to or bound.
 * What was refused is kept for the owner of the runtime, each thing once.
 */
#include "net.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool matches(const hc_net_rule *rule, const uint8_t address[16], uint16_t port) {
    uint32_t whole = rule->prefix / 8, rest = rule->prefix % 8;
    if (port < rule->from || port > rule->to) return false;
    if (memcmp(rule->address, address, whole)) return false;
    return rest == 0 || ((rule->address[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

/* An IPv4 address and the IPv6 address that stands for it are one; the wildcard address matches only rules that contain it. */
static bool unfold(const struct sockaddr *a, uint8_t address[16], uint16_t *port) {
    if (a->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, a, sizeof in);
        memcpy(address, mapped, sizeof mapped);
        memcpy(address + sizeof mapped, &in.sin_addr, 4);
        *port = ntohs(in.sin_port);
        return true;
    }
    if (a->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, a, sizeof in);
        memcpy(address, &in.sin6_addr, 16);
        *port = ntohs(in.sin6_port);
        return true;
    }
    return false;
}

static void name_of(const struct sockaddr *a, char *out, size_t bytes) {
    char text[INET6_ADDRSTRLEN] = "?";
    uint8_t address[16];
    uint16_t port = 0;
    out[0] = 0;
    if (!a) return;
    if (a->sa_family == AF_UNIX) {
        const char *path = ((const struct sockaddr_un *)(const void *)a)->sun_path;
        snprintf(out, bytes, "%s%.90s", path[0] ? "" : "@", path[0] ? path : path + 1);
    } else if (unfold(a, address, &port)) {
        if (a->sa_family == AF_INET) inet_ntop(AF_INET, address + sizeof mapped, text, sizeof text);
        else inet_ntop(AF_INET6, address, text, sizeof text);
        snprintf(out, bytes, a->sa_family == AF_INET ? "%s:%u" : "[%s]:%u", text, port);
    }
}

int hc_net_refuse(hc_net *net, uint32_t what, const struct sockaddr *address) {
    hc_net_refusal found = {.what = what};
    name_of(address, found.name, sizeof found.name);
    pthread_mutex_lock(&net->lock);
    uint32_t i = 0;
    while (i < net->nrefusals && (net->refusals[i].what != what || strcmp(net->refusals[i].name, found.name))) i++;
    if (i == net->nrefusals && i < HC_NET_REFUSALS) net->refusals[net->nrefusals++] = found;
    if (i == HC_NET_REFUSALS) i--; /* whatever it was: it is counted */
    net->refusals[i].count++;
    pthread_mutex_unlock(&net->lock);
    return -EACCES;
}

int hc_net_allowed(hc_net *net, uint32_t what, const struct sockaddr *a) {
    uint32_t side = what == HC_NET_BIND ? 1 : 0;
    uint8_t address[16];
    uint16_t port;
    if (a->sa_family == AF_UNIX) return net->enabled && net->local ? 0 : hc_net_refuse(net, what, a);
    if (!unfold(a, address, &port)) return -EAFNOSUPPORT;
    for (uint32_t i = 0; net->enabled && i < net->nrules[side]; i++)
        if (matches(&net->rules[side][i], address, port)) return 0;
    return hc_net_refuse(net, what, a);
}

/* ------------------------------------------------------------------------------------------------------- for the runtime */
int hc_net_policy(hc_server *s, int enabled, int local, int names) {
    hc_net *net = hc_server_part(s, HC_PART_NET);
    net->enabled = enabled != 0;
    net->local = local != 0;
    net->names = names != 0;
    return 0;
}

int hc_net_allow(hc_server *s, int bind, const uint8_t *address, uint32_t prefix, uint32_t from, uint32_t to) {
    hc_net *net = hc_server_part(s, HC_PART_NET);
    uint32_t side = bind ? 1 : 0;
    if (prefix > 128 || from > to || to > UINT16_MAX) return -EINVAL;
    if (net->nrules[side] == HC_NET_RULES) return -ENOSPC;
    hc_net_rule *rule = &net->rules[side][net->nrules[side]++];
    memcpy(rule->address, address, 16);
    rule->prefix = prefix;
    rule->from = (uint16_t)from;
    rule->to = (uint16_t)to;
    return 0;
}

int hc_net_refusal_get(hc_server *s, uint32_t index, hc_net_refusal *out) {
    hc_net *net = hc_server_part(s, HC_PART_NET);
    pthread_mutex_lock(&net->lock);
    bool there = index < net->nrefusals;
    if (there) *out = net->refusals[index];
    pthread_mutex_unlock(&net->lock);
    return there;
}
