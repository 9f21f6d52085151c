/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/auxv.h>: of what a loader tells a program, the page size and the clock's ticks. The rest reads 0 with ENOENT.
 */
#ifndef _SYS_AUXV_H
#define _SYS_AUXV_H

#include <features.h>

#define AT_NULL 0
#define AT_PHDR 3
#define AT_PAGESZ 6
#define AT_UID 11
#define AT_EUID 12
#define AT_GID 13
#define AT_EGID 14
#define AT_HWCAP 16
#define AT_CLKTCK 17
#define AT_SECURE 23
#define AT_RANDOM 25
#define AT_HWCAP2 26
#define AT_MINSIGSTKSZ 51

__HC_BEGIN
unsigned long getauxval(unsigned long __type);
__HC_END

#endif
