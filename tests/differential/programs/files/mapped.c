/* SPDX-License-Identifier: Apache-2.0
 *
 * mmap of a file: shared and private, and back by msync.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("a", "0123456789");
    int fd = open("a", O_RDWR);
    char *shared = mmap(NULL, 10, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    I(shared != MAP_FAILED);
    B(shared, 10);
    shared[3] = 'X';
    I(msync(shared, 10, MS_SYNC));
    check_file("a");
    I(munmap(shared, 10));
    char *own = mmap(NULL, 10, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    I(own != MAP_FAILED);
    own[0] = 'P';
    B(own, 4);
    I(munmap(own, 10));
    check_file("a");
    errno = 0;
    I(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EINVAL);
    I(mmap(NULL, 10, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED && errno == EBADF);
    char *zeros = mmap(NULL, 100000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    I(zeros != MAP_FAILED && zeros[99999] == 0);
    zeros[50000] = 1;
    I(munmap(zeros, 100000));
    close(fd);
    return 0;
}
