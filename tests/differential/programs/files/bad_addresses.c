/* SPDX-License-Identifier: Apache-2.0
 *
 * A count of nothing, and one that is larger than a file can be.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char c;
    int fd = open("a", O_RDWR | O_CREAT, 0666);
    X(write(fd, &c, 0));
    X(read(fd, &c, 0));
    X(pwrite(fd, &c, 1, -1));
    X(lseek(fd, 0, SEEK_END));
    X(close(fd));
    return 0;
}
