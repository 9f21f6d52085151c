/* SPDX-License-Identifier: Apache-2.0
 *
 * <termios.h>: the modes of a terminal, to be read. They belong to the host: changing them is refused.
 */
#ifndef _HC_LIBC_TERMIOS_H
#define _HC_LIBC_TERMIOS_H

#include "bits/types.h"

#define NCCS 32
typedef unsigned char cc_t;
typedef unsigned int speed_t;
typedef unsigned int tcflag_t;
struct termios {
    tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
    cc_t c_line, c_cc[NCCS];
    speed_t c_ispeed, c_ospeed;
};
#define VINTR 0
#define VQUIT 1
#define VERASE 2
#define VKILL 3
#define VEOF 4
#define VTIME 5
#define VMIN 6
#define VSTART 8
#define VSTOP 9
#define VSUSP 10
#define VEOL 11
#define BRKINT 0000002
#define IGNPAR 0000004
#define INPCK 0000020
#define ISTRIP 0000040
#define ICRNL 0000400
#define IXON 0002000
#define OPOST 0000001
#define ONLCR 0000004
#define CS8 0000060
#define CREAD 0000200
#define ISIG 0000001
#define ICANON 0000002
#define ECHO 0000010
#define ECHOE 0000020
#define ECHOK 0000040
#define ECHONL 0000100
#define NOFLSH 0000200
#define TOSTOP 0000400
#define IEXTEN 0100000
#define TCSANOW 0
#define TCSADRAIN 1
#define TCSAFLUSH 2

#ifdef __cplusplus
extern "C" {
#endif
int tcgetattr(int __fd, struct termios *__to);
int tcsetattr(int __fd, int __when, const struct termios *__wanted);
int tcflush(int __fd, int __queue);
int tcdrain(int __fd);
speed_t cfgetispeed(const struct termios *__modes);
speed_t cfgetospeed(const struct termios *__modes);
#ifdef __cplusplus
}
#endif

#endif
