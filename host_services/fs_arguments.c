/* SPDX-License-Identifier: Apache-2.0
 *
 * What the file-system services share: going through the lanes of a call, and taking paths, directories and room for
 * answers out of it. Everything is checked here, so that a service sees no length that is not the payload's.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs_services.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

int hc_fs_each_lane(hc_call *c, hc_fs_lane_fn fn) {
    hc_fs *fs = hc_fs_of(c);
    for (uint32_t i = 0; i < c->lanes;
         i++) /* only reads and writes carry an address: there argument 1 is something else */
        c->result[i] = c->kind == HC_PAY_BYREF ? -EINVAL : fn(fs, c, i);
    return HC_SERVED;
}

int hc_fs_each_lane_may_block(hc_call *c, hc_fs_lane_fn fn) {
    return hc_on_worker() ? hc_fs_each_lane(c, fn) : HC_WORKER;
}

/* Copies a path out of the lane's payload. A NUL may end it; -ENOENT where it is empty. */
int hc_fs_take_path(const hc_call *c, uint32_t rank, uint64_t from, int64_t bytes, char out[PATH_MAX]) {
    if (bytes < 0 || from > c->payload_len[rank] || (uint64_t)bytes > c->payload_len[rank] - from) return -EINVAL;
    out[0] = 0;
    if (bytes == 0) return -ENOENT;
    if (!c->payload[rank]) return -EFAULT;
    if (bytes > PATH_MAX) return -ENAMETOOLONG;
    memcpy(out, c->payload[rank] + from, (size_t)bytes);
    size_t n = strnlen(out, (size_t)bytes);
    if (n + 1 < (size_t)bytes) return -EINVAL;
    if (n == PATH_MAX) return -ENAMETOOLONG;
    out[n] = 0;
    return n ? 0 : -ENOENT;
}

/* Where a path starts. *held, if set, is a reference to give back. */
int hc_fs_take_start(hc_fs *fs, int64_t dirfd, const char *path, hc_start *start, hc_file **held) {
    *held = NULL;
    *start = (hc_start){.fd = -1};
    if (*path == '/' || dirfd == HC_WIRE_FDCWD) return 0;
    hc_file *file = hc_descriptor_get(&fs->descriptors, dirfd);
    if (!file) return -EBADF;
    if (file->kind != HC_FILE_DIRECTORY) {
        hc_file_put(file);
        return -ENOTDIR;
    }
    *held = file;
    *start = (hc_start){.fd = file->host, .root = file->root};
    return 0;
}

void hc_fs_drop(hc_file *held) {
    if (held) hc_file_put(held);
}

/* The common beginning of everything that takes (bytes, dirfd, ...). */
int hc_fs_take_name(hc_fs *fs, const hc_call *c, uint32_t rank, char path[PATH_MAX], hc_start *start, hc_file **held) {
    int rc = hc_fs_take_path(c, rank, 0, c->arg[0][rank], path);
    return rc < 0 ? rc : hc_fs_take_start(fs, c->arg[1][rank], path, start, held);
}

/* Where an answer of this size goes. Inline payload is a private copy: no lane would see what is written there. */
int hc_fs_take_room(const hc_call *c, uint32_t rank, uint64_t bytes, uint8_t **room) {
    *room = c->payload[rank];
    return c->kind != HC_PAY_STAGED || !*room ? -EFAULT : c->payload_len[rank] < bytes ? -EINVAL : 0;
}

void hc_fs_self(int fd, char out[HC_FS_SELF]) { snprintf(out, HC_FS_SELF, "/proc/self/fd/%d", fd); }
