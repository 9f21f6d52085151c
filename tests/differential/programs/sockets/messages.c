/* SPDX-License-Identifier: Apache-2.0
 *
 * sendmsg and recvmsg gather and scatter.
 * needs: net
 */
#include <sys/socket.h>
#include <sys/uio.h>
#include "check.h"

int main(void) {
    int s[2];
    char a[4] = {0}, b[8] = {0};
    struct iovec out[2] = {{"abc", 3}, {"defgh", 5}}, in[2] = {{a, 3}, {b, 7}};
    struct msghdr m = {.msg_iov = out, .msg_iovlen = 2};
    X(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
    X(sendmsg(s[0], &m, 0));
    memset(&m, 0, sizeof m);
    m.msg_iov = in;
    m.msg_iovlen = 2;
    X(recvmsg(s[1], &m, 0));
    S(a);
    S(b);
    I(m.msg_flags & MSG_TRUNC);
    m.msg_iov = out;
    X(sendmsg(s[0], &m, 0));
    m.msg_iov = in;
    m.msg_iovlen = 1;
    X(recvmsg(s[1], &m, 0));
    I(!!(m.msg_flags & MSG_TRUNC));
    return 0;
}
