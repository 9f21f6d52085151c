/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/select.h>
 */
#ifndef _HC_LIBC_SYS_SELECT_H
#define _HC_LIBC_SYS_SELECT_H

#include <bits/sigset.h>
#include <bits/size.h>
#include <bits/time.h>
#include <features.h>

#define FD_SETSIZE 1024
typedef struct {
    unsigned long fds_bits[FD_SETSIZE / 64];
} fd_set;
typedef long fd_mask;
#define NFDBITS 64

#define FD_SET(fd, set) ((void)((set)->fds_bits[(unsigned)(fd) / 64u] |= 1UL << ((unsigned)(fd) % 64u)))
#define FD_CLR(fd, set) ((void)((set)->fds_bits[(unsigned)(fd) / 64u] &= ~(1UL << ((unsigned)(fd) % 64u))))
#define FD_ISSET(fd, set) ((int)((set)->fds_bits[(unsigned)(fd) / 64u] >> ((unsigned)(fd) % 64u) & 1u))
#define FD_ZERO(set)                                                              \
    do {                                                                          \
        fd_set *__set = (set);                                                    \
        unsigned __i;                                                             \
        for (__i = 0; __i < FD_SETSIZE / 64; __i++) __set->fds_bits[__i] = 0;     \
    } while (0)

__HC_BEGIN
int select(int __count, fd_set *__HC_RESTRICT __in, fd_set *__HC_RESTRICT __out, fd_set *__HC_RESTRICT __except, struct timeval *__HC_RESTRICT __limit);
int pselect(int __count, fd_set *__HC_RESTRICT __in, fd_set *__HC_RESTRICT __out, fd_set *__HC_RESTRICT __except, const struct timespec *__HC_RESTRICT __limit,
            const sigset_t *__HC_RESTRICT __mask);
__HC_END

#endif
