/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads at and across the end.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char part[8];
    make_file("a", "0123456789");
    int fd = open("a", O_RDONLY);
    memset(part, '#', 8);
    I(read(fd, part, 8));
    B(part, 8);
    memset(part, '#', 8);
    I(read(fd, part, 8));
    B(part, 8);
    I(read(fd, part, 8));
    I(read(fd, part, 0));
    I(pread(fd, part, 8, 9));
    I(pread(fd, part, 8, 10));
    X(pread(fd, part, 8, -1));
    close(fd);
    return 0;
}
