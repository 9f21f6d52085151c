/* SPDX-License-Identifier: Apache-2.0
 *
 * readv and writev over parts, empty ones too.
 */
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char a[3] = "", b[5] = "", c[9] = "";
    struct iovec out[4] = {{"one", 3}, {"", 0}, {"two!", 4}, {"three", 5}};
    struct iovec in[3] = {{a, 2}, {b, 4}, {c, 8}};
    int fd = open("a", O_RDWR | O_CREAT, 0666);
    I(writev(fd, out, 4));
    I(lseek(fd, 0, SEEK_SET));
    I(readv(fd, in, 3));
    S(a);
    S(b);
    S(c);
    I(readv(fd, in, 3));
    I(writev(fd, out, 0));
    X(writev(fd, out, -1));
    close(fd);
    X(readv(fd, in, 3));
    return 0;
}
