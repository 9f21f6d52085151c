/* SPDX-License-Identifier: Apache-2.0
 *
 * Datagrams over loopback by sendto and recvfrom.
 * needs: net
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    struct sockaddr_in a = {.sin_family = AF_INET}, b = {0}, from = {0};
    socklen_t n = sizeof a;
    char part[16] = {0};
    int x = socket(AF_INET, SOCK_DGRAM, 0), y = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    X(bind(x, (struct sockaddr *)&a, sizeof a));
    X(bind(y, (struct sockaddr *)&a, sizeof a));
    X(getsockname(x, (struct sockaddr *)&a, &n));
    n = sizeof b;
    X(getsockname(y, (struct sockaddr *)&b, &n));
    X(sendto(x, "datagram", 8, 0, (struct sockaddr *)&b, sizeof b));
    n = sizeof from;
    X(recvfrom(y, part, sizeof part, 0, (struct sockaddr *)&from, &n));
    S(part);
    I(from.sin_port == a.sin_port);
    I(n);
    X(connect(y, (struct sockaddr *)&a, sizeof a));
    X(send(y, "back", 4, 0));
    X(recv(x, part, sizeof part, 0));
    B(part, 4);
    close(x);
    close(y);
    return 0;
}
