/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/uio.h>: reads and writes of several pieces.
 */
#ifndef _HC_LIBC_SYS_UIO_H
#define _HC_LIBC_SYS_UIO_H

#include "../bits/types.h"

#define UIO_MAXIOV 1024

#ifdef __cplusplus
extern "C" {
#endif

ssize_t readv(int fd, const struct iovec *pieces, int count);
ssize_t writev(int fd, const struct iovec *pieces, int count);
ssize_t preadv(int fd, const struct iovec *pieces, int count, off_t offset);
ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t offset);
#ifdef __cplusplus
}
#endif

#endif
