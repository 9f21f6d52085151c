/* SPDX-License-Identifier: Apache-2.0
 *
 * io_uring by its system calls (uring.h has the contract). The ring is the calling thread's alone; the kernel is the
 * other side of its two queues.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "uring.h"
#include "descriptors.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(SYS_io_uring_setup) && defined(__has_include)
#if __has_include(<linux/io_uring.h>)
#define HAVE_URING 1
#endif
#endif

#if defined(HAVE_URING)
#include <linux/io_uring.h>

#define ENTRIES 64u

typedef struct ring {
    int fd;
    uint8_t *queues;
    size_t queue_bytes;
    struct io_uring_sqe *asked;
    uint32_t *asked_tail, *asked_mask, *asked_index, *came_head, *came_tail, *came_mask;
    struct io_uring_cqe *came;
} ring;

static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static bool has_key;
static _Thread_local bool refused; /* this thread got no ring once: it does not ask for each call anew */

static void ring_free(void *one) {
    ring *r = one;
    if (r->asked) munmap(r->asked, ENTRIES * sizeof *r->asked);
    if (r->queues) munmap(r->queues, r->queue_bytes);
    if (r->fd >= 0) close(r->fd);
    free(r);
}
static void make_key(void) { has_key = pthread_key_create(&key, ring_free) == 0; }

static bool ring_map(ring *r) {
    struct io_uring_params p = {0};
    r->fd = hc_fd_above_stdio((int)syscall(SYS_io_uring_setup, ENTRIES, &p));
    if (r->fd < 0 || p.sq_entries != ENTRIES || !(p.features & IORING_FEAT_SINGLE_MMAP)) return false;
    size_t asked = p.sq_off.array + p.sq_entries * sizeof(uint32_t),
           came = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
    r->queue_bytes = asked > came ? asked : came;
    void *queues = mmap(NULL, r->queue_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_SQ_RING);
    void *entries = mmap(NULL, ENTRIES * sizeof *r->asked, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_SQES);
    r->queues = queues == MAP_FAILED ? NULL : queues;
    r->asked = entries == MAP_FAILED ? NULL : entries;
    if (!r->queues || !r->asked) return false;
    r->asked_tail = (uint32_t *)(void *)(r->queues + p.sq_off.tail);
    r->asked_mask = (uint32_t *)(void *)(r->queues + p.sq_off.ring_mask);
    r->asked_index = (uint32_t *)(void *)(r->queues + p.sq_off.array);
    r->came_head = (uint32_t *)(void *)(r->queues + p.cq_off.head);
    r->came_tail = (uint32_t *)(void *)(r->queues + p.cq_off.tail);
    r->came_mask = (uint32_t *)(void *)(r->queues + p.cq_off.ring_mask);
    r->came = (struct io_uring_cqe *)(void *)(r->queues + p.cq_off.cqes);
    return true;
}

static ring *ring_here(void) {
    if (refused || pthread_once(&key_once, make_key) || !has_key) return NULL;
    ring *r = pthread_getspecific(key);
    if (r) return r;
    if ((r = calloc(1, sizeof *r)) != NULL && (!ring_map(r) || pthread_setspecific(key, r))) {
        ring_free(r);
        r = NULL;
    }
    refused = r == NULL;
    return r;
}

static void ask(ring *r, const hc_uring_io *io, uint32_t count, bool writing) {
    uint32_t tail = *r->asked_tail; /* only this thread moves it */
    for (uint32_t i = 0; i < count; i++, tail++) {
        uint32_t place = tail & *r->asked_mask;
        struct io_uring_sqe *e = &r->asked[place];
        memset(e, 0, sizeof *e);
        e->opcode = writing ? IORING_OP_WRITE : IORING_OP_READ;
        e->fd = io[i].fd;
        e->addr = (uint64_t)(uintptr_t)io[i].at;
        e->len = io[i].bytes;
        e->off = (uint64_t)io[i].offset;
        e->user_data = i;
        r->asked_index[place] = place;
    }
    __atomic_store_n(r->asked_tail, tail, __ATOMIC_RELEASE); /* the entries before the position that shows them */
}

static uint32_t collect(ring *r, hc_uring_io *io, uint32_t count) {
    uint32_t head = *r->came_head, n = 0;
    for (; head != __atomic_load_n(r->came_tail, __ATOMIC_ACQUIRE); head++, n++) {
        const struct io_uring_cqe *e = &r->came[head & *r->came_mask];
        if (e->user_data < count) io[e->user_data].result = e->res;
    }
    __atomic_store_n(r->came_head, head, __ATOMIC_RELEASE); /* read before the places may be written again */
    return n;
}

/* Everything that was sent comes back before this returns: the memory is the caller's. False: the ring is of no more
 * use. */
static bool wave(ring *r, hc_uring_io *io, uint32_t count, bool writing) {
    uint32_t sent = 0, back = 0;
    bool broken = false;
    ask(r, io, count, writing);
    while (back < (broken ? sent : count)) {
        uint32_t send = broken ? 0 : count - sent, wait = broken ? sent - back : count - back;
        long n = syscall(SYS_io_uring_enter, r->fd, send, wait, IORING_ENTER_GETEVENTS, NULL, 0);
        if (n > 0) sent += (uint32_t)n;
        if (n < 0 && broken) (void)sched_yield();
        if (n < 0 && errno != EINTR) broken = true;
        back += collect(r, io, count);
    }
    return !broken;
}

bool hc_uring_run(hc_uring_io *io, uint32_t count, bool writing) {
    ring *r = ring_here();
    if (!r) return false;
    for (uint32_t i = 0; i < count; i++) io[i].result = -EAGAIN;
    for (uint32_t i = 0; i < count; i += ENTRIES) {
        if (wave(r, io + i, count - i < ENTRIES ? count - i : ENTRIES, writing)) continue;
        pthread_setspecific(key, NULL);
        ring_free(r);
        refused = true;
        break;
    }
    return true;
}
#else
bool hc_uring_run(hc_uring_io *io, uint32_t count, bool writing) {
    (void)io, (void)count, (void)writing;
    return false;
}
#endif
