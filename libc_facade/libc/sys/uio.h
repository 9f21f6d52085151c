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

ssize_t readv(int __fd, const struct iovec *__pieces, int __count);
ssize_t writev(int __fd, const struct iovec *__pieces, int __count);
ssize_t preadv(int __fd, const struct iovec *__pieces, int __count, off_t __offset);
ssize_t pwritev(int __fd, const struct iovec *__pieces, int __count, off_t __offset);
#ifdef __cplusplus
}
#endif

#endif
