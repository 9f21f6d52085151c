/* SPDX-License-Identifier: Apache-2.0
 *
 * <grp.h>: the group that the host's process runs as; none else is known.
 */
#ifndef _HC_LIBC_GRP_H
#define _HC_LIBC_GRP_H

#include "bits/types.h"

struct group {
    char *gr_name, *gr_passwd;
    gid_t gr_gid;
    char **gr_mem;
};

#ifdef __cplusplus
extern "C" {
#endif
struct group *getgrgid(gid_t __gid);
struct group *getgrnam(const char *__name);
int getgrgid_r(gid_t __gid, struct group *__to, char *__buffer, size_t __bytes, struct group **__found);
int getgrnam_r(const char *__name, struct group *__to, char *__buffer, size_t __bytes, struct group **__found);
int setgroups(size_t __count, const gid_t *__groups);
#ifdef __cplusplus
}
#endif

#endif
