/* SPDX-License-Identifier: Apache-2.0
 *
 * Hard links count, share their bytes, and refuse folders.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    struct stat a, b;
    make_file("a", "one");
    X(link("a", "b"));
    X(link("a", "b"));
    X(link("none", "c"));
    stat("a", &a);
    stat("b", &b);
    I(a.st_ino == b.st_ino);
    I(a.st_nlink);
    make_file("b", "changed");
    check_file("a");
    X(unlink("a"));
    stat("b", &b);
    I(b.st_nlink);
    mkdir("d", 0777);
    X(link("d", "e"));
    X(linkat(AT_FDCWD, "b", AT_FDCWD, "f", 0));
    check_file("f");
    return 0;
}
