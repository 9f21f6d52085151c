/* SPDX-License-Identifier: Apache-2.0
 *
 * openat, mkdirat, unlinkat, fstatat and faccessat below a folder's descriptor.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    struct stat st;
    mkdir("d", 0777);
    int dir = open("d", O_RDONLY | O_DIRECTORY), fd;
    X(mkdirat(dir, "sub", 0777));
    I((fd = openat(dir, "sub/f", O_WRONLY | O_CREAT, 0666)) >= 0);
    write(fd, "xyz", 3);
    X(fstatat(dir, "sub/f", &st, 0));
    I(st.st_size);
    X(faccessat(dir, "sub/f", F_OK, 0));
    X(faccessat(dir, "none", F_OK, 0));
    X(openat(fd, "x", O_RDONLY));
    X(openat(999, "x", O_RDONLY));
    check_file("d/sub/f");
    X(unlinkat(dir, "sub", 0));
    X(unlinkat(dir, "sub", AT_REMOVEDIR));
    X(unlinkat(dir, "sub/f", 0));
    X(unlinkat(dir, "sub", AT_REMOVEDIR));
    symlink("none", "d/l");
    X(fstatat(dir, "l", &st, AT_SYMLINK_NOFOLLOW));
    I(S_ISLNK(st.st_mode));
    X(fstatat(dir, "l", &st, 0));
    close(dir);
    close(fd);
    return 0;
}
