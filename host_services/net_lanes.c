/* SPDX-License-Identifier: Apache-2.0
 *
 * How lanes wait for sockets: each is tried without waiting, on a worker; those that got nothing are parked, and tried again on the
 * event thread when their socket is ready, until it answers, their time is over, or the socket is closed. No slot, no worker and no
 * poller is held meanwhile.
 */
#include "net.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

typedef struct lanes {
    const hc_net_kind *kind;
    atomic_uint left; /* lanes that wait, and one more while they are being set up */
    hc_net_lane lane[];
} lanes;

#define PAUSE_FIRST_NS 1000000u
#define PAUSE_MOST_NS  50000000u

hc_file *hc_net_socket(hc_call *c, int64_t fd, int *error) {
    hc_file *file = hc_descriptor_get(&hc_fs_of(c)->descriptors, fd);
    if (!file) {
        *error = -EBADF;
    } else if (!file->socket || file->host < 0) {
        hc_file_put(file);
        file = NULL;
        *error = -ENOTSOCK;
    }
    return file;
}

static void one_less(hc_call *c, lanes *p) {
    if (atomic_fetch_sub(&p->left, 1) == 1) hc_call_finish(c);
}

int hc_net_lane_address(hc_net_lane *l, uint64_t from, int64_t bytes, uint32_t what) {
    hc_net_address *a = malloc(sizeof *a);
    if (!a) return -ENOMEM;
    int rc = hc_net_address_take(l->call, l->rank, from, bytes, what, a);
    if (rc == 0) l->address = a;
    else free(a);
    return rc;
}

static void let_go(hc_net_lane *l) {
    if (l->address) hc_net_address_release(l->address);
    free(l->address);
    l->address = NULL;
    if (l->file) hc_file_put(l->file);
    l->file = NULL;
}

static void finish(hc_net_lane *l, int64_t result) {
    hc_call *c = l->call;
    if (result < 0 && l->done) result = (int64_t)l->done;
    let_go(l);
    hc_call_finish_rank(c, l->rank, result);
    one_less(c, c->scratch);
}

static int64_t answer_now(const hc_net_lane *l) {
    const hc_net_kind *kind = ((lanes *)l->call->scratch)->kind;
    return l->now ? l->now : kind->now;
}

static bool wake(hc_waiter *w, hc_wake why);

/* 0, or -errno: the lane does not wait. */
static int wait_for(hc_net_lane *l) {
    const hc_net_kind *kind = ((lanes *)l->call->scratch)->kind;
    l->link = (hc_wait_link){.file = l->file, .events = kind->events};
    l->waiter = (hc_waiter){.fn = wake, .nlinks = 1, .links = &l->link, .deadline_ns = l->limit_ns};
    if (l->no_event) {
        uint64_t at = hc_now_ns() + l->pause_ns;
        if (l->pause_ns < PAUSE_MOST_NS) l->pause_ns *= 2;
        l->waiter.nlinks = 0;
        l->waiter.deadline_ns = l->limit_ns && l->limit_ns < at ? l->limit_ns : at;
    }
    return hc_waits_add(hc_fs_of(l->call)->waits, &l->waiter);
}

static bool wake(hc_waiter *w, hc_wake why) {
    hc_net_lane *l = (hc_net_lane *)((char *)w - offsetof(hc_net_lane, waiter));
    const hc_net_kind *kind = ((lanes *)l->call->scratch)->kind;
    int64_t r = HC_MUST_WAIT;
    bool again = l->no_event && why == HC_WAKE_TIME && !(l->limit_ns && hc_now_ns() >= l->limit_ns);
    if (again && atomic_load(&l->file->closed)) why = HC_WAKE_CLOSED;
    if (why == HC_WAKE_CLOSED) r = -EBADF;
    else if (why == HC_WAKE_STOPPED) r = -ESHUTDOWN;
    else if (why == HC_WAKE_READY || again) r = kind->attempt(l);
    else r = answer_now(l);
    if (r == HC_MUST_WAIT && !again) return false;
    if (r == HC_MUST_WAIT && (r = wait_for(l)) == 0) return true; /* a new wait: this one has ended */
    finish(l, r);
    return true;
}

int hc_net_run(hc_call *c, const hc_net_kind *kind, uint32_t fd) {
    if (!hc_on_worker()) return HC_WORKER;
    uint32_t waiting = 0;
    int error = 0;
    hc_net *net = hc_net_of(c);
    lanes *p = calloc(1, sizeof *p + c->lanes * sizeof *p->lane);
    if (!p) {
        for (uint32_t i = 0; i < c->lanes; i++) c->result[i] = -ENOMEM;
        return HC_SERVED;
    }
    p->kind = kind;
    c->scratch = p;
    for (uint32_t i = 0; i < c->lanes; i++) {
        hc_net_lane *l = &p->lane[i];
        l->call = c;
        l->rank = i;
        l->file = hc_net_socket(c, c->arg[fd][i], &error);
        int64_t r = l->file ? kind->begin(net, l) : error;
        if (r == 0) r = kind->attempt(l);
        if (r == HC_MUST_WAIT && (l->file->nonblock || (l->flags & MSG_DONTWAIT))) r = answer_now(l);
        if (r == HC_MUST_WAIT) {
            waiting |= 1u << i;
            r = 0;
        } else {
            if (r < 0 && l->done) r = (int64_t)l->done;
            let_go(l);
        }
        c->result[i] = r;
    }
    int rc = waiting ? hc_call_park(c, waiting) : 0;
    if (!waiting || rc < 0) {
        for (uint32_t i = 0; i < c->lanes; i++)
            if (waiting >> i & 1) {
                c->result[i] = rc;
                let_go(&p->lane[i]);
            }
        c->scratch = NULL;
        free(p);
        return HC_SERVED;
    }
    const uint32_t count = c->lanes;
    atomic_init(&p->left, (uint32_t)__builtin_popcount(waiting) + 1);
    for (uint32_t i = 0; i < count; i++) {
        hc_net_lane *l = &p->lane[i];
        if (!(waiting >> i & 1)) continue;
        l->limit_ns = hc_file_deadline(l->file, kind->limit == SO_SNDTIMEO);
        l->pause_ns = PAUSE_FIRST_NS;
        if ((rc = wait_for(l)) < 0) finish(l, rc);
    }
    one_less(c, p);
    return HC_TAKEN;
}
