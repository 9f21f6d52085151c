/* SPDX-License-Identifier: Apache-2.0
 *
 * What the file-system services share among themselves (fs_arguments.c), and what each file of them gives to the table
 * in fs.c. Nothing outside fs*.c needs this.
 */
#ifndef HC_FS_SERVICES_H
#define HC_FS_SERVICES_H
#include "fs.h"
#include <sys/stat.h>

/* A service is mostly a function of one lane. */
typedef int64_t (*hc_fs_lane_fn)(hc_fs *fs, hc_call *c, uint32_t rank);
int hc_fs_each_lane(hc_call *c, hc_fs_lane_fn fn);           /* where nothing sleeps: on the poller */
int hc_fs_each_lane_may_block(hc_call *c, hc_fs_lane_fn fn); /* on a worker */
#define HC_FS_SERVICE(name, run) \
    int hc_fs_##name(hc_call *c) { return run(c, name##_lane); }

/* Copies a path out of the lane's payload. A NUL may end it; -ENOENT where it is empty. */
int hc_fs_take_path(const hc_call *c, uint32_t rank, uint64_t from, int64_t bytes, char out[PATH_MAX]);
/* Where a path starts. *held, if set, is a reference to give back (hc_fs_drop). */
int hc_fs_take_start(hc_fs *fs, int64_t dirfd, const char *path, hc_start *start, hc_file **held);
void hc_fs_drop(hc_file *held);
/* The common beginning of everything that takes (bytes, dirfd, ...). */
int hc_fs_take_name(hc_fs *fs, const hc_call *c, uint32_t rank, char path[PATH_MAX], hc_start *start, hc_file **held);
/* Where an answer of this size goes. */
int hc_fs_take_room(const hc_call *c, uint32_t rank, uint64_t bytes, uint8_t **room);

/* fs_open.c: makes a file of a host descriptor that was opened with O_NONBLOCK; takes the descriptor over. */
int hc_fs_adopt(int fd, uint32_t wire, int flags, uint32_t root, hc_file **out);
/* fs_descriptors.c */
int64_t hc_fs_shorten(int fd, int64_t length);
/* fs_open.c: flags of a host descriptor, and what they are on the wire. */
uint32_t hc_fs_wire_flags(int host);
/* fs_modes.c: to be called before anything is made. Where the device has set a umask, this thread gets it for its own,
 * so that the kernel applies it, and the process keeps the one it has. */
mode_t hc_fs_masked(hc_fs *fs, mode_t mode);
/* A name for what a host descriptor stands for, opened by O_PATH too, where calls take no descriptor. */
#define HC_FS_SELF 40
void hc_fs_self(int fd, char out[HC_FS_SELF]);

int hc_fs_open(hc_call *c);
int hc_fs_close(hc_call *c);
int hc_fs_dup(hc_call *c);
int hc_fs_pipe(hc_call *c);
int hc_fs_isatty(hc_call *c);
int hc_fs_lseek(hc_call *c);
int hc_fs_fsync(hc_call *c);
int hc_fs_ftruncate(hc_call *c);
int hc_fs_fstat(hc_call *c);
int hc_fs_stat(hc_call *c);
int hc_fs_access(hc_call *c);
int hc_fs_mkdir(hc_call *c);
int hc_fs_unlink(hc_call *c);
int hc_fs_rename(hc_call *c);
int hc_fs_truncate(hc_call *c);
int hc_fs_chdir(hc_call *c);
int hc_fs_getcwd(hc_call *c);
int hc_fs_getdents(hc_call *c);
int hc_fs_fcntl(hc_call *c);
int hc_fs_lock(hc_call *c);
int hc_fs_flock(hc_call *c);
int hc_fs_allocate(hc_call *c);
int hc_fs_advise(hc_call *c);
int hc_fs_sync(hc_call *c);
int hc_fs_copy(hc_call *c);
int hc_fs_link(hc_call *c);
int hc_fs_symlink(hc_call *c);
int hc_fs_readlink(hc_call *c);
int hc_fs_chmod(hc_call *c);
int hc_fs_chown(hc_call *c);
int hc_fs_umask(hc_call *c);
int hc_fs_utimes(hc_call *c);
int hc_fs_mknod(hc_call *c);
int hc_fs_statvfs(hc_call *c);
int hc_fs_realpath(hc_call *c);
int hc_fs_pathconf(hc_call *c);
int hc_fs_ioctl(hc_call *c);
int hc_fs_ttyname(hc_call *c);
#endif
