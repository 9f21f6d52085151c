/* SPDX-License-Identifier: Apache-2.0
 *
 * O_NOFOLLOW refuses a link; a loop of links is ELOOP.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("f", "x");
    X(symlink("f", "l"));
    X(open("l", O_RDONLY | O_NOFOLLOW));
    int fd;
    X(fd = open("l", O_RDONLY));
    close(fd);
    X(symlink("two", "one"));
    X(symlink("one", "two"));
    X(open("one", O_RDONLY));
    X(symlink("gone", "dangling"));
    X(open("dangling", O_RDONLY));
    X(open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0666));
    X(fd = open("dangling", O_WRONLY | O_CREAT, 0666));
    close(fd);
    check_file("gone");
    unlink("one");
    unlink("two");
    return 0;
}
