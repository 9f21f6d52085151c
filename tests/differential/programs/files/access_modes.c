/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and writing against the mode are EBADF.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char c = 'x';
    make_file("a", "data");
    int r = open("a", O_RDONLY), w = open("a", O_WRONLY);
    X(write(r, &c, 1));
    X(read(w, &c, 1));
    X(pwrite(r, &c, 1, 0));
    X(pread(w, &c, 1, 0));
    X(ftruncate(r, 0));
    X(write(r, &c, 0));
    close(r);
    close(w);
    X(read(r, &c, 1));
    X(close(r));
    X(close(-1));
    X(fsync(-1));
    X(dup(1000));
    return 0;
}
