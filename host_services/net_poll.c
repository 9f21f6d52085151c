/* SPDX-License-Identifier: Apache-2.0
 *
 * poll: any descriptors, also those that are no sockets. A lane that has to wait is parked with all of its files and its time limit;
 * it is woken by whichever comes first and looks again.
 */
#include "net.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define ASKED (POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND | POLLRDHUP)
#define WRITES (POLLOUT | POLLWRNORM | POLLWRBAND)
_Static_assert(POLLIN == EPOLLIN && POLLPRI == EPOLLPRI && POLLOUT == EPOLLOUT && POLLRDHUP == EPOLLRDHUP && POLLRDNORM == EPOLLRDNORM &&
                   POLLWRNORM == EPOLLWRNORM && POLLRDBAND == EPOLLRDBAND && POLLWRBAND == EPOLLWRBAND,
               "one set of numbers for both");
_Static_assert(sizeof(struct pollfd) == 8, "as it crosses the channel");

typedef struct lane {
    hc_waiter waiter;
    hc_call *call;
    uint32_t rank, count;
    struct pollfd *asked; /* descriptors of the device */
    struct pollfd *host;  /* and what they stand for; revents is the lane's answer */
    hc_file **files;
    hc_wait_link *links;
} lane;

typedef struct lanes {
    atomic_uint left;
    lane *lane[HC_MAX_LANES];
} lanes;

static void lane_free(lane *l) {
    for (uint32_t i = 0; i < l->count; i++)
        if (l->files[i]) hc_file_put(l->files[i]);
    free(l);
}

static lane *lane_new(hc_call *c, uint32_t rank, uint32_t count) {
    size_t each = 2 * sizeof(struct pollfd) + sizeof(hc_file *) + sizeof(hc_wait_link);
    lane *l = calloc(1, sizeof *l + count * each);
    if (!l) return NULL;
    l->call = c;
    l->rank = rank;
    l->count = count;
    l->links = (hc_wait_link *)(l + 1);
    l->files = (hc_file **)(l->links + count);
    l->asked = (struct pollfd *)(l->files + count);
    l->host = l->asked + count;
    if (count) memcpy(l->asked, c->payload[rank], count * sizeof *l->asked);
    hc_descriptors *d = &hc_fs_of(c)->descriptors;
    for (uint32_t i = 0; i < count; i++) {
        l->files[i] = l->asked[i].fd < 0 ? NULL : hc_descriptor_get(d, l->asked[i].fd);
        l->host[i].fd = l->files[i] ? l->files[i]->host : -1;
        l->host[i].events = l->asked[i].events & ASKED;
    }
    return l;
}

/* How many are ready now; host[i].revents says what each is ready for. */
static int64_t look(lane *l) {
    int64_t ready = 0;
    if (l->count && poll(l->host, l->count, 0) < 0 && errno != EINTR) return -errno;
    for (uint32_t i = 0; i < l->count; i++) {
        const hc_file *file = l->files[i];
        short *revents = &l->host[i].revents;
        if (l->asked[i].fd < 0) *revents = 0;
        else if (!file || atomic_load(&file->closed)) *revents = POLLNVAL;
        else if (file->kind == HC_FILE_SINK) *revents = l->host[i].events & WRITES; /* output never has to wait */
        ready += *revents != 0;
    }
    return ready;
}

static int64_t answer(lane *l, int64_t result) {
    struct pollfd *to = (struct pollfd *)(void *)l->call->payload[l->rank];
    for (uint32_t i = 0; result >= 0 && i < l->count; i++) to[i].revents = l->host[i].revents;
    return result;
}

static void finish(lane *l, int64_t result) {
    hc_call *c = l->call;
    lanes *p = c->scratch;
    hc_call_finish_rank(c, l->rank, answer(l, result));
    lane_free(l);
    if (atomic_fetch_sub(&p->left, 1) == 1) hc_call_finish(c);
}

static bool wake(hc_waiter *w, hc_wake why) {
    lane *l = (lane *)((char *)w - offsetof(lane, waiter));
    int64_t r = why == HC_WAKE_STOPPED ? -ESHUTDOWN : look(l);
    if (r == 0 && why == HC_WAKE_READY) return false;
    finish(l, r);
    return true;
}

/* Links for the files that can become ready later. */
static void prepare(lane *l, int64_t timeout_ns) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->count; i++)
        if (l->files[i] && l->files[i]->kind == HC_FILE_WAITS)
            l->links[n++] = (hc_wait_link){.file = l->files[i], .events = (uint32_t)(uint16_t)l->host[i].events};
    l->waiter = (hc_waiter){.fn = wake, .looks = true, .nlinks = n, .links = l->links};
    if (timeout_ns >= 0 && timeout_ns < INT64_MAX / 2) l->waiter.deadline_ns = hc_now_ns() + (uint64_t)timeout_ns;
}

static int64_t check(hc_call *c, uint32_t rank) {
    int64_t bytes = c->arg[0][rank];
    if (bytes < 0 || bytes % (int64_t)sizeof(struct pollfd)) return -EINVAL;
    if (bytes / (int64_t)sizeof(struct pollfd) > hc_fs_of(c)->descriptors.quota) return -EINVAL;
    if (bytes && (c->kind != HC_PAY_STAGED || !c->payload[rank])) return -EFAULT;
    return (uint64_t)bytes > c->payload_len[rank] ? -EINVAL : 0;
}

int hc_net_poll(hc_call *c) {
    if (!hc_on_worker()) return HC_WORKER;
    uint32_t waiting = 0;
    lanes *p = calloc(1, sizeof *p);
    c->scratch = p;
    for (uint32_t i = 0; i < c->lanes; i++) {
        lane *l = NULL;
        int64_t r = p ? check(c, i) : -ENOMEM;
        if (r == 0 && !(l = lane_new(c, i, (uint32_t)((uint64_t)c->arg[0][i] / sizeof(struct pollfd))))) r = -ENOMEM;
        if (r == 0) r = look(l);
        if (l && r == 0 && c->arg[1][i] != 0) {
            prepare(l, c->arg[1][i]);
            p->lane[i] = l;
            waiting |= 1u << i;
            c->result[i] = 0;
            continue;
        }
        c->result[i] = l ? answer(l, r) : r;
        if (l) lane_free(l);
    }
    int rc = waiting ? hc_call_park(c, waiting) : 0;
    if (!waiting || rc < 0) {
        for (uint32_t i = 0; i < c->lanes; i++)
            if (waiting >> i & 1) {
                c->result[i] = rc;
                lane_free(p->lane[i]);
            }
        c->scratch = NULL;
        free(p);
        return HC_SERVED;
    }
    const uint32_t count = c->lanes;
    atomic_init(&p->left, (uint32_t)__builtin_popcount(waiting) + 1);
    for (uint32_t i = 0; i < count; i++) {
        if (!(waiting >> i & 1)) continue;
        rc = hc_waits_add(hc_fs_of(c)->waits, &p->lane[i]->waiter);
        if (rc == -EBADF) finish(p->lane[i], look(p->lane[i])); /* closed a moment ago */
        else if (rc < 0) finish(p->lane[i], rc);
    }
    if (atomic_fetch_sub(&p->left, 1) == 1) hc_call_finish(c);
    return HC_TAKEN;
}
