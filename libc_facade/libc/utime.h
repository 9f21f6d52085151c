/* SPDX-License-Identifier: Apache-2.0
 *
 * <utime.h>: when a file was used, in seconds.
 */
#ifndef _HC_LIBC_UTIME_H
#define _HC_LIBC_UTIME_H

#include "bits/types.h"

struct utimbuf {
    time_t actime, modtime;
};

#ifdef __cplusplus
extern "C" {
#endif
int utime(const char *__path, const struct utimbuf *__times);
#ifdef __cplusplus
}
#endif

#endif
