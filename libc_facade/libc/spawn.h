/* SPDX-License-Identifier: Apache-2.0
 *
 * <spawn.h>: programs cannot be started this way; ENOSYS is what the call returns.
 */
#ifndef _HC_LIBC_SPAWN_H
#define _HC_LIBC_SPAWN_H

#include "bits/types.h"

typedef struct {
    int __reserved[20];
} posix_spawn_file_actions_t;
typedef struct {
    int __reserved[84];
} posix_spawnattr_t;

#ifdef __cplusplus
extern "C" {
#endif
int posix_spawn(pid_t *__pid, const char *__path, const posix_spawn_file_actions_t *__actions, const posix_spawnattr_t *__attributes,
                char *const __argv[], char *const __envp[]);
int posix_spawnp(pid_t *__pid, const char *__file, const posix_spawn_file_actions_t *__actions, const posix_spawnattr_t *__attributes,
                 char *const __argv[], char *const __envp[]);
#ifdef __cplusplus
}
#endif

#endif
