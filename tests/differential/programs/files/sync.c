/* SPDX-License-Identifier: Apache-2.0
 *
 * fsync and fdatasync of a file, and of what is none.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int ends[2], fd = open("a", O_WRONLY | O_CREAT, 0666);
    write(fd, "x", 1);
    X(fsync(fd));
    X(fdatasync(fd));
    pipe(ends);
    X(fsync(ends[1]));
    close(fd);
    X(fdatasync(fd));
    return 0;
}
