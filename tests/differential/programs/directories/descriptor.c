/* SPDX-License-Identifier: Apache-2.0
 *
 * fdopendir and dirfd join folders and descriptors.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    struct stat st;
    int n = 0;
    mkdir("d", 0777);
    make_file("d/a", "abc");
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    DIR *d = fdopendir(fd);
    I(dirfd(d) == fd);
    X(fstatat(dirfd(d), "a", &st, 0));
    I(st.st_size);
    while (readdir(d) != NULL) n++;
    I(n);
    I(closedir(d));
    X(close(fd));
    make_file("f", "");
    fd = open("f", O_RDONLY);
    P(fdopendir(fd));
    close(fd);
    return 0;
}
