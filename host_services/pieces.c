/* SPDX-License-Identifier: Apache-2.0
 *
 * Many reads or writes as few system calls (pieces.h has the contract).
 *
 * The rule for results. A run of pieces is one system call, whose bytes go to the pieces from the first on: each gets
 * its whole length, the last one reached what is left, as it would have got alone. The pieces behind are asked for
 * anew, so that each finds out for itself why no more goes in or comes out. An error that a run shares belongs to none
 * of its pieces, as any of them may be the cause (an unaligned one with O_DIRECT, an address that is not mapped): the
 * first is then asked for alone. Nothing at the end of a file is nothing for the pieces behind it too.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "pieces.h"
#include "uring.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

typedef struct flow {
    bool writing, positioned;
} flow;

/* ------------------------------------------------------------------------------------------------- one system call */
/* Neighbours in memory are one part: a packet's lanes lie behind one another in the arena. */
static uint32_t gather(const hc_piece *p, uint32_t count, struct iovec *parts) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t bytes = p[i].bytes < HC_MOST_BYTES ? p[i].bytes : HC_MOST_BYTES;
        if (n && (uint8_t *)parts[n - 1].iov_base + parts[n - 1].iov_len == p[i].at) parts[n - 1].iov_len += bytes;
        else parts[n++] = (struct iovec){p[i].at, bytes};
    }
    return n;
}

static ssize_t call(const hc_piece *p, uint32_t count, flow f, int flags) {
    struct iovec parts[HC_MOST_PIECES];
    uint32_t n = gather(p, count, parts);
    int fd = p->file->host;
    ssize_t r;
    do {
        if (flags) r = preadv2(fd, parts, (int)n, p->offset, flags);
        else if (n > 1 && f.positioned) r = f.writing ? pwritev(fd, parts, (int)n, p->offset) : preadv(fd, parts, (int)n, p->offset);
        else if (n > 1) r = f.writing ? writev(fd, parts, (int)n) : readv(fd, parts, (int)n);
        else if (f.positioned)
            r = f.writing ? pwrite(fd, parts->iov_base, parts->iov_len, p->offset)
                          : pread(fd, parts->iov_base, parts->iov_len, p->offset);
        else r = f.writing ? write(fd, parts->iov_base, parts->iov_len) : read(fd, parts->iov_base, parts->iov_len);
    } while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r;
}

/* -------------------------------------------------------------------------------------------------------- one run */
static uint32_t run_length(const hc_piece *p, uint32_t count, flow f) {
    uint32_t n = 1;
    uint64_t bytes = p->bytes;
    while (n < count && p[n].file == p->file) {
        if (f.positioned && p[n].offset != p[n - 1].offset + (int64_t)p[n - 1].bytes) break;
        bytes += p[n].bytes;
        if (bytes > HC_MOST_BYTES) break;
        n++;
    }
    return n;
}

static uint64_t run_bytes(const hc_piece *p, uint32_t count) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) bytes += p[i].bytes;
    return bytes;
}

static void whole(const hc_piece *p, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) *p[i].result = (int64_t)p[i].bytes;
}

static void run(const hc_piece *p, uint32_t count, flow f) {
    while (count) {
        ssize_t moved = call(p, count, f, 0);
        if (moved < 0 && count > 1) moved = call(p, 1, f, 0);
        if (moved <= 0) {
            bool end = moved == 0 && !f.writing;
            do *p++->result = moved;
            while (--count && end);
            continue;
        }
        while (count && moved > 0) { /* results may lie where lanes can write: they are never read back */
            int64_t mine = moved < (int64_t)p->bytes ? moved : (int64_t)p->bytes;
            *p++->result = mine;
            moved -= mine;
            count--;
        }
    }
}

/* ------------------------------------------------------------------------------------------------------- many runs */
/* Reads here and there, and writes past the page cache: all under way at the same time, which is what a disk wants, in
 * one system call, which is what small cached reads want. What does not come back whole is left to the ordinary way,
 * which finds out why; so does everything where there is no ring, after the kernel has been told what will be read. */
static void here_and_there(const hc_piece *p, uint32_t count, flow f) {
    hc_uring_io io[HC_MOST_PIECES];
    uint32_t start[HC_MOST_PIECES], lengths[HC_MOST_PIECES], n = 0;
    struct iovec parts[HC_MOST_PIECES];
    for (uint32_t at = 0; at < count; n++) {
        start[n] = at;
        lengths[n] = run_length(p + at, count - at, f);
        at += lengths[n];
    }
    uint32_t of[HC_MOST_PIECES], asked = 0;
    for (uint32_t i = 0; i < n; i++) {
        const hc_piece *q = p + start[i];
        /* Linux appends with O_APPEND whatever the offset says: what might be written twice must not be tried. */
        if ((f.writing && q->file->appends) || gather(q, lengths[i], parts) != 1) continue;
        of[asked] = i;
        io[asked++] = (hc_uring_io){q->file->host, parts->iov_base, (uint32_t)parts->iov_len, q->offset, 0};
    }
    if (asked > 1 && hc_uring_run(io, asked, f.writing)) {
        for (uint32_t k = 0; k < asked; k++) {
            if (io[k].result != (int64_t)io[k].bytes) continue;
            whole(p + start[of[k]], lengths[of[k]]);
            lengths[of[k]] = 0;
        }
    } else if (!f.writing) {
        for (uint32_t i = 0; i < n; i++)
            (void)posix_fadvise(p[start[i]].file->host, p[start[i]].offset, (off_t)run_bytes(p + start[i], lengths[i]),
                                POSIX_FADV_WILLNEED);
    }
    for (uint32_t i = 0; i < n; i++) run(p + start[i], lengths[i], f);
}

bool hc_pieces_try(const hc_piece *p, uint32_t count) {
    flow f = {.positioned = true};
    if (run_length(p, count, f) != count) return false;
    ssize_t r = call(p, count, f, RWF_NOWAIT);
    if (r == -EOPNOTSUPP || r == -ENOSYS) atomic_store_explicit(&p->file->cannot_try, true, memory_order_relaxed);
    if (r != (ssize_t)run_bytes(p, count)) return false; /* not cached, or short: who may wait finds out which */
    whole(p, count);
    return true;
}

void hc_pieces_move(const hc_piece *p, uint32_t count, bool writing, bool positioned) {
    flow f = {writing, positioned};
    while (count) {
        uint32_t n = run_length(p, count, f);
        if (n < count && positioned && (!writing || p->file->direct)) {
            here_and_there(p, count, f);
            return;
        }
        run(p, n, f);
        p += n;
        count -= n;
    }
}
