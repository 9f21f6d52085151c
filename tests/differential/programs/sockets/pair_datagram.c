/* SPDX-License-Identifier: Apache-2.0
 *
 * Datagrams keep their edges; what does not fit is cut.
 * needs: net
 */
#include <sys/socket.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int s[2];
    char part[8] = {0};
    X(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
    X(send(s[0], "first one", 9, 0));
    X(send(s[0], "2nd", 3, 0));
    X(send(s[0], "", 0, 0));
    X(recv(s[1], part, 4, 0));
    B(part, 4);
    X(recv(s[1], part, sizeof part, MSG_PEEK));
    X(recv(s[1], part, sizeof part, 0));
    B(part, 3);
    X(recv(s[1], part, sizeof part, 0));
    X(recv(s[1], part, sizeof part, MSG_DONTWAIT));
    return 0;
}
