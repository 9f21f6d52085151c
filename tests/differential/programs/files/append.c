/* SPDX-License-Identifier: Apache-2.0
 *
 * O_APPEND: every write at the end, also behind a seek and by pwrite as Linux has it.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("a", "12345");
    int fd = open("a", O_WRONLY | O_APPEND);
    I(lseek(fd, 0, SEEK_CUR));
    I(write(fd, "6", 1));
    I(lseek(fd, 0, SEEK_SET));
    I(write(fd, "7", 1));
    I(lseek(fd, 0, SEEK_CUR));
    I(pwrite(fd, "8", 1, 0));
    I(lseek(fd, 0, SEEK_CUR));
    close(fd);
    check_file("a");
    return 0;
}
