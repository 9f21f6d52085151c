/* SPDX-License-Identifier: Apache-2.0
 *
 * <errno.h>: one errno for each lane, Linux's numbers.
 */
#ifndef _ERRNO_H
#define _ERRNO_H

#include <features.h>

__HC_BEGIN
int *__errno_location(void) __attribute__((__const__));
__HC_END
#define errno (*__errno_location())
#ifdef __HC_GNU
__HC_BEGIN
extern char *program_invocation_name, *program_invocation_short_name;
__HC_END
#endif

#include "../include/hc/codes/errno.h"
#define EHWPOISON 133

#endif
