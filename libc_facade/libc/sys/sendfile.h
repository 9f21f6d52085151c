/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/sendfile.h>: copies between descriptors.
 */
#ifndef _HC_LIBC_SYS_SENDFILE_H
#define _HC_LIBC_SYS_SENDFILE_H

#include "../bits/types.h"

#ifdef __cplusplus
extern "C" {
#endif
ssize_t sendfile(int __to, int __from, off_t *__offset, size_t __bytes);
#ifdef __cplusplus
}
#endif

#endif
