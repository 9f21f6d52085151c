/* SPDX-License-Identifier: Apache-2.0
 *
 * An unlinked file lives until it is closed; its name is free.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char part[8] = {0};
    struct stat st;
    int fd = open("a", O_RDWR | O_CREAT, 0666);
    write(fd, "alive", 5);
    X(unlink("a"));
    X(stat("a", &st));
    X(fstat(fd, &st));
    I(st.st_nlink);
    make_file("a", "another");
    I(pread(fd, part, 7, 0));
    S(part);
    close(fd);
    check_file("a");
    return 0;
}
