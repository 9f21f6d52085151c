/* SPDX-License-Identifier: Apache-2.0
 *
 * Buffers in front of device stdout and stderr (sinks.h has the contract).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "sinks.h"
#include "fs.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define POLL_SLICE_MS 100
#define GRACE_NS 1000000000ull /* what a blocked reader gets when the server closes */
#define LARGEST_WRITE (1u << 30)
#define DIRECT (32u << 10) /* lines of so many bytes go past the buffer, where a write does not wait */

/* ---------------------------------------------------------------------------------------------------------- writing */
static bool wait_writable(hc_sink *k) {
    for (;;) {
        struct pollfd p = {.fd = k->fd, .events = POLLOUT};
        int n = poll(&p, 1, POLL_SLICE_MS);
        if (n > 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) return true; /* an error shows at the write */
        uint64_t until = atomic_load(&k->give_up_ns);
        if (until && hc_now_ns() > until) return false;
    }
}

static ssize_t write_once(hc_sink *k, const uint8_t *from, uint64_t n) {
    if (n > LARGEST_WRITE) n = LARGEST_WRITE;
    if (k->socket) return send(k->fd, from, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (k->plain || k->host_nonblock) return write(k->fd, from, n);
    /* A description whose flags are the process's: after poll, this much goes into a pipe without waiting. */
    if (!wait_writable(k)) {
        errno = ECANCELED;
        return -1;
    }
    return write(k->fd, from, n < PIPE_BUF ? n : PIPE_BUF);
}

/* Bytes that went out; *error is set where that is not all. */
static uint64_t out(hc_sink *k, const uint8_t *from, uint64_t n, int *error) {
    uint64_t done = 0;
    *error = 0;
    if (n == 0) return 0;
    if (k->kind == HC_SINK_NULL) {
        done = n;
    } else if (k->kind == HC_SINK_PYTHON) {
        *error = hc_python_emit(k->server, HC_PY_SINK, k->stream, from, n);
        if (*error == 0) done = n;
    } else {
        hc_quiet quiet;
        hc_quiet_begin(&quiet);
        while (done < n && !*error) {
            ssize_t r = write_once(k, from + done, n - done);
            if (r > 0) done += (uint64_t)r;
            else if (r == 0) *error = -EIO;
            else if (errno == EAGAIN && !wait_writable(k)) *error = -ECANCELED;
            else if (errno != EINTR && errno != EAGAIN) *error = -errno;
        }
        hc_quiet_end(&quiet);
    }
    (void)atomic_fetch_add(&k->bytes, done);
    if (*error) (void)atomic_fetch_add(&k->errors, 1);
    return done;
}

static void out_or_lose(hc_sink *k, const uint8_t *from, uint64_t n) {
    int error;
    uint64_t done = out(k, from, n, &error);
    if (!error) return;
    (void)atomic_fetch_add(&k->lost, n - done);
    if (!k->error) k->error = error;
}

void hc_sink_empty(hc_sink *k) {
    out_or_lose(k, k->buffer, k->used);
    k->used = 0;
}

/* The buffer is full: whole lines go out, the line that is being written stays, so that others who write there don't
 * tear it. */
static void cut(hc_sink *k) {
    const uint8_t *newline = memrchr(k->buffer, '\n', k->used);
    size_t whole = newline ? (size_t)(newline + 1 - k->buffer) : k->used;
    if (k->used - whole > HC_SINK_BYTES / 2) whole = k->used;
    out_or_lose(k, k->buffer, whole);
    memmove(k->buffer, k->buffer + whole, k->used - whole);
    k->used -= whole;
}

uint8_t *hc_sink_room(hc_sink *k, size_t n) {
    if (k->used && HC_SINK_BYTES - k->used < n) cut(k);
    if (k->used && HC_SINK_BYTES - k->used < n) hc_sink_empty(k);
    return k->buffer + k->used;
}

void hc_sink_put(hc_sink *k, const uint8_t *bytes, size_t n) {
    if (n >= DIRECT && (k->kind == HC_SINK_NULL || k->plain)) { /* a copy would cost about a third of the write */
        const uint8_t *newline = memrchr(bytes, '\n', n);
        if (newline) {
            size_t whole = (size_t)(newline + 1 - bytes);
            hc_sink_empty(k);
            out_or_lose(k, bytes, whole);
            bytes += whole;
            n -= whole;
        }
    }
    while (n) {
        size_t piece = HC_SINK_BYTES - k->used;
        if (piece > n) piece = n;
        memcpy(k->buffer + k->used, bytes, piece);
        k->used += piece;
        bytes += piece;
        n -= piece;
        if (n) cut(k);
    }
}

int64_t hc_sink_write(hc_sink *k, const uint8_t *bytes, uint64_t n) {
    int error;
    if (k->used == 0) {
        uint64_t done = out(k, bytes, n, &error);
        return done ? (int64_t)done : error;
    }
    if (n <= HC_SINK_BYTES - k->used) { /* one write for both */
        size_t before = k->used;
        memcpy(k->buffer + before, bytes, n);
        uint64_t done = out(k, k->buffer, before + n, &error);
        k->used = 0;
        if (!error) return (int64_t)n;
        if (done > before) return (int64_t)(done - before);
        if (done < before) {
            (void)atomic_fetch_add(&k->lost, before - done);
            if (!k->error) k->error = error;
        }
        return error;
    }
    hc_sink_empty(k);
    uint64_t done = out(k, bytes, n, &error);
    return done ? (int64_t)done : error;
}

int hc_sink_flush(hc_sink *k) {
    pthread_mutex_lock(&k->lock);
    hc_sink_empty(k);
    int error = k->error;
    k->error = 0;
    pthread_mutex_unlock(&k->lock);
    return error;
}

/* ------------------------------------------------------------------------------------------------------------- life */
void hc_sink_about(hc_sink *k, struct stat *st, bool *terminal) {
    pthread_mutex_lock(&k->about_lock);
    *terminal = k->terminal;
    if (k->fd < 0 || fstat(k->fd, st) < 0) { /* what an empty device, and a pipe to somebody, would say */
        bool empty = k->kind == HC_SINK_NULL;
        *st = (struct stat){.st_nlink = 1, .st_uid = geteuid(), .st_gid = getegid(), .st_blksize = 4096};
        st->st_mode = empty ? S_IFCHR | 0666 : S_IFIFO | 0600;
        st->st_rdev = empty ? makedev(1, 3) : 0;
    }
    pthread_mutex_unlock(&k->about_lock);
}

int hc_sink_descriptor(hc_sink *k) {
    pthread_mutex_lock(&k->about_lock);
    int fd = k->fd < 0 ? -1 : fcntl(k->fd, F_DUPFD_CLOEXEC, 3);
    pthread_mutex_unlock(&k->about_lock);
    return fd;
}

int hc_sink_init(hc_sink *k, hc_server *s, uint32_t stream) {
    memset(k, 0, sizeof *k);
    k->server = s;
    k->stream = stream;
    k->fd = -1;
    k->kind = HC_SINK_NULL;
    if (!(k->buffer = malloc(HC_SINK_BYTES))) return -ENOMEM;
    pthread_mutex_init(&k->lock, NULL);
    pthread_mutex_init(&k->about_lock, NULL);
    return 0;
}

void hc_sink_stop(hc_sink *k) { atomic_store(&k->give_up_ns, hc_now_ns() + GRACE_NS); }

void hc_sink_free(hc_sink *k) {
    if (!atomic_load(&k->give_up_ns)) hc_sink_stop(k);
    /* Python has been told that the server closed: what it did not take is lost there, and counted there. */
    if (k->kind != HC_SINK_PYTHON) hc_sink_empty(k);
    else if (k->used) (void)atomic_fetch_add(&k->lost, k->used);
    if (k->fd >= 0) close(k->fd);
    free(k->buffer);
    pthread_mutex_destroy(&k->lock);
    pthread_mutex_destroy(&k->about_lock);
}

int hc_sink_set(hc_sink *k, int kind, int fd) {
    struct stat st = {0};
    bool plain = true, socket = false, nonblock = false, terminal = false;
    if (kind != HC_SINK_NULL && kind != HC_SINK_FD && kind != HC_SINK_PYTHON) return -EINVAL;
    int own = -1;
    if (kind == HC_SINK_FD) {
        if ((own = fcntl(fd, F_DUPFD_CLOEXEC, 3)) < 0) return -errno;
        int flags = fcntl(own, F_GETFL);
        if (fstat(own, &st) < 0 || flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
            close(own);
            return -EBADF;
        }
        socket = S_ISSOCK(st.st_mode);
        plain = S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) || (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
        nonblock = flags & O_NONBLOCK;
        terminal = isatty(own);
        if (!plain && !socket && !nonblock) {
            /* Opened anew, a pipe or terminal can be written without waiting while the process's own description keeps
             * its flags. */
            char link[40];
            snprintf(link, sizeof link, "/proc/self/fd/%d", own);
            int anew = hc_fd_above_stdio(open(link, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
            if (anew >= 0) {
                close(own);
                own = anew;
                nonblock = true;
            }
        }
    }
    pthread_mutex_lock(&k->lock);
    hc_sink_empty(k);
    pthread_mutex_lock(&k->about_lock);
    if (k->fd >= 0) close(k->fd);
    k->kind = kind;
    k->fd = own;
    k->terminal = terminal;
    pthread_mutex_unlock(&k->about_lock);
    k->plain = plain;
    k->socket = socket;
    k->host_nonblock = nonblock;
    pthread_mutex_unlock(&k->lock);
    return 0;
}
