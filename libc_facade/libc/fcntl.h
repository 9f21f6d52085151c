/* SPDX-License-Identifier: Apache-2.0
 *
 * <fcntl.h>: descriptors are the runtime's own, flags are Linux's on x86-64.
 */
#ifndef _HC_LIBC_FCNTL_H
#define _HC_LIBC_FCNTL_H

#include "bits/types.h"

#include "../include/hc/codes/fcntl.h"
#define O_ASYNC 020000

#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif
#ifndef R_OK
#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4
#endif

struct flock {
    short l_type, l_whence;
    off_t l_start, l_len;
    pid_t l_pid;
};

#ifdef __cplusplus
extern "C" {
#endif

int open(const char *__path, int __flags, ...);
int openat(int __dir, const char *__path, int __flags, ...);
int creat(const char *__path, mode_t __mode);
int fcntl(int __fd, int __command, ...);
int posix_fadvise(int __fd, off_t __offset, off_t __length, int __advice);
int posix_fallocate(int __fd, off_t __offset, off_t __length);
int fallocate(int __fd, int __mode, off_t __offset, off_t __length);
#ifdef __cplusplus
}
#endif

#endif
