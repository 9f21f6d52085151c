/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/wait.h>: what system and pclose return. A program has no children to wait for: ECHILD.
 */
#ifndef _HC_LIBC_SYS_WAIT_H
#define _HC_LIBC_SYS_WAIT_H

#include "../bits/types.h"

#define WNOHANG 1
#define WUNTRACED 2
#define WCONTINUED 8
#define WEXITSTATUS(status) (((status) >> 8) & 255)
#define WTERMSIG(status) ((status) & 127)
#define WSTOPSIG(status) WEXITSTATUS(status)
#define WIFEXITED(status) (WTERMSIG(status) == 0)
#define WIFSIGNALED(status) (WTERMSIG(status) != 0 && WTERMSIG(status) != 127)
#define WIFSTOPPED(status) (((status) & 255) == 127)
#define WIFCONTINUED(status) ((status) == 0xffff)
#define WCOREDUMP(status) ((status) & 128)

#ifdef __cplusplus
extern "C" {
#endif
pid_t wait(int *__status);
pid_t waitpid(pid_t __pid, int *__status, int __options);
#ifdef __cplusplus
}
#endif

#endif
