/* SPDX-License-Identifier: Apache-2.0
 *
 * Parked event waits: descriptors in epoll, times in a heap behind one timerfd, any number of both on one thread.
 * Callbacks run on that thread, without a lock, and must not block. When the server closes every wait ends with events
 * = 0, and later ones are refused.
 */
#include "server_internal.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

int hc_events_create(hc_server *s) {
    hc_events *e = &s->events;
    pthread_mutex_init(&e->lock, NULL);
    e->epoll = epoll_create1(EPOLL_CLOEXEC);
    e->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    e->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (e->epoll < 0 || e->wake < 0 || e->timer < 0) return -errno;
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &e->wake};
    if (epoll_ctl(e->epoll, EPOLL_CTL_ADD, e->wake, &ev)) return -errno;
    ev.data.ptr = &e->timer;
    if (epoll_ctl(e->epoll, EPOLL_CTL_ADD, e->timer, &ev)) return -errno;
    return 0;
}

void hc_events_destroy(hc_server *s) {
    hc_events *e = &s->events;
    if (e->epoll >= 0) close(e->epoll);
    if (e->wake >= 0) close(e->wake);
    if (e->timer >= 0) close(e->timer);
    free(e->heap);
    pthread_mutex_destroy(&e->lock);
}

void hc_events_wake(hc_server *s) {
    uint64_t one = 1;
    ssize_t n = write(s->events.wake, &one, sizeof one);
    (void)n; /* a full counter wakes as well */
}

/* ------------------------------------------------------------------------------------------------------ descriptors */
static void unlink_watch(hc_events *e, hc_watch_entry *w) {
    if (w->prev)
        w->prev->next = w->next;
    else
        e->watches = w->next;
    if (w->next) w->next->prev = w->prev;
}

int hc_watch_fd(hc_server *s, int fd, uint32_t events, hc_event_fn fn, hc_call *c, uint32_t rank) {
    hc_events *e = &s->events;
    hc_watch_entry *w = calloc(1, sizeof *w);
    if (!w) return -ENOMEM;
    int rc = 0;
    w->fn = fn;
    w->call = c;
    w->rank = rank;
    /* A descriptor of its own: epoll knows each only once, and the caller may close its own meanwhile. */
    w->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (w->fd < 0) {
        rc = -errno;
        free(w);
        return rc;
    }
    pthread_mutex_lock(&e->lock);
    if (e->closed) {
        rc = -ESHUTDOWN;
    } else {
        struct epoll_event ev = {.events = events | EPOLLONESHOT, .data.ptr = w};
        w->next = e->watches;
        if (w->next) w->next->prev = w;
        e->watches = w;
        if (epoll_ctl(e->epoll, EPOLL_CTL_ADD, w->fd, &ev)) {
            rc = -errno;
            unlink_watch(e, w);
        }
    }
    pthread_mutex_unlock(&e->lock);
    if (rc) {
        close(w->fd);
        free(w);
    }
    return rc;
}

/* ------------------------------------------------------------------------------------------------------------ times */
static void arm(hc_events *e) {
    /* An all-zero time would disarm: the first nanosecond is as good as any that is past. */
    struct itimerspec t = {.it_value = hc_timespec(e->timers && e->heap[0].at_ns ? e->heap[0].at_ns : 1)};
    if (!e->timers) memset(&t, 0, sizeof t);
    (void)timerfd_settime(e->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

static void sift_up(hc_timer_entry *h, size_t i) {
    hc_timer_entry x = h[i];
    for (; i && h[(i - 1) / 2].at_ns > x.at_ns; i = (i - 1) / 2) h[i] = h[(i - 1) / 2];
    h[i] = x;
}

static hc_timer_entry pop(hc_events *e) {
    hc_timer_entry *h = e->heap, first = h[0], x = h[--e->timers];
    size_t i = 0, n = e->timers;
    while (2 * i + 1 < n) {
        size_t child = 2 * i + 1;
        if (child + 1 < n && h[child + 1].at_ns < h[child].at_ns) child++;
        if (h[child].at_ns >= x.at_ns) break;
        h[i] = h[child];
        i = child;
    }
    if (n) h[i] = x;
    return first;
}

int hc_watch_time(hc_server *s, uint64_t at_ns, hc_event_fn fn, hc_call *c, uint32_t rank) {
    hc_events *e = &s->events;
    int rc = 0;
    pthread_mutex_lock(&e->lock);
    if (e->closed) {
        rc = -ESHUTDOWN;
    } else if (e->timers == e->room) {
        size_t room = e->room ? 2 * e->room : 64;
        hc_timer_entry *more = realloc(e->heap, room * sizeof *more);
        if (more) {
            e->heap = more;
            e->room = room;
        } else {
            rc = -ENOMEM;
        }
    }
    if (!rc) {
        e->heap[e->timers] = (hc_timer_entry){at_ns, fn, c, rank};
        sift_up(e->heap, e->timers++);
        if (e->heap[0].at_ns == at_ns) arm(e);
    }
    pthread_mutex_unlock(&e->lock);
    return rc;
}

/* --------------------------------------------------------------------------------------------------------------- the
 * thread */
static void run_timers(hc_server *s, bool all) {
    hc_events *e = &s->events;
    uint64_t now = hc_now_ns();
    pthread_mutex_lock(&e->lock);
    while (e->timers && (all || e->heap[0].at_ns <= now)) {
        hc_timer_entry t = pop(e);
        pthread_mutex_unlock(&e->lock);
        t.fn(t.call, t.rank, 0);
        pthread_mutex_lock(&e->lock);
    }
    arm(e);
    pthread_mutex_unlock(&e->lock);
}

static void run_watch(hc_events *e, hc_watch_entry *w, uint32_t events) {
    pthread_mutex_lock(&e->lock);
    unlink_watch(e, w);
    pthread_mutex_unlock(&e->lock);
    (void)epoll_ctl(e->epoll, EPOLL_CTL_DEL, w->fd, NULL);
    close(w->fd);
    w->fn(w->call, w->rank, events);
    free(w);
}

/* Everybody who waits is told, now: those that begin to wait meanwhile are told by the next wake, or find the abort themselves. */
static void run_watches(hc_events *e) {
    for (;;) {
        pthread_mutex_lock(&e->lock);
        hc_watch_entry *w = e->watches;
        pthread_mutex_unlock(&e->lock);
        if (!w) return;
        run_watch(e, w, 0);
    }
}

void *hc_events_main(void *arg) {
    hc_server *s = arg;
    hc_events *e = &s->events;
    struct epoll_event ready[64];
    hc_thread_tally = e->tally;
    while (!hc_server_closing(s)) {
        int n = epoll_wait(e->epoll, ready, 64, -1);
        bool woken = false;
        for (int i = 0; i < n; i++) {
            uint64_t count;
            if (ready[i].data.ptr == &e->wake || ready[i].data.ptr == &e->timer) {
                ssize_t got = read(*(int *)ready[i].data.ptr, &count, sizeof count);
                (void)got;
                if (ready[i].data.ptr == &e->timer) run_timers(s, false);
                if (ready[i].data.ptr == &e->wake) woken = true;
            } else {
                /* An error or a hang-up makes the descriptor ready for whatever was asked: the call finds out which. */
                run_watch(e, ready[i].data.ptr, ready[i].events);
            }
        }
        if (woken && atomic_load_explicit(&s->aborted, memory_order_acquire)) {
            run_timers(s, true);
            run_watches(e);
        }
    }
    pthread_mutex_lock(&e->lock);
    e->closed = true;
    pthread_mutex_unlock(&e->lock);
    run_timers(s, true);
    run_watches(e);
    hc_thread_done(s);
    return NULL;
}
