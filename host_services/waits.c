/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiters and the files that they wait for (waits.h has the contract). All of them hang on one epoll descriptor, which the event
 * thread watches as it watches any other. No callback runs under the lock: a waiter is taken out first, and put back where
 * there was nothing for it.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "waits.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define TIMER_KEY UINT64_MAX
#define BATCH 64

#define DISARMED UINT32_MAX

struct hc_watch_file { /* a file that somebody waits for; whoever does holds the file */
    hc_file *file;
    uint32_t generation;
    uint32_t armed; /* what the kernel was told to look for, or DISARMED */
    bool added;
    hc_wait_link *first, *last;
};

struct hc_waits {
    hc_server *server;
    pthread_mutex_t lock;
    int epoll, timer;
    bool watched;             /* the event thread will look */
    hc_watch_file **watches;  /* by host descriptor */
    size_t room;
    uint32_t generation;
    uint64_t round;
    hc_waiter **heap, *all;
    size_t timers, heap_room;
    hc_call self;             /* what the event thread hands back */
};

/* ------------------------------------------------------------------------------------------------------------ times */
static void put(hc_waits *q, size_t i, hc_waiter *w) {
    q->heap[i] = w;
    w->place = i + 1;
}

static void up(hc_waits *q, size_t i) {
    hc_waiter *w = q->heap[i];
    for (; i && q->heap[(i - 1) / 2]->deadline_ns > w->deadline_ns; i = (i - 1) / 2) put(q, i, q->heap[(i - 1) / 2]);
    put(q, i, w);
}

static void down(hc_waits *q, size_t i) {
    hc_waiter *w = q->heap[i];
    for (size_t child; (child = 2 * i + 1) < q->timers; i = child) {
        if (child + 1 < q->timers && q->heap[child + 1]->deadline_ns < q->heap[child]->deadline_ns) child++;
        if (q->heap[child]->deadline_ns >= w->deadline_ns) break;
        put(q, i, q->heap[child]);
    }
    put(q, i, w);
}

static void set_timer(hc_waits *q) {
    struct itimerspec t = {0};
    if (q->timers) {
        uint64_t at = q->heap[0]->deadline_ns;
        t.it_value.tv_sec = (time_t)(at / 1000000000u);
        t.it_value.tv_nsec = (long)(at % 1000000000u);
    }
    (void)timerfd_settime(q->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

static void forget_time(hc_waits *q, hc_waiter *w) {
    if (!w->place) return;
    size_t i = w->place - 1;
    w->place = 0;
    hc_waiter *last = q->heap[--q->timers];
    if (last == w) return;
    put(q, i, last);
    up(q, i);
    down(q, last->place - 1);
}

static int remember_time(hc_waits *q, hc_waiter *w) {
    if (q->timers == q->heap_room) {
        size_t room = q->heap_room ? 2 * q->heap_room : 64;
        hc_waiter **more = realloc(q->heap, room * sizeof *more);
        if (!more) return -ENOMEM;
        q->heap = more;
        q->heap_room = room;
    }
    put(q, q->timers, w);
    up(q, q->timers++);
    if (q->heap[0] == w) set_timer(q);
    return 0;
}

/* ------------------------------------------------------------------------------------------------------------ files */
static hc_watch_file *watch_of(hc_waits *q, int fd) {
    return fd >= 0 && (size_t)fd < q->room ? q->watches[fd] : NULL;
}

/* What all who wait for it want, told to the kernel; a file that nobody waits for is given up. */
static int arm(hc_waits *q, hc_watch_file *f) {
    uint32_t wanted = 0;
    int fd = f->file->host;
    if (!f->first) {
        if (f->added) (void)epoll_ctl(q->epoll, EPOLL_CTL_DEL, fd, NULL);
        q->watches[fd] = NULL;
        free(f);
        return 0;
    }
    for (hc_wait_link *l = f->first; l; l = l->next) wanted |= l->events;
    if (wanted == f->armed) return 0;
    struct epoll_event ev = {.events = wanted | EPOLLONESHOT, .data.u64 = (uint64_t)(uint32_t)fd | (uint64_t)f->generation << 32};
    if (epoll_ctl(q->epoll, f->added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev)) return -errno;
    f->added = true;
    f->armed = wanted;
    return 0;
}

static hc_watch_file *watch(hc_waits *q, hc_file *file) {
    hc_watch_file *f = watch_of(q, file->host);
    if (f) return f;
    if ((size_t)file->host >= q->room) {
        size_t room = q->room ? q->room : 64;
        while (room <= (size_t)file->host) room *= 2;
        hc_watch_file **more = realloc(q->watches, room * sizeof *more);
        if (!more) return NULL;
        memset(more + q->room, 0, (room - q->room) * sizeof *more);
        q->watches = more;
        q->room = room;
    }
    if (!(f = calloc(1, sizeof *f))) return NULL;
    f->file = file;
    f->generation = q->generation++ & 0x7fffffffu; /* never the timer's key */
    f->armed = DISARMED;
    return q->watches[file->host] = f;
}

static void unlink_file(hc_waits *q, hc_wait_link *l) {
    hc_watch_file *f = l->watch;
    if (!f) return;
    if (l->prev) l->prev->next = l->next;
    else f->first = l->next;
    if (l->next) l->next->prev = l->prev;
    else f->last = l->prev;
    l->watch = NULL;
    if (!f->first) (void)arm(q, f);
}

/* ---------------------------------------------------------------------------------------------------------- waiters */
static void take_out(hc_waits *q, hc_waiter *w) {
    for (uint32_t i = 0; i < w->nlinks; i++) unlink_file(q, &w->links[i]);
    forget_time(q, w);
    if (w->prev) w->prev->next = w->next;
    else q->all = w->next;
    if (w->next) w->next->prev = w->prev;
}

static int put_in(hc_waits *q, hc_waiter *w, bool first) {
    int rc = 0;
    w->place = 0;
    w->prev = NULL;
    w->next = q->all;
    if (w->next) w->next->prev = w;
    q->all = w;
    for (uint32_t i = 0; i < w->nlinks; i++) w->links[i].watch = NULL;
    for (uint32_t i = 0; rc == 0 && i < w->nlinks; i++) {
        hc_wait_link *l = &w->links[i];
        hc_watch_file *f = atomic_load(&l->file->closed) ? NULL : watch(q, l->file);
        if (!f) {
            rc = atomic_load(&l->file->closed) ? -EBADF : -ENOMEM;
            break;
        }
        l->waiter = w;
        l->watch = f;
        l->prev = first ? NULL : f->last;
        l->next = first ? f->first : NULL;
        if (l->prev) l->prev->next = l;
        else f->first = l;
        if (l->next) l->next->prev = l;
        else f->last = l;
        rc = arm(q, f);
    }
    if (rc == 0 && w->deadline_ns) rc = remember_time(q, w);
    if (rc < 0) take_out(q, w);
    return rc;
}

static void look(hc_call *self, uint32_t rank, uint32_t events);

/* With the lock held. */
static int be_watched(hc_waits *q) {
    if (q->watched) return 0;
    int rc = hc_watch_fd(q->server, q->epoll, EPOLLIN, look, &q->self, 0);
    q->watched = rc == 0;
    return rc;
}

int hc_waits_add(hc_waits *q, hc_waiter *w) {
    w->asked = 0;
    pthread_mutex_lock(&q->lock);
    int rc = hc_server_stopped(q->server) ? -ESHUTDOWN : be_watched(q);
    if (rc == 0) rc = put_in(q, w, false);
    pthread_mutex_unlock(&q->lock);
    return rc;
}

/* Where the lock is held, as are all these: it is let go for the callback. */
static void end(hc_waits *q, hc_waiter *w, hc_wake why) {
    take_out(q, w);
    pthread_mutex_unlock(&q->lock);
    (void)w->fn(w, why);
    pthread_mutex_lock(&q->lock);
}

/* True: it has ended. */
static bool ask(hc_waits *q, hc_waiter *w) {
    take_out(q, w);
    pthread_mutex_unlock(&q->lock);
    bool ended = w->fn(w, HC_WAKE_READY);
    pthread_mutex_lock(&q->lock);
    if (ended) return true;
    /* What happened while it was nowhere to be found: nobody will tell it any more. */
    int rc = hc_server_stopped(q->server) ? -ESHUTDOWN : put_in(q, w, true);
    if (rc == 0) return false;
    pthread_mutex_unlock(&q->lock);
    (void)w->fn(w, rc == -EBADF ? HC_WAKE_CLOSED : HC_WAKE_STOPPED);
    pthread_mutex_lock(&q->lock);
    return true;
}

/* ------------------------------------------------------------------------------------------------------ the thread */
/* Before anybody is asked it is taken out, and its file with it if nobody else waits: an answer must not find the file held. */
static hc_watch_file *still(hc_waits *q, int fd, uint32_t generation) {
    hc_watch_file *f = watch_of(q, fd);
    return f && f->generation == generation ? f : NULL;
}

static void fire(hc_waits *q, hc_watch_file *f, uint32_t events) {
    const uint32_t always = EPOLLERR | EPOLLHUP, generation = f->generation;
    const int fd = f->file->host;
    uint64_t round = ++q->round;
    uint32_t dry = 0; /* directions in which there is nothing more to take */
    f->armed = DISARMED;
    for (hc_wait_link *l = f->first, *next; l; l = next) {
        hc_waiter *w = l->waiter;
        next = l->next;
        bool wants = (events & (l->events | always)) != 0;
        if (!wants || w->asked == round || (!w->looks && (l->events & dry))) continue;
        w->asked = round;
        uint32_t direction = l->events;
        bool looks = w->looks;
        if (!ask(q, w) && !looks) dry |= direction;
        if (!(f = still(q, fd, generation))) return;
        next = f->first; /* anything may have happened meanwhile */
    }
    if (arm(q, f) == 0) return;
    /* The kernel refuses to watch it any longer: nobody may wait for ever. */
    while ((f = still(q, fd, generation))) end(q, f->first->waiter, HC_WAKE_STOPPED);
}

static void run_times(hc_waits *q, uint64_t now) {
    while (q->timers && q->heap[0]->deadline_ns <= now) end(q, q->heap[0], HC_WAKE_TIME);
    set_timer(q);
}

static void found(hc_waits *q, const struct epoll_event *ready) {
    uint64_t count;
    if (ready->data.u64 == TIMER_KEY) {
        ssize_t got = read(q->timer, &count, sizeof count);
        (void)got;
        run_times(q, hc_now_ns());
        return;
    }
    hc_watch_file *f = watch_of(q, (int)(uint32_t)ready->data.u64);
    if (f && f->generation == ready->data.u64 >> 32) fire(q, f, ready->events);
}

static void look(hc_call *self, uint32_t rank, uint32_t events) {
    hc_waits *q = (hc_waits *)((char *)self - offsetof(hc_waits, self));
    struct epoll_event ready[BATCH];
    (void)rank;
    pthread_mutex_lock(&q->lock);
    q->watched = false;
    if (!events) {
        while (q->all) end(q, q->all, HC_WAKE_STOPPED);
        pthread_mutex_unlock(&q->lock);
        return;
    }
    int n;
    do {
        n = epoll_wait(q->epoll, ready, BATCH, 0);
        for (int i = 0; i < n; i++) found(q, &ready[i]);
    } while (n == BATCH);
    if (q->all && be_watched(q) < 0)
        while (q->all) end(q, q->all, HC_WAKE_STOPPED);
    pthread_mutex_unlock(&q->lock);
}

void hc_waits_closed(hc_waits *q, hc_file *file) {
    hc_watch_file *f;
    if (file->host < 0) return;
    pthread_mutex_lock(&q->lock);
    while ((f = watch_of(q, file->host)) && f->file == file) end(q, f->first->waiter, HC_WAKE_CLOSED);
    pthread_mutex_unlock(&q->lock);
}

uint64_t hc_file_deadline(const hc_file *file, bool writing) {
    struct timeval limit = {0};
    socklen_t bytes = sizeof limit;
    int option = writing ? SO_SNDTIMEO : SO_RCVTIMEO;
    if (getsockopt(file->host, SOL_SOCKET, option, &limit, &bytes) < 0 || (limit.tv_sec == 0 && limit.tv_usec == 0)) return 0;
    if (limit.tv_sec > INT32_MAX) return 0;
    return hc_now_ns() + (uint64_t)limit.tv_sec * 1000000000u + (uint64_t)limit.tv_usec * 1000u;
}

hc_waits *hc_waits_new(hc_server *s) {
    hc_waits *q = calloc(1, sizeof *q);
    if (!q) return NULL;
    q->server = s;
    q->self.server = s;
    q->epoll = hc_fd_above_stdio(epoll_create1(EPOLL_CLOEXEC));
    q->timer = hc_fd_above_stdio(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = TIMER_KEY};
    pthread_mutex_init(&q->lock, NULL);
    if (q->epoll >= 0 && q->timer >= 0 && epoll_ctl(q->epoll, EPOLL_CTL_ADD, q->timer, &ev) == 0) return q;
    hc_waits_free(q);
    return NULL;
}

void hc_waits_free(hc_waits *q) {
    if (q->epoll >= 0) close(q->epoll);
    if (q->timer >= 0) close(q->timer);
    for (size_t i = 0; i < q->room; i++) free(q->watches[i]);
    free(q->watches);
    free(q->heap);
    pthread_mutex_destroy(&q->lock);
    free(q);
}
