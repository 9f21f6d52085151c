/* SPDX-License-Identifier: Apache-2.0
 *
 * <netdb.h>: the host's resolver. There are no databases of networks, protocols and services; getaddrinfo knows services by name.
 */
#ifndef _HC_LIBC_NETDB_H
#define _HC_LIBC_NETDB_H

#include <netinet/in.h>

#include "../include/hc/codes/netdb.h"
#define EAI_BADFLAGS (-1)
#define EAI_NONAME (-2)
#define EAI_AGAIN (-3)
#define EAI_FAIL (-4)
#define EAI_NODATA (-5)
#define EAI_FAMILY (-6)
#define EAI_SOCKTYPE (-7)
#define EAI_SERVICE (-8)
#define EAI_ADDRFAMILY (-9)
#define EAI_MEMORY (-10)
#define EAI_SYSTEM (-11)
#define EAI_OVERFLOW (-12)

struct addrinfo {
    int ai_flags, ai_family, ai_socktype, ai_protocol;
    socklen_t ai_addrlen;
    struct sockaddr *ai_addr;
    char *ai_canonname;
    struct addrinfo *ai_next;
};
struct hostent {
    char *h_name;
    char **h_aliases;
    int h_addrtype, h_length;
    char **h_addr_list;
};

__HC_BEGIN
int getaddrinfo(const char *__HC_RESTRICT __node, const char *__HC_RESTRICT __service, const struct addrinfo *__HC_RESTRICT __hints,
                struct addrinfo **__HC_RESTRICT __list);
void freeaddrinfo(struct addrinfo *__list);
const char *gai_strerror(int __code);
int getnameinfo(const struct sockaddr *__HC_RESTRICT __address, socklen_t __bytes, char *__HC_RESTRICT __host, socklen_t __host_room,
                char *__HC_RESTRICT __service, socklen_t __service_room, int __flags);
struct hostent *gethostbyname(const char *__name);
int *__h_errno_location(void);
__HC_END
#define h_errno (*__h_errno_location())

#endif
