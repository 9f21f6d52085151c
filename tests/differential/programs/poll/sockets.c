/* SPDX-License-Identifier: Apache-2.0
 *
 * poll and select on a socket pair.
 * needs: net
 */
#include <poll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int s[2];
    fd_set r, w;
    struct timeval none = {0, 0};
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    struct pollfd p = {s[0], POLLIN | POLLOUT, 0};
    I(poll(&p, 1, 0));
    I(p.revents);
    send(s[1], "x", 1, 0);
    I(poll(&p, 1, 100));
    I(p.revents);
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_SET(s[0], &r);
    FD_SET(s[1], &r);
    FD_SET(s[1], &w);
    I(select((s[0] > s[1] ? s[0] : s[1]) + 1, &r, &w, NULL, &none));
    printf("%d %d %d\n", !!FD_ISSET(s[0], &r), !!FD_ISSET(s[1], &r), !!FD_ISSET(s[1], &w));
    shutdown(s[1], SHUT_WR);
    p.events = POLLIN | POLLRDHUP;
    I(poll(&p, 1, 0));
    I(p.revents);
    close(s[1]);
    I(poll(&p, 1, 0));
    I(p.revents & POLLHUP);
    return 0;
}
