/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls on descriptors that move no bytes.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs_services.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A number whose posted bytes go where its descriptor does. */
static bool is_standard(int64_t number) { return number == HC_STREAM_STDOUT || number == HC_STREAM_STDERR; }

static int64_t close_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    int64_t number = c->arg[0][rank], r = hc_descriptor_close(&fs->descriptors, number);
    if (r != -EBADF && is_standard(number)) hc_stdio_follow(c->server, (uint32_t)number, (uint32_t)number, -1);
    return r;
}

static int64_t dup_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    int64_t from = c->arg[0][rank], wanted = c->arg[1][rank];
    bool at_least = c->arg[2][rank] & HC_DUP_AT_LEAST, cloexec = c->arg[2][rank] & HC_DUP_CLOEXEC;
    hc_file *file = hc_descriptor_get(&fs->descriptors, from), *copy = NULL;
    if (!file) return -EBADF;
    int64_t result;
    int rc = 0, number = -1;
    if (wanted < -1 || wanted >= fs->descriptors.quota) {
        result = at_least ? -EINVAL : -EBADF;
    } else if (wanted == from && !at_least) {
        result = wanted;
    } else if (wanted < 0 || at_least) {
        number = hc_descriptor_reserve(&fs->descriptors, wanted < 0 ? 0 : (uint32_t)wanted);
        if (number >= 0 && (copy = hc_file_dup(file, &rc))) {
            copy->cloexec = cloexec;
            hc_descriptor_install(&fs->descriptors, number, copy);
        } else if (number >= 0) hc_descriptor_cancel(&fs->descriptors, number);
        result = copy || number < 0 ? number : rc;
    } else if (!(copy = hc_file_dup(file, &rc))) {
        result = rc;
    } else {
        copy->cloexec = cloexec;
        if ((result = hc_descriptor_replace(&fs->descriptors, wanted, copy)) < 0) hc_file_put(copy);
    }
    if (is_standard(result) && result != from)
        hc_stdio_follow(c->server, (uint32_t)result, file->kind == HC_FILE_SINK ? file->stream : 0, file->host);
    hc_file_put(file);
    return result;
}

static hc_file *end_of_pipe(int fd, bool writes, uint32_t flags) {
    hc_file *file = hc_file_new(HC_FILE_WAITS, fd);
    if (!file) return NULL;
    file->reads = !writes;
    file->writes = writes;
    file->nonblock = flags & HC_WIRE_NONBLOCK;
    file->cloexec = flags & HC_WIRE_CLOEXEC;
    file->host_nonblock = true;
    return file;
}

static int64_t pipe_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    uint32_t flags = (uint32_t)c->arg[0][rank];
    if ((uint64_t)c->arg[0][rank] & ~(uint64_t)(HC_WIRE_NONBLOCK | HC_WIRE_CLOEXEC)) return -EINVAL;
    int ends[2], in = hc_descriptor_reserve(&fs->descriptors, 0),
                 out = in < 0 ? in : hc_descriptor_reserve(&fs->descriptors, 0), rc = 0;
    if (out < 0) {
        if (in >= 0) hc_descriptor_cancel(&fs->descriptors, in);
        return out;
    }
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
        rc = -errno;
    } else {
        for (int i = 0; i < 2; i++)
            if ((ends[i] = hc_fd_above_stdio(ends[i])) < 0) rc = -errno;
        hc_file *reader = rc == 0 ? end_of_pipe(ends[0], false, flags) : NULL,
                *writer = reader ? end_of_pipe(ends[1], true, flags) : NULL;
        if (writer) {
            hc_descriptor_install(&fs->descriptors, in, reader);
            hc_descriptor_install(&fs->descriptors, out, writer);
            return (int64_t)in | (int64_t)out << 32;
        }
        if (reader) hc_file_put(reader);
        else if (ends[0] >= 0) close(ends[0]);
        if (ends[1] >= 0) close(ends[1]);
        if (rc == 0) rc = -ENOMEM;
    }
    hc_descriptor_cancel(&fs->descriptors, out);
    hc_descriptor_cancel(&fs->descriptors, in);
    return rc;
}

static int64_t isatty_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
    if (!file) return -EBADF;
    bool terminal = file->kind == HC_FILE_SINK ? hc_stdio_isatty(c->server, file->stream) : isatty(file->host);
    hc_file_put(file);
    return terminal ? 1 : -ENOTTY;
}

static int64_t lseek_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
    if (!file) return -EBADF;
    int64_t r = -ESPIPE;
    if (c->arg[2][rank] < 0 || c->arg[2][rank] > SEEK_HOLE) r = -EINVAL;
    else if (file->host >= 0 && (r = lseek(file->host, c->arg[1][rank], (int)c->arg[2][rank])) < 0) r = -errno;
    hc_file_put(file);
    return r;
}

static int64_t fsync_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
    if (!file) return -EBADF;
    int64_t r;
    if (file->kind == HC_FILE_SINK) r = hc_stdio_flush(c->server);
    else r = (c->arg[1][rank] ? fdatasync(file->host) : fsync(file->host)) < 0 ? -errno : 0;
    hc_file_put(file);
    return r;
}

int64_t hc_fs_shorten(int fd, int64_t length) {
    hc_quiet quiet;
    hc_quiet_begin(&quiet);
    int rc;
    do rc = ftruncate(fd, length);
    while (rc < 0 && errno == EINTR);
    int64_t r = rc < 0 ? -errno : 0;
    hc_quiet_end(&quiet);
    return r;
}

static int64_t ftruncate_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    if (c->arg[1][rank] < 0) return -EINVAL; /* before the descriptor is looked at, as Linux does */
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[0][rank]);
    if (!file) return -EBADF;
    int64_t r = file->kind == HC_FILE_SINK ? -EINVAL : hc_fs_shorten(file->host, c->arg[1][rank]);
    hc_file_put(file);
    return r;
}

HC_FS_SERVICE(close, hc_fs_each_lane_may_block)
HC_FS_SERVICE(dup, hc_fs_each_lane_may_block)
HC_FS_SERVICE(pipe, hc_fs_each_lane)
HC_FS_SERVICE(isatty, hc_fs_each_lane)
HC_FS_SERVICE(lseek, hc_fs_each_lane_may_block)
HC_FS_SERVICE(fsync, hc_fs_each_lane_may_block)
HC_FS_SERVICE(ftruncate, hc_fs_each_lane_may_block)
