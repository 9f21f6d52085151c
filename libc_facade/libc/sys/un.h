/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/un.h>: paths lie beneath the roots that the runtime was given; there are no abstract names.
 */
#ifndef _HC_LIBC_SYS_UN_H
#define _HC_LIBC_SYS_UN_H

#include <sys/socket.h>

struct sockaddr_un {
    sa_family_t sun_family;
    char sun_path[108];
};
#ifdef __HC_MISC
#include <string.h>
#define SUN_LEN(a) (sizeof(sa_family_t) + strlen((a)->sun_path))
#endif

#endif
