/* SPDX-License-Identifier: Apache-2.0
 *
 * read, write, pread and pwrite. Lanes of one packet that go on where the lane before ends become one system call, and
 * each lane gets the result that its own call would have had. A descriptor that can wait is tried without waiting; its
 * lanes park, never a worker. The kernel reads and writes the lanes' memory: where that is unmapped, the lane gets
 * EFAULT.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs.h"
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

#define MOST_BYTES 0x7ffff000ull /* what one call moves at most, as in Linux */
#define SINK_PIECE (4u << 20)    /* by-reference bytes for a sink are copied in pieces of this size */
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

static int64_t length_of(const hc_call *c, uint32_t rank) { return c->arg[0][rank]; }
static int64_t offset_of(const hc_call *c, uint32_t rank) { return c->arg[3][rank]; }

/* What can be said without touching the file: MUST_WAIT stands for "nothing". */
static int64_t check(const hc_call *c, const transfer *t, uint32_t rank) {
    const hc_file *file = t->file[rank];
    int64_t n = length_of(c, rank);
    if (!file || !(t->writing ? file->writes : file->reads)) return -EBADF;
    if (n < 0) return -EINVAL;
    if (file->kind == HC_FILE_DIRECTORY) return -EISDIR;
    if (t->positioned && (file->kind == HC_FILE_WAITS || file->kind == HC_FILE_SINK)) return -ESPIPE;
    if (t->positioned && offset_of(c, rank) < 0) return -EINVAL;
    if (n == 0) return 0;
    bool shared = c->kind == HC_PAY_STAGED || c->kind == HC_PAY_BYREF; /* only there can a lane find what was read */
    if (!c->payload[rank] || !(t->writing || shared)) return -EFAULT;
    if ((uint64_t)n > c->payload_len[rank]) return -EINVAL;
    return MUST_WAIT;
}

static ssize_t vector(const hc_call *c, const transfer *t, uint32_t first, uint32_t count) {
    struct iovec parts[HC_MAX_LANES];
    for (uint32_t i = 0; i < count; i++) {
        uint64_t n = (uint64_t)length_of(c, first + i);
        parts[i] = (struct iovec){c->payload[first + i], n < MOST_BYTES ? n : MOST_BYTES};
    }
    int fd = t->file[first]->host;
    ssize_t r;
    do {
        if (t->positioned) {
            off_t at = offset_of(c, first);
            r = t->writing ? pwritev(fd, parts, (int)count, at) : preadv(fd, parts, (int)count, at);
        } else {
            r = t->writing ? writev(fd, parts, (int)count) : readv(fd, parts, (int)count);
        }
    } while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r;
}

/* Lanes first .. first + count - 1 of a plain file, one after the other in effect. A call that ends short gave its lane
 * a short count or nothing; the lanes behind are asked for again, as their own calls would have been. */
static void plain(hc_call *c, const transfer *t, uint32_t first, uint32_t count) {
    while (count) {
        ssize_t moved = vector(c, t, first, count);
        if (moved < 0) {
            c->result[first++] = moved;
            count--;
        } else if (moved == 0 && !t->writing) { /* end of file: also for the lanes behind */
            while (count) c->result[first++] = 0, count--;
        } else {
            bool any = false;
            while (count && (moved > 0 || !any)) {
                int64_t n = length_of(c, first);
                c->result[first] = moved < n ? moved : n;
                moved -= c->result[first++];
                count--;
                any = true;
            }
        }
    }
}

static uint32_t run_length(const hc_call *c, const transfer *t, const int64_t *known, uint32_t first) {
    uint32_t count = 1;
    uint64_t bytes = (uint64_t)length_of(c, first);
    while (first + count < c->lanes && known[first + count] == MUST_WAIT && t->file[first + count] == t->file[first]) {
        uint32_t next = first + count;
        if (t->positioned && offset_of(c, next) != offset_of(c, next - 1) + length_of(c, next - 1)) break;
        bytes += (uint64_t)length_of(c, next);
        if (bytes > MOST_BYTES) break;
        count++;
    }
    return count;
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
    if (n > MOST_BYTES) n = MOST_BYTES;
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

static void on_ready(hc_call *c, uint32_t rank, uint32_t events);

static void wait_for(hc_call *c, transfer *t, uint32_t rank) {
    int gate = hc_file_gate(t->file[rank], t->writing);
    int rc = gate < 0 ? gate : hc_watch_fd(c->server, gate, EPOLLIN, on_ready, c, rank);
    if (rc < 0) finish_lane(c, t, rank, gave_up(t, rank, rc));
}

static void on_ready(hc_call *c, uint32_t rank, uint32_t events) {
    transfer *t = c->scratch;
    if (!events) {
        finish_lane(c, t, rank, gave_up(t, rank, -ESHUTDOWN));
    } else if (atomic_load(&t->file[rank]->closed)) {
        finish_lane(c, t, rank, gave_up(t, rank, -EBADF));
    } else {
        int64_t r = try_waiting(c, t, rank);
        if (r == MUST_WAIT) wait_for(c, t, rank);
        else finish_lane(c, t, rank, r);
    }
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
    if (n > MOST_BYTES) n = MOST_BYTES;
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

int hc_fs_transfer(hc_call *c) {
    if (!hc_on_worker()) return write_to_null(c) ? HC_SERVED : HC_WORKER;
    hc_fs *fs = hc_fs_of(c);
    int64_t known[HC_MAX_LANES];
    uint32_t waiting = 0;
    transfer t = {.writing = c->op == HC_OP_WRITE || c->op == HC_OP_PWRITE,
                  .positioned = c->op == HC_OP_PREAD || c->op == HC_OP_PWRITE};
    for (uint32_t i = 0; i < c->lanes; i++) {
        t.file[i] = hc_descriptor_get(&fs->descriptors, c->arg[2][i]);
        known[i] = check(c, &t, i);
    }
    hc_quiet quiet;
    hc_quiet_begin(&quiet);
    for (uint32_t i = 0; i < c->lanes;) {
        uint32_t count = 1;
        if (known[i] != MUST_WAIT) {
            c->result[i] = known[i];
        } else if (t.file[i]->kind == HC_FILE_SINK) {
            c->result[i] = write_sink(c, i, t.file[i]->stream);
        } else if (t.file[i]->kind == HC_FILE_PLAIN) {
            count = run_length(c, &t, known, i);
            plain(c, &t, i, count);
        } else if ((c->result[i] = try_waiting(c, &t, i)) == MUST_WAIT) {
            if (t.file[i]->nonblock) c->result[i] = gave_up(&t, i, -EAGAIN);
            else waiting |= 1u << i;
        }
        i += count;
    }
    hc_quiet_end(&quiet);
    transfer *kept = NULL;
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
    for (uint32_t i = 0; i < c->lanes; i++)
        if (t.file[i] && !(kept && waiting >> i & 1)) hc_file_put(t.file[i]);
    if (!kept) return HC_SERVED;
    memcpy(kept, &t, sizeof t);
    atomic_init(&kept->left, (uint32_t)__builtin_popcount(waiting) + 1);
    c->scratch = kept;
    const uint32_t lanes = c->lanes;
    for (uint32_t i = 0; i < lanes; i++)
        if (waiting >> i & 1) wait_for(c, kept, i);
    one_less(c, kept);
    return HC_TAKEN;
}
