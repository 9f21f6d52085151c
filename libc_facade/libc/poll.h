/* SPDX-License-Identifier: Apache-2.0
 *
 * <poll.h>
 */
#ifndef _HC_LIBC_POLL_H
#define _HC_LIBC_POLL_H

#include <bits/sigset.h>
#include <bits/time.h>
#include <features.h>

#include "../include/hc/codes/poll.h"

typedef unsigned long nfds_t;
struct pollfd {
    int fd;
    short events, revents;
};

__HC_BEGIN
int poll(struct pollfd *__fds, nfds_t __count, int __ms);
int ppoll(struct pollfd *__fds, nfds_t __count, const struct timespec *__limit, const sigset_t *__mask);
__HC_END

#endif
