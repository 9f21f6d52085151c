/* SPDX-License-Identifier: Apache-2.0
 *
 * O_CREAT, O_EXCL and O_TRUNC, alone and together.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int fd;
    X(open("a", O_RDONLY));
    X(fd = open("a", O_WRONLY | O_CREAT | O_EXCL, 0666));
    X(write(fd, "hello", 5));
    X(close(fd));
    X(open("a", O_WRONLY | O_CREAT | O_EXCL, 0666));
    X(fd = open("a", O_WRONLY | O_CREAT, 0666));
    X(write(fd, "J", 1));
    close(fd);
    check_file("a");
    X(fd = open("a", O_WRONLY | O_TRUNC));
    close(fd);
    check_file("a");
    X(fd = creat("b", 0600));
    X(read(fd, &fd, 1));
    X(close(fd));
    return 0;
}
