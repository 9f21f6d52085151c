/* SPDX-License-Identifier: Apache-2.0
 *
 * <netinet/in.h>
 */
#ifndef _HC_LIBC_NETINET_IN_H
#define _HC_LIBC_NETINET_IN_H

#include <stdint.h>
#include <sys/socket.h>

typedef uint16_t in_port_t;
typedef uint32_t in_addr_t;
struct in_addr {
    in_addr_t s_addr;
};
struct in6_addr {
    union {
        uint8_t __bytes[16];
        uint16_t __halves[8];
        uint32_t __words[4];
    } __in6;
};
#define s6_addr __in6.__bytes
#define s6_addr16 __in6.__halves
#define s6_addr32 __in6.__words
struct sockaddr_in {
    sa_family_t sin_family;
    in_port_t sin_port;
    struct in_addr sin_addr;
    unsigned char sin_zero[8];
};
struct sockaddr_in6 {
    sa_family_t sin6_family;
    in_port_t sin6_port;
    uint32_t sin6_flowinfo;
    struct in6_addr sin6_addr;
    uint32_t sin6_scope_id;
};

#include "../../include/hc/codes/in.h"
#define INADDR_ANY ((in_addr_t)0)
#define INADDR_LOOPBACK ((in_addr_t)0x7f000001)
#define INADDR_BROADCAST ((in_addr_t)0xffffffff)
#define INADDR_NONE ((in_addr_t)0xffffffff)

#define IN6ADDR_ANY_INIT                                     \
    {                                                        \
        {                                                    \
            {                                                \
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 \
            }                                                \
        }                                                    \
    }
#define IN6ADDR_LOOPBACK_INIT                                \
    {                                                        \
        {                                                    \
            {                                                \
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 \
            }                                                \
        }                                                    \
    }
static const struct in6_addr in6addr_any __attribute__((__unused__)) = IN6ADDR_ANY_INIT;
static const struct in6_addr in6addr_loopback __attribute__((__unused__)) = IN6ADDR_LOOPBACK_INIT;

#define IN6_IS_ADDR_LOOPBACK(a) (!((a)->s6_addr32[0] | (a)->s6_addr32[1] | (a)->s6_addr32[2]) && (a)->s6_addr32[3] == htonl(1))
#define IN6_IS_ADDR_V4MAPPED(a) (!((a)->s6_addr32[0] | (a)->s6_addr32[1]) && (a)->s6_addr32[2] == htonl(0xffff))
#define IN6_IS_ADDR_LINKLOCAL(a) ((a)->s6_addr[0] == 0xfe && ((a)->s6_addr[1] & 0xc0) == 0x80)

__HC_BEGIN
uint16_t htons(uint16_t __x);
uint16_t ntohs(uint16_t __x);
uint32_t htonl(uint32_t __x);
uint32_t ntohl(uint32_t __x);
__HC_END

#endif
