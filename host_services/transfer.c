/* SPDX-License-Identifier: Apache-2.0
 *
 * read, write, pread and pwrite. Lanes that go on where the lane before ends become one system call, and each lane gets
 * the result that its own call would have had (pieces.c has the rule). Packets that write to one file while another is
 * being written there join the next system call. A descriptor that can wait is tried without waiting; its lanes park,
 * never a worker. The kernel reads and writes the lanes' memory: where that is unmapped, the lane gets EFAULT.
 *
 * A result is the host's: nothing is answered before its bytes are in the kernel's hands, and nothing is kept here for
 * later. Reading ahead and writing behind is what the page cache does on both sides of these calls.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs.h"
#include "pieces.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define SINK_PIECE (4u << 20) /* by-reference bytes for a sink are copied in pieces of this size */
#define JOIN_CALLS 32u        /* packets that are written together at most: 32 lanes each fill a system call */
#define JOIN_BYTES (1u << 20) /* and no more once they have so much: the first of them waits for the last */
#define TRY_BYTES  8192u      /* a poller reads no more than this itself */
#define MUST_WAIT INT64_MIN

/* ---------------------------------------------------------------------------------------------------------- signals */
_Static_assert(sizeof(sigset_t) <= sizeof(((hc_quiet *)0)->old), "hc_quiet holds a signal mask");

static void quiet_set(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGPIPE);
    sigaddset(set, SIGXFSZ);
}

void hc_quiet_begin(hc_quiet *q) {
    sigset_t set, waiting, *old = (sigset_t *)q->old;
    quiet_set(&set);
    pthread_sigmask(SIG_BLOCK, &set, old);
    q->restore = !sigismember(old, SIGPIPE) || !sigismember(old, SIGXFSZ);
    if (!q->restore) return; /* a thread of the server: blocked since it began */
    sigpending(&waiting);
    q->pending = sigismember(&waiting, SIGPIPE) || sigismember(&waiting, SIGXFSZ);
}

void hc_quiet_end(hc_quiet *q) {
    if (!q->restore) return;
    sigset_t set, waiting;
    quiet_set(&set);
    const struct timespec now = {0, 0};
    sigpending(&waiting);
    bool raised = sigismember(&waiting, SIGPIPE) || sigismember(&waiting, SIGXFSZ);
    if (raised && !q->pending)
        while (sigtimedwait(&set, NULL, &now) > 0) {}
    pthread_sigmask(SIG_SETMASK, (const sigset_t *)q->old, NULL);
}

/* --------------------------------------------------------------------------------------------- one call, many lanes */
typedef struct transfer {
    bool writing, positioned;
    hc_file *file[HC_MAX_LANES];
    uint64_t done[HC_MAX_LANES]; /* of a write to a pipe that goes on */
    atomic_uint left;            /* lanes that wait, and one more while they are being set up */
} transfer;

typedef struct waiting_lane {
    hc_waiter waiter;
    hc_wait_link link;
    hc_call *call;
    uint32_t rank;
} waiting_lane;

typedef struct parked { /* what is kept of a call with lanes that wait */
    transfer t;
    waiting_lane lane[HC_MAX_LANES];
} parked;

static int64_t length_of(const hc_call *c, uint32_t rank) { return c->arg[0][rank]; }
static int64_t offset_of(const hc_call *c, uint32_t rank) { return c->arg[3][rank]; }

/* What can be said without touching the file: MUST_WAIT stands for "nothing". */
static int64_t check(const hc_call *c, const transfer *t, uint32_t rank) {
    const hc_file *file = t->file[rank];
    int64_t n = length_of(c, rank);
    if (t->positioned && offset_of(c, rank) < 0) return -EINVAL; /* before the descriptor is looked at, as Linux does */
    if (!file || !(t->writing ? file->writes : file->reads)) return -EBADF;
    if (n < 0) return -EINVAL;
    if (file->kind == HC_FILE_DIRECTORY) return -EISDIR;
    if (t->positioned && (file->kind == HC_FILE_WAITS || file->kind == HC_FILE_SINK)) return -ESPIPE;
    if (n == 0) return 0;
    bool shared = c->kind == HC_PAY_STAGED || c->kind == HC_PAY_BYREF; /* only there can a lane find what was read */
    if (!c->payload[rank] || !(t->writing || shared)) return -EFAULT;
    if ((uint64_t)n > c->payload_len[rank]) return -EINVAL;
    return MUST_WAIT;
}

static hc_piece piece_of(hc_call *c, const transfer *t, uint32_t rank) {
    return (hc_piece){t->file[rank], c->payload[rank], (uint64_t)length_of(c, rank), t->positioned ? offset_of(c, rank) : 0,
                      &c->result[rank]};
}

/* -------------------------------------------------------------------------------------------------- files that wait */
static bool ready_now(int fd, short events) {
    struct pollfd p = {.fd = fd, .events = events};
    return poll(&p, 1, 0) > 0;
}

static int64_t read_without_waiting(hc_file *file, uint8_t *to, uint64_t n) {
    for (;;) {
        ssize_t r;
        if (file->socket) {
            r = recv(file->host, to, n, MSG_DONTWAIT);
        } else {
            /* An inherited description whose flags are not ours to change: somebody else may still take what poll saw.
             */
            if (!file->host_nonblock && !ready_now(file->host, POLLIN)) return MUST_WAIT;
            r = read(file->host, to, n);
        }
        if (r > 0) {
            atomic_store_explicit(&file->peer_seen, true, memory_order_relaxed);
            return r;
        }
        if (r == 0) {
            /* A FIFO that nobody has opened for writing yet reads as empty; only a hang-up means that writers were
             * there and left. */
            if (atomic_load_explicit(&file->peer_seen, memory_order_relaxed) || ready_now(file->host, POLLIN)) return 0;
            return MUST_WAIT;
        }
        if (errno == EAGAIN) {
            atomic_store_explicit(&file->peer_seen, true, memory_order_relaxed);
            return MUST_WAIT;
        }
        if (errno != EINTR) return -errno;
    }
}

/* At most PIPE_BUF bytes go in whole or not at all; more go on until all are in, as a blocking write's would. */
static int64_t write_without_waiting(hc_file *file, const uint8_t *from, uint64_t n, uint64_t *done) {
    while (*done < n) {
        ssize_t r = write(file->host, from + *done, n - *done);
        if (r > 0) *done += (uint64_t)r;
        else if (r < 0 && errno == EAGAIN) return MUST_WAIT;
        else if (r < 0 && errno != EINTR) return *done ? (int64_t)*done : -errno;
    }
    return (int64_t)*done;
}

static int64_t try_waiting(hc_call *c, transfer *t, uint32_t rank) {
    hc_file *file = t->file[rank];
    uint64_t n = (uint64_t)length_of(c, rank);
    if (n > HC_MOST_BYTES) n = HC_MOST_BYTES;
    if (!t->writing) return read_without_waiting(file, c->payload[rank], n);
    hc_quiet quiet;
    hc_quiet_begin(&quiet);
    int64_t r = write_without_waiting(file, c->payload[rank], n, &t->done[rank]);
    hc_quiet_end(&quiet);
    return r;
}

static int64_t gave_up(const transfer *t, uint32_t rank, int64_t error) {
    return t->done[rank] ? (int64_t)t->done[rank] : error;
}

static void one_less(hc_call *c, transfer *t) {
    if (atomic_fetch_sub(&t->left, 1) == 1) hc_call_finish(c);
}

static void finish_lane(hc_call *c, transfer *t, uint32_t rank, int64_t result) {
    hc_file_put(t->file[rank]);
    hc_call_finish_rank(c, rank, result);
    one_less(c, t);
}

static bool wake(hc_waiter *w, hc_wake why) {
    waiting_lane *l = (waiting_lane *)((char *)w - offsetof(waiting_lane, waiter));
    transfer *t = l->call->scratch;
    int64_t r = why == HC_WAKE_STOPPED ? -ESHUTDOWN : why == HC_WAKE_TIME ? -EAGAIN : -EBADF;
    if (why == HC_WAKE_READY && (r = try_waiting(l->call, t, l->rank)) == MUST_WAIT) return false;
    finish_lane(l->call, t, l->rank, r < 0 ? gave_up(t, l->rank, r) : r);
    return true;
}

static void wait_for(hc_call *c, parked *p, uint32_t rank) {
    waiting_lane *l = &p->lane[rank];
    hc_file *file = p->t.file[rank];
    l->call = c;
    l->rank = rank;
    l->link = (hc_wait_link){.file = file, .events = p->t.writing ? EPOLLOUT : EPOLLIN | EPOLLRDHUP};
    l->waiter = (hc_waiter){.fn = wake, .nlinks = 1, .links = &l->link};
    if (file->socket) l->waiter.deadline_ns = hc_file_deadline(file, p->t.writing);
    int rc = hc_waits_add(hc_fs_of(c)->waits, &l->waiter);
    if (rc < 0) finish_lane(c, &p->t, rank, gave_up(&p->t, rank, rc));
}

/* ------------------------------------------------------------------------------------------------------------ sinks */
/* Copies from memory that may be unmapped; a sink's buffer is filled by this process, which must not take a fault. */
static int64_t copy_in(uint8_t *to, const uint8_t *from, uint64_t n) {
    struct iovec here = {to, n}, there = {(void *)(uintptr_t)from, n};
    ssize_t r = process_vm_readv(getpid(), &here, 1, &there, 1, 0);
    if (r == (ssize_t)n) return 0;
    if (r < 0 && (errno == ENOSYS || errno == EPERM)) { /* refused by a sandbox: a pipe copies the same way */
        int ends[2];
        uint64_t done = 0;
        if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
        while (done < n) {
            uint64_t piece = n - done < PIPE_BUF ? n - done : PIPE_BUF;
            ssize_t in = write(ends[1], from + done, piece);
            if (in <= 0 || read(ends[0], to + done, (size_t)in) != in) break;
            done += (uint64_t)in;
        }
        close(ends[0]);
        close(ends[1]);
        if (done == n) return 0;
    }
    return -EFAULT;
}

static int64_t write_sink(hc_call *c, uint32_t rank, uint32_t stream) {
    const uint8_t *from = c->payload[rank];
    uint64_t n = (uint64_t)length_of(c, rank), done = 0;
    if (n > HC_MOST_BYTES) n = HC_MOST_BYTES;
    if (c->kind != HC_PAY_BYREF) return hc_stdio_write(c->server, stream, from, n);
    uint64_t room = n < SINK_PIECE ? n : SINK_PIECE;
    uint8_t *copy = malloc(room);
    if (!copy) return -ENOMEM;
    int64_t r = 0;
    while (done < n) {
        uint64_t piece = n - done < room ? n - done : room;
        if ((r = copy_in(copy, from + done, piece)) < 0 || (r = hc_stdio_write(c->server, stream, copy, piece)) < 0)
            break;
        done += (uint64_t)r;
        if ((uint64_t)r < piece) break;
    }
    free(copy);
    return done ? (int64_t)done : r;
}

/* ------------------------------------------------------------------------------------------------------ the service */
/* A write that goes nowhere cannot wait and reads nothing: lanes of one descriptor are answered where they are, without a worker. */
static bool write_to_null(hc_call *c) {
    if (c->op != HC_OP_WRITE || (c->perlane & 4u)) return false;
    hc_file *file = hc_descriptor_get(&hc_fs_of(c)->descriptors, c->arg[2][0]);
    if (!file) return false;
    bool taken = false;
    if (file->kind == HC_FILE_SINK && file->writes) {
        transfer t = {.writing = true};
        uint64_t total = 0;
        for (uint32_t i = 0; i < c->lanes; i++) {
            t.file[i] = file;
            c->result[i] = check(c, &t, i);
            if (c->result[i] == MUST_WAIT) total += (uint64_t)(c->result[i] = length_of(c, i));
        }
        taken = hc_stdio_discard(c->server, file->stream, total);
    }
    hc_file_put(file);
    return taken;
}

/* The file that all lanes name, or NULL. */
static hc_file *common_file(hc_call *c) {
    for (uint32_t i = 1; i < c->lanes; i++)
        if (c->arg[2][i] != c->arg[2][0]) return NULL;
    return hc_descriptor_get(&hc_fs_of(c)->descriptors, c->arg[2][0]);
}

/* A small read of what is cached costs less than a hand-over. The poller spends no more than half its time so, or many
 * such readers would be slower by it than by the workers. */
static bool read_cached(hc_call *c) {
    static _Thread_local uint64_t not_before;
    hc_piece pieces[HC_MAX_LANES];
    transfer t = {.positioned = true};
    uint64_t total = 0, began;
    if (c->op != HC_OP_PREAD || c->kind != HC_PAY_STAGED || (began = hc_now_ns()) < not_before) return false;
    for (uint32_t i = 0; i < c->lanes; i++) {
        if (length_of(c, i) < 0 || length_of(c, i) > TRY_BYTES) return false;
        total += (uint64_t)length_of(c, i);
    }
    if (total > TRY_BYTES) return false;
    hc_file *file = common_file(c);
    if (!file) return false;
    bool taken = file->kind == HC_FILE_PLAIN && hc_file_may_try(file);
    for (uint32_t i = 0; taken && i < c->lanes; i++) {
        t.file[i] = file;
        taken = check(c, &t, i) == MUST_WAIT;
        pieces[i] = piece_of(c, &t, i);
    }
    taken = taken && hc_pieces_try(pieces, c->lanes);
    hc_file_put(file);
    uint64_t ended = hc_now_ns();
    not_before = ended + (ended - began);
    return taken;
}

/* ------------------------------------------------------------------------------------------- writers of the same file */
/* The kernel lets one writer at a time into a file; more workers would only queue up there. The first to come writes,
 * the others leave their packets with it and go on to other work. What has gathered when it is done is its next system
 * call. Direct writes at offsets of their own are the exception: those the kernel lets in together. */
static bool joins(const hc_call *c, const hc_file *file) {
    return file->kind == HC_FILE_PLAIN && file->writes && (c->op == HC_OP_WRITE || (c->op == HC_OP_PWRITE && !file->direct));
}

/* With file->turn held: packets of one kind, in the order in which they came. */
static hc_call *gathered(hc_file *file) {
    hc_call *first = file->queued, **end = &first;
    uint64_t bytes = 0;
    for (uint32_t n = 0; *end && n < JOIN_CALLS && bytes < JOIN_BYTES && (*end)->op == first->op; n++) {
        for (uint32_t r = 0; r < (*end)->lanes; r++) bytes += (*end)->payload_len[r];
        end = &(*end)->next;
    }
    file->queued = *end;
    if (!file->queued) file->queued_end = &file->queued;
    *end = NULL;
    return first;
}

static void write_gathered(hc_call *first, hc_file *file) {
    hc_piece pieces[JOIN_CALLS * HC_MAX_LANES];
    transfer t = {.writing = true, .positioned = first->op == HC_OP_PWRITE};
    uint32_t count = 0;
    _Static_assert(JOIN_CALLS * HC_MAX_LANES <= HC_MOST_PIECES, "they fit one system call");
    for (uint32_t i = 0; i < HC_MAX_LANES; i++) t.file[i] = file;
    bool closing = hc_server_closing(first->server);
    for (hc_call *c = first; c; c = c->next)
        for (uint32_t i = 0; i < c->lanes; i++) {
            c->result[i] = closing ? -ESHUTDOWN : check(c, &t, i);
            if (c->result[i] == MUST_WAIT) pieces[count++] = piece_of(c, &t, i);
        }
    hc_quiet quiet;
    hc_quiet_begin(&quiet);
    hc_pieces_move(pieces, count, true, t.positioned);
    hc_quiet_end(&quiet);
    for (hc_call *c = first, *next; c; c = next) {
        next = c->next;
        c->next = NULL;
        hc_call_finish(c);
    }
}

static bool writes_to(const hc_call *c, int64_t number) {
    return (c->op == HC_OP_WRITE || c->op == HC_OP_PWRITE) && c->arg[2][0] == number;
}

/* Packets that stand in the workers' line right behind this one: they would have been brought by other workers, if
 * there were enough of them. A number that has come to stand for another file finds that out by itself. */
static void fetch(hc_server *s, int64_t number) {
    static _Thread_local bool fetching; /* such a file is written alone: what lanes do must not nest calls here */
    for (uint32_t i = 1; i < JOIN_CALLS && !fetching; i++) {
        hc_call *c = hc_call_next_if(s, hc_fs_transfer, writes_to, number);
        if (!c) return;
        fetching = true;
        if (hc_fs_transfer(c) == HC_SERVED) hc_call_finish(c);
        fetching = false;
    }
}

static int write_together(hc_call *c, hc_file *file) {
    hc_server *s = c->server;
    int64_t number = c->arg[2][0];
    pthread_mutex_lock(&file->turn);
    c->next = NULL;
    *file->queued_end = c;
    file->queued_end = &c->next;
    bool mine = !file->writer;
    file->writer = true;
    while (mine && file->queued) {
        pthread_mutex_unlock(&file->turn);
        fetch(s, number);
        pthread_mutex_lock(&file->turn);
        hc_call *first = gathered(file);
        pthread_mutex_unlock(&file->turn);
        write_gathered(first, file);
        pthread_mutex_lock(&file->turn);
    }
    if (mine) file->writer = false;
    pthread_mutex_unlock(&file->turn);
    return HC_TAKEN;
}

int hc_fs_transfer(hc_call *c) {
    if (!hc_on_worker()) return write_to_null(c) || read_cached(c) ? HC_SERVED : HC_WORKER;
    hc_fs *fs = hc_fs_of(c);
    hc_file *shared = common_file(c); /* one look-up and one reference for all, where it can be */
    if (shared && joins(c, shared)) {
        int rc = write_together(c, shared);
        hc_file_put(shared);
        return rc;
    }
    uint32_t waiting = 0, count = 0;
    hc_piece pieces[HC_MAX_LANES];
    transfer t = {.writing = c->op == HC_OP_WRITE || c->op == HC_OP_PWRITE,
                  .positioned = c->op == HC_OP_PREAD || c->op == HC_OP_PWRITE};
    hc_quiet quiet;
    hc_quiet_begin(&quiet);
    for (uint32_t i = 0; i < c->lanes; i++) {
        t.file[i] = shared ? shared : hc_descriptor_get(&fs->descriptors, c->arg[2][i]);
        if ((c->result[i] = check(c, &t, i)) != MUST_WAIT) continue;
        if (t.file[i]->kind == HC_FILE_PLAIN) {
            pieces[count++] = piece_of(c, &t, i);
        } else if (t.file[i]->kind == HC_FILE_SINK) {
            c->result[i] = write_sink(c, i, t.file[i]->stream);
        } else if ((c->result[i] = try_waiting(c, &t, i)) == MUST_WAIT) {
            if (t.file[i]->nonblock) c->result[i] = gave_up(&t, i, -EAGAIN);
            else waiting |= 1u << i;
        }
    }
    hc_pieces_move(pieces, count, t.writing, t.positioned);
    hc_quiet_end(&quiet);
    parked *kept = NULL;
    if (waiting) {
        int rc = (kept = malloc(sizeof *kept)) ? 0 : -ENOMEM;
        for (uint32_t i = 0; i < c->lanes;
             i++) /* before parking: a lane that does not park is answered with what stands here */
            if (waiting >> i & 1) c->result[i] = 0;
        if (kept && (rc = hc_call_park(c, waiting)) < 0) {
            free(kept);
            kept = NULL;
        }
        for (uint32_t i = 0; !kept && i < c->lanes; i++)
            if (waiting >> i & 1) c->result[i] = gave_up(&t, i, rc);
    }
    if (shared) {
        if (kept) hc_file_hold(shared, (uint32_t)__builtin_popcount(waiting)); /* each lane that waits has its own */
        hc_file_put(shared);
    }
    for (uint32_t i = 0; !shared && i < c->lanes; i++)
        if (t.file[i] && !(kept && waiting >> i & 1)) hc_file_put(t.file[i]);
    if (!kept) return HC_SERVED;
    memcpy(&kept->t, &t, sizeof t);
    atomic_init(&kept->t.left, (uint32_t)__builtin_popcount(waiting) + 1);
    c->scratch = kept;
    const uint32_t lanes = c->lanes;
    for (uint32_t i = 0; i < lanes; i++)
        if (waiting >> i & 1) wait_for(c, kept, i);
    one_less(c, &kept->t);
    return HC_TAKEN;
}
