/* SPDX-License-Identifier: Apache-2.0
 *
 * A server and a client at a path.
 * needs: net
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    char part[8] = {0};
    strcpy(a.sun_path, "s");
    int l = socket(AF_UNIX, SOCK_STREAM, 0), c = socket(AF_UNIX, SOCK_STREAM, 0);
    X(connect(c, (struct sockaddr *)&a, sizeof a));
    X(bind(l, (struct sockaddr *)&a, sizeof a));
    X(listen(l, 1));
    X(connect(c, (struct sockaddr *)&a, sizeof a));
    int s = accept(l, NULL, NULL);
    I(s >= 0);
    X(send(c, "hi", 2, 0));
    X(recv(s, part, 8, 0));
    S(part);
    int again = socket(AF_UNIX, SOCK_STREAM, 0);
    X(bind(again, (struct sockaddr *)&a, sizeof a));
    X(unlink("s"));
    return 0;
}
