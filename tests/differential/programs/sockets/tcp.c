/* SPDX-License-Identifier: Apache-2.0
 *
 * A connection over loopback within one program.
 * needs: net
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    struct sockaddr_in a = {.sin_family = AF_INET}, b;
    socklen_t n = sizeof a;
    char part[16] = {0};
    int one = 1;
    int l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    X(setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
    X(bind(l, (struct sockaddr *)&a, sizeof a));
    X(listen(l, 4));
    X(getsockname(l, (struct sockaddr *)&a, &n));
    I(n);
    I(ntohs(a.sin_port) > 0);
    X(connect(c, (struct sockaddr *)&a, sizeof a));
    n = sizeof b;
    int s = accept(l, (struct sockaddr *)&b, &n);
    I(s >= 0);
    S(inet_ntoa(b.sin_addr));
    n = sizeof a;
    X(getsockname(c, (struct sockaddr *)&a, &n));
    I(a.sin_port == b.sin_port);
    n = sizeof a;
    X(getpeername(s, (struct sockaddr *)&a, &n));
    I(a.sin_port == b.sin_port);
    X(send(c, "ping", 4, 0));
    X(recv(s, part, 4, MSG_WAITALL));
    S(part);
    X(send(s, "pong!", 5, 0));
    X(recv(c, part, 5, MSG_WAITALL));
    S(part);
    close(s);
    X(recv(c, part, 5, 0));
    close(c);
    close(l);
    return 0;
}
