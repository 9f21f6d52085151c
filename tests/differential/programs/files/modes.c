/* SPDX-License-Identifier: Apache-2.0
 *
 * Modes of new files under a umask; chmod and fchmod; the old mask comes back.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    struct stat st;
    I(umask(027));
    int fd = open("a", O_WRONLY | O_CREAT, 0666);
    fstat(fd, &st);
    I(st.st_mode & 07777);
    X(mkdir("d", 0777));
    stat("d", &st);
    I(st.st_mode & 07777);
    I(umask(0));
    X(chmod("a", 0751));
    stat("a", &st);
    I(st.st_mode & 07777);
    X(fchmod(fd, 0600));
    stat("a", &st);
    I(st.st_mode & 07777);
    close(fd);
    fd = open("b", O_WRONLY | O_CREAT, 0777);
    fstat(fd, &st);
    I(st.st_mode & 07777);
    close(fd);
    X(chmod("none", 0600));
    I(umask(022));
    return 0;
}
