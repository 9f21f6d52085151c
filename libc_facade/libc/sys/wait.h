/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/wait.h>: what system and pclose return. A program has no children to wait for: ECHILD.
 */
#ifndef _HC_LIBC_SYS_WAIT_H
#define _HC_LIBC_SYS_WAIT_H

#include "../bits/types.h"

#include "../../include/hc/codes/wait.h"

#ifdef __cplusplus
extern "C" {
#endif
pid_t wait(int *__status);
pid_t waitpid(pid_t __pid, int *__status, int __options);
#ifdef __cplusplus
}
#endif

#endif
