/* SPDX-License-Identifier: Apache-2.0
 *
 * One write and one read of three megabytes.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    size_t n = 3 << 20, done = 0;
    char *a = malloc(n), *b = malloc(n);
    for (size_t i = 0; i < n; i++) a[i] = (char)(i * 2654435761u >> 24);
    int fd = open("a", O_RDWR | O_CREAT, 0666);
    while (done < n) {
        ssize_t w = write(fd, a + done, n - done);
        if (w <= 0) return 1;
        done += (size_t)w;
    }
    I(lseek(fd, 0, SEEK_SET));
    for (done = 0; done < n;) {
        ssize_t r = read(fd, b + done, n - done);
        if (r <= 0) return 2;
        done += (size_t)r;
    }
    I(memcmp(a, b, n));
    I(ftruncate(fd, 10));
    close(fd);
    free(a);
    free(b);
    return 0;
}
