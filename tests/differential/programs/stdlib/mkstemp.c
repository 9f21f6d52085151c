/* SPDX-License-Identifier: Apache-2.0
 *
 * mkstemp makes a new file from its template, and refuses a bad one.
 */
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char name[] = "t-XXXXXX", other[] = "t-XXXXXX", bad[] = "t-XXXXX";
    struct stat st;
    int fd = mkstemp(name), fd2 = mkstemp(other);
    I(fd >= 0 && fd2 >= 0);
    I(strcmp(name, other) != 0);
    I(strncmp(name, "t-", 2) == 0 && strlen(name) == 8 && strcmp(name, "t-XXXXXX") != 0);
    I(write(fd, "abc", 3));
    I(fstat(fd, &st));
    I(st.st_mode & 07777);
    I(lseek(fd, 0, SEEK_SET));
    X(mkstemp(bad));
    close(fd);
    close(fd2);
    X(unlink(name) + unlink(other));
    return 0;
}
