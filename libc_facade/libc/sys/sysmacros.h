/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/sysmacros.h>: a device's number and its two halves, as Linux packs them.
 */
#ifndef _HC_LIBC_SYS_SYSMACROS_H
#define _HC_LIBC_SYS_SYSMACROS_H

#define major(device) ((unsigned int)(((device) >> 8) & 0xfff) | (unsigned int)(((device) >> 32) & ~0xffful))
#define minor(device) ((unsigned int)((device) & 0xff) | (unsigned int)(((device) >> 12) & ~0xfful))
#define makedev(high, low) \
    ((((unsigned long)(high) & 0xffful) << 8) | (((unsigned long)(high) & ~0xffful) << 32) | ((unsigned long)(low) & 0xfful) | \
     (((unsigned long)(low) & ~0xfful) << 12))

#endif
