/* SPDX-License-Identifier: Apache-2.0
 *
 * The stand-in for the polling core (_fake_core.h).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "_fake_core.h"
#include "descriptors.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

typedef void (*event_fn)(hc_call *c, uint32_t rank, uint32_t events);
typedef struct watch {
    struct watch *next;
    int fd; /* -1: a timer */
    uint64_t at_ns;
    event_fn fn;
    hc_call *call;
    uint32_t rank;
} watch;

struct hc_server {
    hc_server_options options;
    void *parts[HC_PARTS];
    atomic_bool closing;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    int epoll, wake;
    watch *watches;
    pthread_t events;
};

typedef struct fake {
    hc_call call; /* first */
    bool done;
    uint32_t delivered;
} fake;

static _Thread_local bool on_worker;
char *fake_python;
size_t fake_python_bytes, fake_python_chunks, fake_python_cut_lines;
int fake_python_error;

bool hc_on_worker(void) { return on_worker; }
const struct hc_server_options *hc_server_options_of(const hc_server *s) { return &s->options; }
void *hc_server_part(hc_server *s, int which) { return s->parts[which]; }
bool hc_server_closing(const hc_server *s) { return atomic_load(&((hc_server *)(uintptr_t)s)->closing); }
bool hc_server_stopped(const hc_server *s) { return hc_server_closing(s); }

uint64_t hc_now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int hc_python_emit(hc_server *s, uint32_t kind, uint32_t stream, const uint8_t *bytes, size_t n) {
    (void)s;
    CHECK(kind == HC_PY_SINK && (stream == 1 || stream == 2));
    if (fake_python_error) return fake_python_error;
    CHECK((fake_python = realloc(fake_python, fake_python_bytes + n + 1)));
    memcpy(fake_python + fake_python_bytes, bytes, n);
    fake_python_bytes += n;
    fake_python[fake_python_bytes] = 0;
    fake_python_chunks++;
    if (n && bytes[n - 1] != '\n') fake_python_cut_lines++;
    return 0;
}

bool fake_posted(hc_server *s, uint32_t op, uint32_t immediate, const uint64_t *words, uint32_t nwords) {
    hc_page *p = hc_page_new(s, NULL, NULL);
    CHECK(p);
    bool sane = hc_page_print(p, op, immediate, words, nwords);
    hc_page_out(p);
    hc_page_free(p);
    return sane;
}

/* ------------------------------------------------------------------------------------------------------------ calls */
int hc_call_park(hc_call *c, uint32_t ranks) {
    CHECK(ranks && !c->parked_mask && !(c->lanes < 32 && ranks >> c->lanes));
    c->parked_mask = ranks;
    return 0;
}

void hc_call_finish_rank(hc_call *c, uint32_t rank, int64_t result) {
    hc_server *s = c->server;
    fake *f = (fake *)c;
    pthread_mutex_lock(&s->lock);
    CHECK(c->parked_mask >> rank & 1);
    CHECK(!(f->delivered >> rank & 1));
    f->delivered |= 1u << rank;
    c->result[rank] = result;
    pthread_cond_broadcast(&s->moved);
    pthread_mutex_unlock(&s->lock);
}

void hc_call_finish(hc_call *c) {
    hc_server *s = c->server;
    fake *f = (fake *)c;
    pthread_mutex_lock(&s->lock);
    EQ(f->delivered, c->parked_mask);
    CHECK(!f->done);
    free(c->scratch);
    c->scratch = NULL;
    f->done = true;
    pthread_cond_broadcast(&s->moved);
    pthread_mutex_unlock(&s->lock);
}

void hc_call_enqueue(hc_call *c, hc_service_fn fn) {
    (void)c;
    (void)fn;
    CHECK(!"no service here enqueues");
}

hc_call *hc_call_next_if(hc_server *s, hc_service_fn fn, bool (*same)(const hc_call *c, int64_t key), int64_t key) {
    (void)s, (void)fn, (void)same, (void)key;
    return NULL; /* there is no queue: calls run where they begin */
}

hc_call *fake_call(hc_server *s, uint32_t op, uint32_t lanes) {
    fake *f = calloc(1, sizeof *f);
    CHECK(f);
    f->call.server = s;
    f->call.op = op;
    f->call.lanes = lanes;
    f->call.mask = lanes == 32 ? UINT32_MAX : (1u << lanes) - 1;
    for (uint32_t i = 0; i < HC_MAX_LANES; i++) f->call.result[i] = INT64_C(0x5a5a5a5a5a5a);
    return &f->call;
}

void fake_arg(hc_call *c, uint32_t k, uint32_t rank, int64_t value) {
    c->arg[k][rank] = value;
    if (c->nargs <= k) c->nargs = k + 1;
}

void fake_payload(hc_call *c, uint32_t kind, uint32_t rank, void *at, uint64_t bytes) {
    c->kind = kind;
    c->payload[rank] = at;
    c->payload_len[rank] = bytes;
}

static const struct hc_family_op *lookup(uint32_t op) {
    const hc_family *families[] = {&hc_family_fs, &hc_family_stdio, &hc_family_mapping, &hc_family_net,
                                  &hc_family_system, &hc_family_process};
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        for (size_t i = 0; i < families[f]->nops; i++)
            if (families[f]->ops[i].op == op) return &families[f]->ops[i];
    return NULL;
}

void fake_begin(hc_call *c) {
    const struct hc_family_op *op = lookup(c->op);
    CHECK(op);
    EQ(c->nargs, op->nargs);
    bool before = on_worker;
    on_worker = false;
    int rc = op->fn(c);
    if (rc == HC_WORKER) {
        on_worker = true;
        rc = op->fn(c);
    }
    on_worker = before;
    CHECK(rc == HC_SERVED || rc == HC_TAKEN);
    if (rc == HC_SERVED) {
        pthread_mutex_lock(&c->server->lock);
        ((fake *)c)->done = true;
        pthread_mutex_unlock(&c->server->lock);
    }
}

bool fake_done(hc_call *c) {
    pthread_mutex_lock(&c->server->lock);
    bool done = ((fake *)c)->done;
    pthread_mutex_unlock(&c->server->lock);
    return done;
}

bool fake_rank_done(hc_call *c, uint32_t rank) {
    pthread_mutex_lock(&c->server->lock);
    fake *f = (fake *)c;
    bool done = f->done || !(c->parked_mask >> rank & 1) || f->delivered >> rank & 1;
    pthread_mutex_unlock(&c->server->lock);
    return done;
}

void fake_wait(hc_call *c) {
    hc_server *s = c->server;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    pthread_mutex_lock(&s->lock);
    while (!((fake *)c)->done)
        if (pthread_cond_timedwait(&s->moved, &s->lock, &until) == ETIMEDOUT) {
            fprintf(stderr, "a call of opcode %u still waits: parked %x, delivered %x\n", c->op, c->parked_mask,
                    ((fake *)c)->delivered);
            exit(1);
        }
    pthread_mutex_unlock(&s->lock);
}

void fake_settle(int milliseconds) {
    struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&t, NULL);
}

void fake_free(hc_call *c) {
    CHECK(fake_done(c));
    free(c);
}

/* ----------------------------------------------------------------------------------------------------------- events */
static void add(hc_server *s, watch *w, uint32_t events) {
    struct epoll_event e = {.events = events | EPOLLONESHOT, .data.ptr = w};
    pthread_mutex_lock(&s->lock);
    w->next = s->watches;
    s->watches = w;
    if (w->fd >= 0) CHECK(epoll_ctl(s->epoll, EPOLL_CTL_ADD, w->fd, &e) == 0);
    pthread_mutex_unlock(&s->lock);
    uint64_t one = 1;
    CHECK(write(s->wake, &one, sizeof one) == sizeof one);
}

int hc_watch_fd(hc_server *s, int fd, uint32_t events, event_fn fn, hc_call *c, uint32_t rank) {
    if (hc_server_closing(s)) return -ESHUTDOWN;
    watch *w = calloc(1, sizeof *w);
    CHECK(w);
    *w = (watch){.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3), .fn = fn, .call = c, .rank = rank};
    CHECK(w->fd >= 0);
    add(s, w, events);
    return 0;
}

int hc_watch_time(hc_server *s, uint64_t at_ns, event_fn fn, hc_call *c, uint32_t rank) {
    if (hc_server_closing(s)) return -ESHUTDOWN;
    watch *w = calloc(1, sizeof *w);
    CHECK(w);
    *w = (watch){.fd = -1, .at_ns = at_ns, .fn = fn, .call = c, .rank = rank};
    add(s, w, 0);
    return 0;
}

static void run(hc_server *s, watch *w, uint32_t events) {
    pthread_mutex_lock(&s->lock);
    watch **at = &s->watches;
    while (*at != w) at = &(*at)->next;
    *at = w->next;
    pthread_mutex_unlock(&s->lock);
    if (w->fd >= 0) {
        CHECK(epoll_ctl(s->epoll, EPOLL_CTL_DEL, w->fd, NULL) == 0);
        close(w->fd);
    }
    w->fn(w->call, w->rank, events);
    free(w);
}

static watch *due(hc_server *s, bool all) {
    pthread_mutex_lock(&s->lock);
    watch *w = s->watches;
    while (w && !(all || (w->fd < 0 && w->at_ns <= hc_now_ns()))) w = w->next;
    pthread_mutex_unlock(&s->lock);
    return w;
}

static void *events_main(void *arg) {
    hc_server *s = arg;
    struct epoll_event ready[16];
    while (!hc_server_closing(s)) {
        int n = epoll_wait(s->epoll, ready, 16, 1);
        for (int i = 0; i < n; i++) {
            uint64_t count;
            if (ready[i].data.ptr == &s->wake) CHECK(read(s->wake, &count, sizeof count) == sizeof count);
            else run(s, ready[i].data.ptr, ready[i].events);
        }
        for (watch *w; (w = due(s, false));) run(s, w, 0);
    }
    for (watch *w; (w = due(s, true));) run(s, w, 0);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------------------- life */
hc_server *fake_start(uint32_t max_open) {
    hc_server *s = calloc(1, sizeof *s);
    CHECK(s);
    s->options.max_open = max_open;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->moved, NULL);
    s->epoll = hc_fd_above_stdio(epoll_create1(EPOLL_CLOEXEC));
    s->wake = hc_fd_above_stdio(eventfd(0, EFD_CLOEXEC));
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &s->wake};
    CHECK(s->epoll >= 0 && s->wake >= 0 && epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->wake, &e) == 0);
    CHECK((s->parts[HC_PART_STDIO] = hc_family_stdio.create(s)));
    CHECK((s->parts[HC_PART_FS] = hc_family_fs.create(s)));
    CHECK((s->parts[HC_PART_MAPPING] = hc_family_mapping.create(s)));
    CHECK((s->parts[HC_PART_NET] = hc_family_net.create(s)));
    CHECK((s->parts[HC_PART_PROCESS] = hc_family_process.create(s)));
    CHECK(pthread_create(&s->events, NULL, events_main, s) == 0);
    return s;
}

void fake_close(hc_server *s) {
    if (atomic_exchange(&s->closing, true)) return;
    hc_family_stdio.stop(s, s->parts[HC_PART_STDIO]);
    if (hc_family_fs.stop) hc_family_fs.stop(s, s->parts[HC_PART_FS]);
    hc_family_process.stop(s, s->parts[HC_PART_PROCESS]);
    pthread_join(s->events, NULL);
}

void fake_stop(hc_server *s) {
    fake_close(s);
    hc_family_process.destroy(s, s->parts[HC_PART_PROCESS]);
    hc_family_net.destroy(s, s->parts[HC_PART_NET]);
    hc_family_mapping.destroy(s, s->parts[HC_PART_MAPPING]);
    hc_family_fs.destroy(s, s->parts[HC_PART_FS]);
    hc_family_stdio.destroy(s, s->parts[HC_PART_STDIO]);
    close(s->epoll);
    close(s->wake);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->moved);
    free(s);
}
