/* SPDX-License-Identifier: Apache-2.0
 *
 * Socket options: kinds, errors, reuse, timeouts.
 * needs: net
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include "check.h"

int main(void) {
    int s = socket(AF_INET, SOCK_STREAM, 0), v = -1, one = 1;
    socklen_t n = sizeof v;
    X(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &n));
    I(v);
    I(n);
    X(getsockopt(s, SOL_SOCKET, SO_ERROR, &v, &n));
    I(v);
    X(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one));
    X(getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &v, &n));
    I(v);
    X(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
    X(getsockopt(s, IPPROTO_TCP, TCP_NODELAY, &v, &n));
    I(!!v);
    struct timeval wait = {0, 20000}, got = {0};
    n = sizeof got;
    X(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait));
    X(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &got, &n));
    I(got.tv_usec);
    X(setsockopt(s, SOL_SOCKET, 99999, &one, sizeof one));
    X(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, 1));
    return 0;
}
