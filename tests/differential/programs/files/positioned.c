/* SPDX-License-Identifier: Apache-2.0
 *
 * pread and pwrite leave the offset alone.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char part[6] = {0};
    make_file("a", "0123456789");
    int fd = open("a", O_RDWR);
    I(read(fd, part, 2));
    I(pwrite(fd, "AB", 2, 5));
    I(pread(fd, part, 5, 4));
    S(part);
    I(lseek(fd, 0, SEEK_CUR));
    I(pwrite(fd, "Z", 1, 12));
    close(fd);
    check_file("a");
    return 0;
}
