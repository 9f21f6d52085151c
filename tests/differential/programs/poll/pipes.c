/* SPDX-License-Identifier: Apache-2.0
 *
 * poll on pipes: ready, not ready, hung up, bad, ignored.
 */
#include <poll.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int ends[2];
    struct pollfd p[3];
    pipe(ends);
    p[0] = (struct pollfd){ends[0], POLLIN, 0};
    p[1] = (struct pollfd){ends[1], POLLOUT, 0};
    p[2] = (struct pollfd){-1, POLLIN, 77};
    I(poll(p, 3, 0));
    printf("%d %d %d\n", p[0].revents, p[1].revents, p[2].revents);
    write(ends[1], "x", 1);
    I(poll(p, 3, 1000));
    printf("%d %d %d\n", p[0].revents, p[1].revents, p[2].revents);
    close(ends[1]);
    p[1].fd = 999;
    I(poll(p, 2, -1));
    printf("%d %d\n", p[0].revents, p[1].revents);
    char c;
    I(read(ends[0], &c, 1));
    I(poll(p, 1, 10));
    printf("%d\n", p[0].revents);
    I(poll(NULL, 0, 5));
    return 0;
}
