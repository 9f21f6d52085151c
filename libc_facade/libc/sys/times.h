/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/times.h>: the times of the host's process.
 */
#ifndef _HC_LIBC_SYS_TIMES_H
#define _HC_LIBC_SYS_TIMES_H

#include "../bits/types.h"

struct tms {
    clock_t tms_utime, tms_stime, tms_cutime, tms_cstime;
};

#ifdef __cplusplus
extern "C" {
#endif
clock_t times(struct tms *__to);
#ifdef __cplusplus
}
#endif

#endif
