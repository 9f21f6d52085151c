/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/ioctl.h>: bytes that wait, the size of the terminal; ENOTTY for the rest.
 */
#ifndef _HC_LIBC_SYS_IOCTL_H
#define _HC_LIBC_SYS_IOCTL_H

struct winsize {
    unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel;
};
#define TCGETS 0x5401
#define TIOCGWINSZ 0x5413
#define FIONREAD 0x541b
#define FIONBIO 0x5421

#ifdef __cplusplus
extern "C" {
#endif
int ioctl(int __fd, unsigned long __request, ...);
#ifdef __cplusplus
}
#endif

#endif
