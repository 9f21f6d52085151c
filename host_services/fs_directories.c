/* SPDX-License-Identifier: Apache-2.0
 *
 * The working directory, and what a directory holds.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs_services.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int64_t chdir_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    hc_start start;
    hc_file *held = NULL;
    uint32_t root = 0;
    int rc = hc_fs_take_path(c, rank, 0, c->arg[0][rank], path);
    if (rc == -ENOENT && c->arg[0][rank] == 0) {
        if (c->arg[1][rank] == HC_WIRE_FDCWD) return rc;
        memcpy(path, ".", 2);
        rc = 0;
    }
    if (rc < 0 || (rc = hc_fs_take_start(fs, c->arg[1][rank], path, &start, &held)) < 0) return rc;
    int fd = hc_paths_open(&fs->paths, start, path, O_PATH | O_DIRECTORY, 0, false, &root);
    hc_fs_drop(held);
    if (fd < 0) return fd;
    if (faccessat(fd, ".", X_OK, 0) < 0) { /* opening a directory by O_PATH does not ask whether it may be searched */
        rc = -errno;
        close(fd);
        return rc;
    }
    return hc_paths_enter(&fs->paths, fd, root);
}

static int64_t getcwd_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    char path[PATH_MAX];
    int64_t n = c->arg[0][rank];
    uint8_t *room;
    if (n <= 0) return -EINVAL;
    int r = hc_fs_take_room(c, rank, (uint64_t)n, &room);
    if (r == 0) r = hc_paths_current(&fs->paths, path, (size_t)n < sizeof path ? (size_t)n : sizeof path);
    if (r > 0) memcpy(room, path, (size_t)r);
    return r;
}

struct kernel_dirent { /* linux_dirent64 */
    uint64_t ino;
    int64_t off;
    uint16_t reclen;
    uint8_t type;
    char name[];
};
#define LARGEST_KERNEL_DIRENT 280u /* 19 + NAME_MAX + 1, rounded up to 8 */

/* Our records are at most a third larger than the kernel's: asking for three quarters of the room fills it without
 * overflow. */
static int64_t getdents_lane(hc_fs *fs, hc_call *c, uint32_t rank) {
    _Alignas(8) uint8_t from[32768];
    int64_t n = c->arg[0][rank];
    hc_file *file = hc_descriptor_get(&fs->descriptors, c->arg[1][rank]);
    if (!file) return -EBADF;
    uint8_t *room = NULL;
    int64_t r = file->kind != HC_FILE_DIRECTORY ? -ENOTDIR : n < 0 ? -EINVAL : hc_fs_take_room(c, rank, (uint64_t)n, &room);
    uint64_t used = 0;
    while (r == 0) {
        uint64_t want = ((uint64_t)n - used) / 4 * 3 & ~7ull;
        if (want > sizeof from) want = sizeof from;
        if (used && want < LARGEST_KERNEL_DIRENT) break; /* a record that does not fit would come back as EINVAL */
        long got = syscall(SYS_getdents64, file->host, from, (unsigned)want);
        if (got < 0 && !used) r = -errno;
        if (got <= 0) break;
        for (long at = 0; at < got;) {
            const struct kernel_dirent *k = (const void *)(from + at);
            size_t length = strlen(k->name);
            hc_dirent_wire w = {.ino = k->ino,
                                .off = k->off,
                                .reclen = (hc_u16)((sizeof w + length + 1 + 7) & ~(size_t)7),
                                .type = k->type,
                                .namelen = (hc_u8)length};
            uint8_t *to = room + used;
            memset(to, 0, w.reclen);
            memcpy(to, &w, sizeof w);
            memcpy(to + sizeof w, k->name, length);
            used += w.reclen;
            at += k->reclen;
        }
    }
    hc_file_put(file);
    return r < 0 ? r : (int64_t)used;
}

HC_FS_SERVICE(chdir, hc_fs_each_lane_may_block)
HC_FS_SERVICE(getcwd, hc_fs_each_lane)
HC_FS_SERVICE(getdents, hc_fs_each_lane_may_block)
