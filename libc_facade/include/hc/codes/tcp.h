/* SPDX-License-Identifier: Apache-2.0
 *
 * <netinet/tcp.h>, as Linux has them on x86-64: one text for kernels and for programs.
 */
#ifndef HC_CODES_TCP_H
#define HC_CODES_TCP_H

#define TCP_NODELAY 1
#define TCP_MAXSEG 2
#define TCP_CORK 3
#define TCP_KEEPIDLE 4
#define TCP_KEEPINTVL 5
#define TCP_KEEPCNT 6
#define TCP_SYNCNT 7
#define TCP_DEFER_ACCEPT 9
#define TCP_INFO 11
#define TCP_QUICKACK 12
#define TCP_USER_TIMEOUT 18
#define SOL_TCP 6

#endif
