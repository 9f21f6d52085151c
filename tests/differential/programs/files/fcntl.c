/* SPDX-License-Identifier: Apache-2.0
 *
 * F_DUPFD, F_GETFD and F_SETFD, and what fcntl refuses.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("a", "x");
    int fd = open("a", O_RDONLY | O_CLOEXEC);
    I(fcntl(fd, F_GETFD));
    I(fcntl(fd, F_SETFD, 0));
    I(fcntl(fd, F_GETFD));
    I(fcntl(fd, F_DUPFD, 50));
    I(fcntl(fd, F_DUPFD, 50));
    I(fcntl(fd, F_DUPFD_CLOEXEC, 60));
    I(fcntl(60, F_GETFD));
    X(fcntl(fd, F_DUPFD, -1));
    X(fcntl(99, F_GETFL));
    X(fcntl(fd, 12345));
    return 0;
}
