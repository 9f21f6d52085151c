/* SPDX-License-Identifier: Apache-2.0
 *
 * The writer's end sees that the reader has gone.
 */
#include <poll.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int ends[2];
    pipe(ends);
    struct pollfd p = {ends[1], POLLOUT, 0};
    close(ends[0]);
    I(poll(&p, 1, 0));
    I(p.revents);
    return 0;
}
