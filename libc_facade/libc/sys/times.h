/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/times.h>
 */
#ifndef _SYS_TIMES_H
#define _SYS_TIMES_H

#include <bits/time.h>
#include <features.h>

struct tms {
    clock_t tms_utime, tms_stime, tms_cutime, tms_cstime;
};

__HC_BEGIN
clock_t times(struct tms *__to);
__HC_END

#endif
