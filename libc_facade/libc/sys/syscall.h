/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/syscall.h>: the numbers that syscall() answers, as on x86-64. Every other number is ENOSYS.
 */
#ifndef _SYS_SYSCALL_H
#define _SYS_SYSCALL_H

#define SYS_read 0
#define SYS_write 1
#define SYS_close 3
#define SYS_sched_yield 24
#define SYS_getpid 39
#define SYS_gettid 186
#define SYS_futex 202
#define SYS_getrandom 318

#endif
