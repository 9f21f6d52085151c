/* SPDX-License-Identifier: Apache-2.0
 *
 * O_APPEND turned on and off by fcntl.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("a", "abc");
    int fd = open("a", O_RDWR);
    I(fcntl(fd, F_GETFL) & (O_APPEND | O_ACCMODE));
    I(fcntl(fd, F_SETFL, O_APPEND));
    I(!!(fcntl(fd, F_GETFL) & O_APPEND));
    I(write(fd, "d", 1));
    I(fcntl(fd, F_SETFL, 0));
    I(lseek(fd, 0, SEEK_SET));
    I(write(fd, "X", 1));
    close(fd);
    check_file("a");
    return 0;
}
