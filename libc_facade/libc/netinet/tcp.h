/* SPDX-License-Identifier: Apache-2.0
 *
 * <netinet/tcp.h>: options of TCP sockets.
 */
#ifndef _HC_LIBC_NETINET_TCP_H
#define _HC_LIBC_NETINET_TCP_H

#include "../../include/hc/codes/tcp.h"

#endif
