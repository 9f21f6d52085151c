/* SPDX-License-Identifier: Apache-2.0
 *
 * O_DIRECTORY, and what may be done with a folder's descriptor.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char c;
    mkdir("d", 0777);
    make_file("f", "x");
    int fd;
    X(open("f", O_RDONLY | O_DIRECTORY));
    X(fd = open("d", O_RDONLY | O_DIRECTORY));
    X(read(fd, &c, 1));
    X(write(fd, &c, 1));
    X(ftruncate(fd, 0));
    X(fsync(fd));
    X(close(fd));
    X(open("d", O_WRONLY));
    X(open("d", O_RDWR));
    X(open("d", O_RDONLY | O_CREAT, 0666));
    return 0;
}
