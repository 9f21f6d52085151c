/* SPDX-License-Identifier: Apache-2.0
 *
 * A seek beyond the end makes a hole that reads as zeros.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char part[12];
    struct stat st;
    int fd = open("a", O_RDWR | O_CREAT, 0666);
    I(lseek(fd, 100000, SEEK_SET));
    I(fstat(fd, &st));
    I(st.st_size);
    I(write(fd, "end", 3));
    I(fstat(fd, &st));
    I(st.st_size);
    I(lseek(fd, 99995, SEEK_SET));
    I(read(fd, part, sizeof part));
    B(part, 8);
    I(lseek(fd, 200000, SEEK_SET));
    I(read(fd, part, 1));
    I(pread(fd, part, 4, 50000));
    B(part, 4);
    close(fd);
    return 0;
}
