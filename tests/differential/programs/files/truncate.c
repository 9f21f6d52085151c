/* SPDX-License-Identifier: Apache-2.0
 *
 * truncate and ftruncate cut and grow; growth is zeros.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("a", "0123456789");
    X(truncate("a", 4));
    check_file("a");
    X(truncate("a", 7));
    check_file("a");
    X(truncate("a", -1));
    X(truncate("none", 1));
    mkdir("d", 0777);
    X(truncate("d", 1));
    int fd = open("a", O_RDWR);
    I(lseek(fd, 6, SEEK_SET));
    X(ftruncate(fd, 2));
    I(write(fd, "Z", 1));
    X(ftruncate(fd, -5));
    close(fd);
    check_file("a");
    return 0;
}
