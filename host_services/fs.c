/* SPDX-License-Identifier: Apache-2.0
 *
 * The file-system family: which service answers which opcode, and what a runtime has from its beginning. Bytes are moved
 * in transfer.c, paths resolved in paths.c, descriptors kept in descriptors.c; services proper are in fs_*.c. Whatever
 * can sleep runs on a worker.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs_services.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define DEFAULT_QUOTA 1024u
#define MOST_QUOTA (1u << 20)

static const struct hc_family_op fs_ops[] = {
    {HC_OP_OPEN, hc_fs_open, "open", 4},
    {HC_OP_CLOSE, hc_fs_close, "close", 1},
    {HC_OP_READ, hc_fs_transfer, "read", 3},
    {HC_OP_WRITE, hc_fs_transfer, "write", 3},
    {HC_OP_PREAD, hc_fs_transfer, "pread", 4},
    {HC_OP_PWRITE, hc_fs_transfer, "pwrite", 4},
    {HC_OP_LSEEK, hc_fs_lseek, "lseek", 3},
    {HC_OP_FSYNC, hc_fs_fsync, "fsync", 2},
    {HC_OP_FTRUNCATE, hc_fs_ftruncate, "ftruncate", 2},
    {HC_OP_DUP, hc_fs_dup, "dup", 3},
    {HC_OP_FSTAT, hc_fs_fstat, "fstat", 2},
    {HC_OP_STAT, hc_fs_stat, "stat", 4},
    {HC_OP_ACCESS, hc_fs_access, "access", 4},
    {HC_OP_MKDIR, hc_fs_mkdir, "mkdir", 3},
    {HC_OP_UNLINK, hc_fs_unlink, "unlink", 3},
    {HC_OP_RENAME, hc_fs_rename, "rename", 4},
    {HC_OP_GETDENTS, hc_fs_getdents, "getdents", 2},
    {HC_OP_GETCWD, hc_fs_getcwd, "getcwd", 1},
    {HC_OP_PIPE, hc_fs_pipe, "pipe", 1},
    {HC_OP_ISATTY, hc_fs_isatty, "isatty", 1},
    {HC_OP_CHDIR, hc_fs_chdir, "chdir", 2},
    {HC_OP_TRUNCATE, hc_fs_truncate, "truncate", 3},
    {HC_OP_READ_AT, hc_fs_batch, "read_at", 4},
    {HC_OP_WRITE_AT, hc_fs_batch, "write_at", 4},
    {HC_OP_FCNTL, hc_fs_fcntl, "fcntl", 3},
    {HC_OP_LOCK, hc_fs_lock, "lock", 3},
    {HC_OP_FLOCK, hc_fs_flock, "flock", 2},
    {HC_OP_ALLOCATE, hc_fs_allocate, "allocate", 4},
    {HC_OP_ADVISE, hc_fs_advise, "advise", 4},
    {HC_OP_SYNC, hc_fs_sync, "sync", 1},
    {HC_OP_COPY, hc_fs_copy, "copy", 6},
    {HC_OP_LINK, hc_fs_link, "link", 5},
    {HC_OP_SYMLINK, hc_fs_symlink, "symlink", 4},
    {HC_OP_READLINK, hc_fs_readlink, "readlink", 4},
    {HC_OP_CHMOD, hc_fs_chmod, "chmod", 4},
    {HC_OP_CHOWN, hc_fs_chown, "chown", 4},
    {HC_OP_UMASK, hc_fs_umask, "umask", 1},
    {HC_OP_UTIMES, hc_fs_utimes, "utimes", 4},
    {HC_OP_MKNOD, hc_fs_mknod, "mknod", 4},
    {HC_OP_STATVFS, hc_fs_statvfs, "statvfs", 4},
    {HC_OP_REALPATH, hc_fs_realpath, "realpath", 4},
    {HC_OP_PATHCONF, hc_fs_pathconf, "pathconf", 3},
    {HC_OP_IOCTL, hc_fs_ioctl, "ioctl", 3},
    {HC_OP_TTYNAME, hc_fs_ttyname, "ttyname", 2},
};

/* Descriptor 0 of the device. A pipe or terminal is opened anew where that can be done, so that it can be read without
 * waiting while the process's own description keeps its flags. */
static int file_of_stdin(int fd, hc_file **out) {
    struct stat st;
    fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
    bool shared = fd >= 0;
    if (fd < 0) fd = hc_fd_above_stdio(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (fd < 0 || fstat(fd, &st) < 0) return -errno;
    bool plain = S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) || (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
    bool socket = S_ISSOCK(st.st_mode), own = false;
    if (!plain && !socket && !S_ISDIR(st.st_mode)) {
        char link[40];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        int anew = hc_fd_above_stdio(open(link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        if (anew >= 0) {
            close(fd);
            fd = anew;
            own = true;
        }
    }
    hc_file *file = hc_file_new(plain ? HC_FILE_PLAIN : S_ISDIR(st.st_mode) ? HC_FILE_DIRECTORY : HC_FILE_WAITS, fd);
    if (!file) {
        close(fd);
        return -ENOMEM;
    }
    file->reads = true;
    file->foreign = shared && !own;
    file->socket = socket;
    file->host_nonblock = own;
    *out = file;
    return 0;
}

static void retired(void *with, hc_file *file) { hc_waits_closed(with, file); }

int hc_fs_stdin(hc_server *s, int fd) {
    hc_fs *fs = hc_server_part(s, HC_PART_FS);
    hc_file *file;
    if (fd >= 0 && fcntl(fd, F_GETFD) < 0) return -EBADF;
    int rc = file_of_stdin(fd, &file);
    if (rc == 0 && (rc = hc_descriptor_replace(&fs->descriptors, 0, file)) < 0) hc_file_put(file);
    return rc < 0 ? rc : 0;
}

static void *fs_create(hc_server *s) {
    hc_fs *fs = calloc(1, sizeof *fs);
    if (!fs) return NULL;
    uint32_t quota = hc_server_options_of(s)->max_open;
    if (quota == 0) quota = DEFAULT_QUOTA;
    if (quota < 3) quota = 3;
    if (quota > MOST_QUOTA) quota = MOST_QUOTA;
    fs->server = s;
    atomic_init(&fs->umask, -1);
    fs->waits = hc_waits_new(s);
    if (!fs->waits || hc_descriptors_init(&fs->descriptors, quota) < 0) {
        if (fs->waits) hc_waits_free(fs->waits);
        free(fs);
        return NULL;
    }
    fs->descriptors.retired = retired;
    fs->descriptors.retired_with = fs->waits;
    hc_paths_init(&fs->paths);
    for (int i = 0; i < 3; i++) (void)hc_descriptor_reserve(&fs->descriptors, 0);
    hc_file *input;
    int rc = file_of_stdin(0, &input);
    if (rc < 0) hc_descriptor_cancel(&fs->descriptors, 0);
    else hc_descriptor_install(&fs->descriptors, 0, input);
    for (uint32_t stream = HC_STREAM_STDOUT; stream <= HC_STREAM_STDERR; stream++) {
        hc_file *sink = hc_file_new(HC_FILE_SINK, -1);
        if (!sink) {
            rc = -ENOMEM;
            continue;
        }
        sink->writes = true;
        sink->stream = stream;
        hc_descriptor_install(&fs->descriptors, (int)stream, sink);
    }
    if (rc < 0) {
        hc_descriptors_free(&fs->descriptors);
        hc_paths_free(&fs->paths);
        hc_waits_free(fs->waits);
        free(fs);
        return NULL;
    }
    return fs;
}

static void fs_destroy(hc_server *s, void *part) {
    hc_fs *fs = part;
    (void)s;
    hc_descriptors_free(&fs->descriptors);
    hc_paths_free(&fs->paths);
    hc_waits_free(fs->waits);
    free(fs);
}

const hc_family hc_family_fs = {
    .name = "fs",
    .part = HC_PART_FS,
    .create = fs_create,
    .destroy = fs_destroy,
    .ops = fs_ops,
    .nops = sizeof fs_ops / sizeof *fs_ops,
};

int hc_fs_root_add(hc_server *s, const char *path, int writable) {
    hc_fs *fs = hc_server_part(s, HC_PART_FS);
    return hc_paths_root_add(&fs->paths, path, writable != 0);
}

void hc_fs_force_fallback(int on) { hc_paths_force_walk(on); }
