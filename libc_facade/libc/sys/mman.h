/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/mman.h>: files as memory. Addresses are the host's to choose.
 */
#ifndef _HC_LIBC_SYS_MMAN_H
#define _HC_LIBC_SYS_MMAN_H

#include "../bits/types.h"

#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_ANON MAP_ANONYMOUS
#define MAP_NORESERVE 0x4000
#define MAP_POPULATE 0x8000
#define MAP_FAILED ((void *)-1)
#define MS_ASYNC 1
#define MS_INVALIDATE 2
#define MS_SYNC 4
#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED 2
#define MADV_NORMAL 0
#define MADV_RANDOM 1
#define MADV_SEQUENTIAL 2
#define MADV_WILLNEED 3
#define MADV_DONTNEED 4
#define POSIX_MADV_NORMAL 0
#define POSIX_MADV_RANDOM 1
#define POSIX_MADV_SEQUENTIAL 2
#define POSIX_MADV_WILLNEED 3
#define POSIX_MADV_DONTNEED 4

#ifdef __cplusplus
extern "C" {
#endif

void *mmap(void *__wanted, size_t __length, int __protection, int __flags, int __fd, off_t __offset);
int munmap(void *__start, size_t __length);
void *mremap(void *__start, size_t __length, size_t __wanted, int __flags, ...);
int msync(void *__start, size_t __length, int __flags);
int mprotect(void *__start, size_t __length, int __protection);
int madvise(void *__start, size_t __length, int __advice);
int posix_madvise(void *__start, size_t __length, int __advice);
int mlock(const void *__start, size_t __length);
int munlock(const void *__start, size_t __length);
#ifdef __cplusplus
}
#endif

#endif
