/* SPDX-License-Identifier: Apache-2.0
 *
 * What the socket calls refuse.
 * needs: net
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof a;
    char c;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a.sin_port = htons(1);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    X(socket(AF_INET, 999, 0));
    X(socket(12345, SOCK_STREAM, 0));
    X(connect(s, (struct sockaddr *)&a, sizeof a));
    X(send(s, "x", 1, MSG_NOSIGNAL));
    X(recv(s, &c, 1, 0));
    X(getpeername(s, (struct sockaddr *)&a, &n));
    X(accept(s, NULL, NULL));
    make_file("f", "");
    FILE *f = fopen("f", "r");
    X(send(fileno(f), "x", 1, 0));
    X(listen(fileno(f), 1));
    X(bind(99, (struct sockaddr *)&a, sizeof a));
    X(shutdown(s, SHUT_RD));
    X(shutdown(s, 77));
    int l = socket(AF_INET, SOCK_STREAM, 0), m = socket(AF_INET, SOCK_STREAM, 0);
    a.sin_port = 0;
    X(bind(l, (struct sockaddr *)&a, sizeof a));
    X(listen(l, 1));
    n = sizeof a;
    getsockname(l, (struct sockaddr *)&a, &n);
    X(bind(m, (struct sockaddr *)&a, sizeof a));
    X(bind(l, (struct sockaddr *)&a, 2));
    return 0;
}
