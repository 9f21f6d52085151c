/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of device descriptors (descriptors.h has the contract).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "descriptors.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static hc_file reserved_mark; /* stands where a number is taken and its file is being opened */
static _Atomic uint64_t descriptions;

int hc_fd_above_stdio(int fd) {
    if (fd < 0 || fd > 2) return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3), error = errno;
    close(fd);
    errno = error;
    return moved;
}

int hc_descriptors_init(hc_descriptors *d, uint32_t quota) {
    d->quota = quota;
    d->lowest = 0;
    d->files = calloc(quota ? quota : 1, sizeof *d->files);
    if (!d->files) return -ENOMEM;
    pthread_mutex_init(&d->lock, NULL);
    return 0;
}

void hc_descriptors_free(hc_descriptors *d) {
    for (uint32_t i = 0; i < d->quota; i++)
        if (d->files[i] && d->files[i] != &reserved_mark) hc_file_put(d->files[i]);
    free(d->files);
    pthread_mutex_destroy(&d->lock);
}

static void vacate(hc_descriptors *d, uint32_t number) {
    d->files[number] = NULL;
    if (number < d->lowest) d->lowest = number;
}

int hc_descriptor_reserve(hc_descriptors *d, uint32_t from) {
    pthread_mutex_lock(&d->lock);
    uint32_t n = from > d->lowest ? from : d->lowest;
    while (n < d->quota && d->files[n]) n++;
    if (n < d->quota) d->files[n] = &reserved_mark;
    if (from <= d->lowest) d->lowest = n < d->quota ? n + 1 : n;
    pthread_mutex_unlock(&d->lock);
    return n < d->quota ? (int)n : -EMFILE;
}

void hc_descriptor_install(hc_descriptors *d, int number, hc_file *file) {
    pthread_mutex_lock(&d->lock);
    d->files[number] = file;
    pthread_mutex_unlock(&d->lock);
}

void hc_descriptor_cancel(hc_descriptors *d, int number) {
    pthread_mutex_lock(&d->lock);
    vacate(d, (uint32_t)number);
    pthread_mutex_unlock(&d->lock);
}

hc_file *hc_descriptor_get(hc_descriptors *d, int64_t number) {
    if (number < 0 || number >= d->quota) return NULL;
    pthread_mutex_lock(&d->lock);
    hc_file *file = d->files[number];
    if (file == &reserved_mark) file = NULL;
    if (file) atomic_fetch_add_explicit(&file->refs, 1, memory_order_relaxed);
    pthread_mutex_unlock(&d->lock);
    return file;
}

/* The file lost its number: whoever waits for it is told. */
static int retire(hc_descriptors *d, hc_file *file) {
    atomic_store(&file->closed, true);
    if (d->retired) d->retired(d->retired_with, file);
    return hc_file_put(file);
}

int hc_descriptor_close(hc_descriptors *d, int64_t number) {
    if (number < 0 || number >= d->quota) return -EBADF;
    pthread_mutex_lock(&d->lock);
    hc_file *file = d->files[number];
    if (!file || file == &reserved_mark) {
        pthread_mutex_unlock(&d->lock);
        return -EBADF;
    }
    vacate(d, (uint32_t)number);
    pthread_mutex_unlock(&d->lock);
    return retire(d, file);
}

int hc_descriptor_replace(hc_descriptors *d, int64_t number, hc_file *file) {
    if (number < 0 || number >= d->quota) return -EBADF;
    pthread_mutex_lock(&d->lock);
    hc_file *old = d->files[number];
    if (old == &reserved_mark) { /* an open in flight owns it: the answer that Linux gives */
        pthread_mutex_unlock(&d->lock);
        return -EBUSY;
    }
    d->files[number] = file;
    pthread_mutex_unlock(&d->lock);
    if (old) retire(d, old);
    return (int)number;
}

void hc_descriptor_flags(hc_descriptors *d, const hc_file *file, bool nonblock, bool appends) {
    pthread_mutex_lock(&d->lock);
    for (uint32_t i = 0; i < d->quota; i++) {
        hc_file *other = d->files[i];
        if (!other || other == &reserved_mark || other->description != file->description) continue;
        atomic_store(&other->nonblock, nonblock);
        atomic_store(&other->appends, appends);
    }
    pthread_mutex_unlock(&d->lock);
}

hc_file *hc_file_new(hc_file_kind kind, int host) {
    hc_file *file = calloc(1, sizeof *file);
    if (!file) return NULL;
    atomic_init(&file->refs, 1);
    atomic_init(&file->closed, false);
    atomic_init(&file->peer_seen, true);
    atomic_init(&file->cannot_try, false);
    pthread_mutex_init(&file->turn, NULL);
    file->queued_end = &file->queued;
    file->description = atomic_fetch_add_explicit(&descriptions, 1, memory_order_relaxed);
    file->kind = kind;
    file->host = host;
    return file;
}

hc_file *hc_file_dup(const hc_file *file, int *error) {
    int host = -1;
    if (file->host >= 0 && (host = fcntl(file->host, F_DUPFD_CLOEXEC, 3)) < 0) {
        *error = -errno;
        return NULL;
    }
    hc_file *copy = hc_file_new(file->kind, host);
    if (!copy) {
        if (host >= 0) close(host);
        *error = -ENOMEM;
        return NULL;
    }
    atomic_store(&copy->peer_seen, atomic_load(&file->peer_seen));
    copy->reads = file->reads;
    copy->writes = file->writes;
    copy->description = file->description;
    atomic_store(&copy->nonblock, atomic_load(&file->nonblock));
    atomic_store(&copy->appends, atomic_load(&file->appends));
    copy->foreign = file->foreign;
    copy->host_nonblock = file->host_nonblock;
    copy->socket = file->socket;
    copy->direct = file->direct;
    copy->stream = file->stream;
    copy->root = file->root;
    return copy;
}

void hc_file_hold(hc_file *file, uint32_t references) {
    (void)atomic_fetch_add_explicit(&file->refs, references, memory_order_relaxed);
}

int hc_file_put(hc_file *file) {
    if (atomic_fetch_sub_explicit(&file->refs, 1, memory_order_acq_rel) != 1) return 0;
    int result = 0;
    /* Linux has released the descriptor also where close is interrupted: a second close could hit a stranger. */
    if (file->host >= 0 && close(file->host) < 0 && errno != EINTR) result = -errno;
    pthread_mutex_destroy(&file->turn);
    free(file);
    return result;
}
