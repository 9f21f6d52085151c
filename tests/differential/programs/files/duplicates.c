/* SPDX-License-Identifier: Apache-2.0
 *
 * dup and dup2 share the offset and the flags; the lowest number is taken.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char c;
    make_file("a", "0123456789");
    int fd = open("a", O_RDONLY), two = dup(fd);
    I(two - fd);
    I(read(fd, &c, 1));
    I(read(two, &c, 1));
    printf("%c\n", c);
    I(dup2(fd, fd) == fd);
    I(dup2(fd, 20));
    close(fd);
    I(read(20, &c, 1));
    printf("%c\n", c);
    I(open("a", O_RDONLY) == fd);
    I(dup2(two, fd) == fd);
    X(dup2(99, 5));
    X(dup2(two, -1));
    I(dup3(two, 21, O_CLOEXEC));
    I(fcntl(21, F_GETFD));
    X(dup3(two, two, 0));
    return 0;
}
