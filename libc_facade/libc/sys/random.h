/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/random.h>: the host's random bytes.
 */
#ifndef _HC_LIBC_SYS_RANDOM_H
#define _HC_LIBC_SYS_RANDOM_H

#include "../bits/types.h"

#define GRND_NONBLOCK 1
#define GRND_RANDOM 2
#define GRND_INSECURE 4

#ifdef __cplusplus
extern "C" {
#endif

ssize_t getrandom(void *__buffer, size_t __bytes, unsigned int __flags);
int getentropy(void *__buffer, size_t __bytes);
#ifdef __cplusplus
}
#endif

#endif
