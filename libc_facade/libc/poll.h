/* SPDX-License-Identifier: Apache-2.0
 *
 * <poll.h>
 */
#ifndef _HC_LIBC_POLL_H
#define _HC_LIBC_POLL_H

#include <bits/sigset.h>
#include <bits/time.h>
#include <features.h>

#define POLLIN 0x001
#define POLLPRI 0x002
#define POLLOUT 0x004
#define POLLERR 0x008
#define POLLHUP 0x010
#define POLLNVAL 0x020
#define POLLRDNORM 0x040
#define POLLRDBAND 0x080
#define POLLWRNORM 0x100
#define POLLWRBAND 0x200
#define POLLRDHUP 0x2000

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
