/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/types.h>: the widths are Linux's on x86-64.
 */
#ifndef _HC_LIBC_SYS_TYPES_H
#define _HC_LIBC_SYS_TYPES_H

#include "../bits/types.h"
#include "../features.h"
#include "../stdint.h"

#ifdef __HC_MISC
typedef unsigned char u_int8_t;
typedef unsigned short u_int16_t;
typedef unsigned int u_int32_t;
typedef unsigned long u_int64_t;
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long, ulong;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef long quad_t;
typedef unsigned long u_quad_t;
typedef off_t loff_t;
typedef long off64_t;
#endif
typedef long register_t;
typedef int key_t;
typedef int daddr_t;
typedef char *caddr_t;

#endif
