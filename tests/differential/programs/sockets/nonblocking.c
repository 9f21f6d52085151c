/* SPDX-License-Identifier: Apache-2.0
 *
 * An empty socket that does not block is EAGAIN.
 * needs: net
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int s[2];
    char c;
    X(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s));
    I(fcntl(s[0], F_GETFD));
    I(!!(fcntl(s[0], F_GETFL) & O_NONBLOCK));
    X(recv(s[0], &c, 1, 0));
    X(read(s[0], &c, 1));
    X(send(s[1], "ab", 2, 0));
    X(recv(s[0], &c, 1, MSG_PEEK));
    X(recv(s[0], &c, 1, 0));
    X(recv(s[0], &c, 1, 0));
    printf("%c\n", c);
    return 0;
}
