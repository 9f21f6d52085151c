/* SPDX-License-Identifier: Apache-2.0
 *
 * symlink and readlink: cut, dangling, of what is no link.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char to[16];
    struct stat st;
    make_file("a", "content");
    X(symlink("a", "l"));
    X(symlink("a", "l"));
    memset(to, '#', sizeof to);
    X(readlink("l", to, sizeof to));
    B(to, 3);
    X(symlink("a longer target, which is not there", "m"));
    memset(to, '#', sizeof to);
    X(readlink("m", to, 5));
    B(to, 7);
    X(readlink("a", to, 5));
    X(readlink("none", to, 5));
    X(lstat("m", &st));
    I(S_ISLNK(st.st_mode));
    I(st.st_size);
    X(stat("m", &st));
    X(stat("l", &st));
    I(S_ISREG(st.st_mode));
    X(symlink("", "n"));
    X(unlink("l"));
    check_file("a");
    X(symlinkat("a", AT_FDCWD, "at"));
    X(readlinkat(AT_FDCWD, "at", to, sizeof to));
    return 0;
}
