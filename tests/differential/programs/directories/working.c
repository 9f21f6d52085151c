/* SPDX-License-Identifier: Apache-2.0
 *
 * chdir, fchdir and getcwd; relative paths follow.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    static char start[PATH_MAX], now[PATH_MAX];
    P(getcwd(start, sizeof start));
    mkdir("d", 0777);
    mkdir("d/e", 0777);
    int back = open(".", O_RDONLY);
    X(chdir("d/e"));
    P(getcwd(now, sizeof now));
    S(now + strlen(start));
    make_file("here", "x");
    X(chdir(".."));
    check_file("e/here");
    P(getcwd(now, sizeof now));
    S(now + strlen(start));
    X(chdir("none"));
    X(chdir("e/here"));
    X(fchdir(back));
    check_file("d/e/here");
    P(getcwd(now, 2));
    P(getcwd(now, 0));
    char *own = getcwd(NULL, 0);
    I(own != NULL && strcmp(own, start) == 0);
    free(own);
    X(fchdir(99));
    return 0;
}
