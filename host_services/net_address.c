/* SPDX-License-Identifier: Apache-2.0
 *
 * Socket addresses between device code and the host. A path of AF_UNIX is resolved beneath the roots before the kernel sees it, which
 * then gets a name that goes through the descriptor that was found: nothing can be exchanged between the two.
 */
#include "net.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define THROUGH "/proc/self/fd/"
#define PATH_AT offsetof(struct sockaddr_un, sun_path)

int hc_net_room(const hc_call *c, uint32_t rank, uint64_t bytes, uint8_t **room) {
    *room = c->payload[rank];
    return c->kind != HC_PAY_STAGED || !*room ? -EFAULT : c->payload_len[rank] < bytes ? -EINVAL : 0;
}

static int take_path(hc_call *c, hc_net_address *out, const char *path, uint32_t what) {
    hc_fs *fs = hc_fs_of(c);
    hc_start start = {.fd = -1};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int n;
    if (what == HC_NET_BIND) {
        int rc = hc_paths_parent(&fs->paths, start, path, &out->parent);
        if (rc < 0) return rc;
        out->parented = true;
        if (out->parent.dots) return -EADDRINUSE;
        n = snprintf(un.sun_path, sizeof un.sun_path, THROUGH "%d/%s", out->parent.fd, out->parent.last);
    } else {
        out->held = hc_paths_open(&fs->paths, start, path, O_PATH, 0, true, NULL);
        if (out->held < 0) return out->held;
        n = snprintf(un.sun_path, sizeof un.sun_path, THROUGH "%d", out->held);
    }
    if (n >= (int)sizeof un.sun_path) return -ENAMETOOLONG;
    memcpy(&out->at, &un, sizeof un);
    out->bytes = (socklen_t)(PATH_AT + (size_t)n + 1);
    return 0;
}

int hc_net_address_take(hc_call *c, uint32_t rank, uint64_t from, int64_t bytes, uint32_t what, hc_net_address *out) {
    hc_net *net = hc_net_of(c);
    uint8_t raw[sizeof out->at] = {0};
    sa_family_t family;
    memset(out, 0, sizeof *out);
    out->held = -1;
    if (bytes < (int64_t)sizeof family || bytes > (int64_t)sizeof raw) return -EINVAL;
    if (from > c->payload_len[rank] || (uint64_t)bytes > c->payload_len[rank] - from) return -EINVAL;
    if (!c->payload[rank] || c->kind == HC_PAY_BYREF) return -EFAULT;
    memcpy(raw, c->payload[rank] + from, (size_t)bytes); /* once: lanes may still write there */
    memcpy(&family, raw, sizeof family);
    if (family == AF_UNSPEC && what == HC_NET_CONNECT) { /* a datagram socket forgets its peer */
        out->bytes = sizeof(struct sockaddr_in);
        return 0;
    }
    if (family == AF_INET) out->bytes = sizeof(struct sockaddr_in);
    else if (family == AF_INET6) out->bytes = sizeof(struct sockaddr_in6);
    else if (family != AF_UNIX) return -EAFNOSUPPORT;
    if (bytes < (int64_t)out->bytes) return -EINVAL;
    memcpy(&out->at, raw, sizeof raw);
    int rc;
    if (family != AF_UNIX) return hc_net_allowed(net, what, (struct sockaddr *)&out->at);
    char path[sizeof raw];
    size_t n = (size_t)bytes - PATH_AT;
    if (n == 0 || bytes > (int64_t)sizeof(struct sockaddr_un)) return -EINVAL;
    /* Names without a path are the whole machine's: no root contains them. */
    if (!raw[PATH_AT]) return hc_net_refuse(net, what, (struct sockaddr *)&out->at);
    if ((rc = hc_net_allowed(net, what, (struct sockaddr *)&out->at)) < 0) return rc;
    memcpy(path, raw + PATH_AT, n);
    path[n] = 0;
    rc = take_path(c, out, path, what);
    if (rc < 0) hc_net_address_release(out);
    return rc;
}

void hc_net_address_release(hc_net_address *a) {
    if (a->held >= 0) close(a->held);
    if (a->parented) hc_paths_parent_release(&a->parent);
    a->held = -1;
    a->parented = false;
}

void hc_net_name_fill(hc_name_wire *w, const struct sockaddr_storage *at, socklen_t bytes) {
    hc_name_wire name = {.bytes = bytes};
    if (bytes > sizeof name.address) bytes = sizeof name.address;
    memcpy(name.address, at, bytes);
    if (at->ss_family == AF_UNIX && bytes > PATH_AT) {
        /* The way through a descriptor means nothing to anybody else: what is left is the name in its directory. */
        struct sockaddr_un un = {.sun_family = AF_UNIX};
        char *path = un.sun_path;
        memcpy(&un, at, bytes < sizeof un ? bytes : sizeof un);
        size_t prefix = strlen(THROUGH), n = strnlen(path, sizeof un.sun_path);
        const char *slash = n > prefix && !memcmp(path, THROUGH, prefix) ? memchr(path + prefix, '/', n - prefix) : NULL;
        if (slash) {
            size_t rest = n - (size_t)(slash + 1 - path);
            memset(name.address + PATH_AT, 0, sizeof name.address - PATH_AT);
            memcpy(name.address + PATH_AT, slash + 1, rest);
            name.bytes = (uint32_t)(PATH_AT + rest + 1);
        }
    }
    w->bytes = name.bytes;
    memcpy(w->address, name.address, sizeof name.address);
}
