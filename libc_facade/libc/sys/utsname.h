/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/utsname.h>: the host's system.
 */
#ifndef _HC_LIBC_SYS_UTSNAME_H
#define _HC_LIBC_SYS_UTSNAME_H

struct utsname {
    char sysname[65], nodename[65], release[65], version[65], machine[65], __domainname[65];
};

#ifdef __cplusplus
extern "C" {
#endif
int uname(struct utsname *__to);
#ifdef __cplusplus
}
#endif

#endif
