/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/param.h>: numbers that older programs look for here.
 */
#ifndef _HC_LIBC_SYS_PARAM_H
#define _HC_LIBC_SYS_PARAM_H

#include "../limits.h"
#include "types.h"

#define MAXPATHLEN 4096
#define MAXHOSTNAMELEN 64
#define NOFILE 256
#define DEV_BSIZE 512
#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif
#define howmany(x, y) (((x) + ((y)-1)) / (y))
#define roundup(x, y) (howmany(x, y) * (y))

#endif
