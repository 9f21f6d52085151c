/* SPDX-License-Identifier: Apache-2.0
 *
 * lseek by all measures; what is before the start is EINVAL.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("a", "0123456789");
    int fd = open("a", O_RDWR);
    X(lseek(fd, 4, SEEK_SET));
    X(lseek(fd, 3, SEEK_CUR));
    X(lseek(fd, -2, SEEK_END));
    X(lseek(fd, -11, SEEK_END));
    X(lseek(fd, -1, SEEK_SET));
    X(lseek(fd, 0, 99));
    X(lseek(fd, 0, SEEK_CUR));
    X(lseek(fd, 1L << 40, SEEK_SET));
    X(lseek(99, 0, SEEK_SET));
    close(fd);
    return 0;
}
