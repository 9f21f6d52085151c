/* SPDX-License-Identifier: Apache-2.0
 *
 * O_NONBLOCK: EAGAIN when empty and when full.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int ends[2];
    static char block[4096];
    long total = 0;
    ssize_t n;
    X(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
    I(fcntl(ends[0], F_GETFD));
    X(read(ends[0], block, 1));
    while ((n = write(ends[1], block, sizeof block)) > 0) total += n;
    X(n);
    I(errno == EAGAIN);
    I(total);
    X(read(ends[0], block, 4096));
    X(write(ends[1], block, 4096));
    close(ends[1]);
    X(pipe2(ends, 12345));
    return 0;
}
