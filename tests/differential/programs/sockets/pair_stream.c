/* SPDX-License-Identifier: Apache-2.0
 *
 * A pair of stream sockets, both ways, the end by shutdown.
 * needs: net
 */
#include <sys/socket.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int s[2];
    char part[16] = {0};
    X(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    X(send(s[0], "question", 8, 0));
    X(recv(s[1], part, 4, 0));
    S(part);
    X(recv(s[1], part, 16, 0));
    B(part, 4);
    X(write(s[1], "answer", 6));
    X(read(s[0], part, 16));
    B(part, 6);
    X(shutdown(s[0], SHUT_WR));
    X(recv(s[1], part, 16, 0));
    X(send(s[1], "still", 5, 0));
    X(recv(s[0], part, 16, 0));
    X(send(s[0], "x", 1, MSG_NOSIGNAL));
    X(lseek(s[0], 0, SEEK_SET));
    close(s[1]);
    X(recv(s[0], part, 16, 0));
    close(s[0]);
    return 0;
}
