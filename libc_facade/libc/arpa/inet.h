/* SPDX-License-Identifier: Apache-2.0
 *
 * <arpa/inet.h>
 */
#ifndef _HC_LIBC_ARPA_INET_H
#define _HC_LIBC_ARPA_INET_H

#include <netinet/in.h>

__HC_BEGIN
int inet_pton(int __family, const char *__HC_RESTRICT __text, void *__HC_RESTRICT __to);
const char *inet_ntop(int __family, const void *__HC_RESTRICT __from, char *__HC_RESTRICT __to, socklen_t __room);
in_addr_t inet_addr(const char *__text);
char *inet_ntoa(struct in_addr __address);
int inet_aton(const char *__text, struct in_addr *__to);
__HC_END

#endif
