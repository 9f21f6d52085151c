/* SPDX-License-Identifier: Apache-2.0
 *
 * <poll.h>: events, as Linux has them on x86-64: one text for kernels and for programs.
 */
#ifndef HC_CODES_POLL_H
#define HC_CODES_POLL_H

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

#endif
