/* SPDX-License-Identifier: Apache-2.0
 *
 * <pwd.h>: the user that the host's process runs as; nobody else is known.
 */
#ifndef _HC_LIBC_PWD_H
#define _HC_LIBC_PWD_H

#include "bits/types.h"

struct passwd {
    char *pw_name, *pw_passwd;
    uid_t pw_uid;
    gid_t pw_gid;
    char *pw_gecos, *pw_dir, *pw_shell;
};

#ifdef __cplusplus
extern "C" {
#endif
struct passwd *getpwuid(uid_t __uid);
struct passwd *getpwnam(const char *__name);
int getpwuid_r(uid_t __uid, struct passwd *__to, char *__buffer, size_t __bytes, struct passwd **__found);
int getpwnam_r(const char *__name, struct passwd *__to, char *__buffer, size_t __bytes, struct passwd **__found);
#ifdef __cplusplus
}
#endif

#endif
