/* SPDX-License-Identifier: Apache-2.0
 *
 * realpath resolves links, dots and doubled slashes.
 */
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    static char here[PATH_MAX], there[PATH_MAX];
    mkdir("a", 0755);
    mkdir("a/b", 0755);
    make_file("a/b/f", "x");
    I(symlink("a/b", "link"));
    I(symlink("loop", "loop"));
    I(realpath(".", here) == here);
    I(realpath("link/..//./b/f", there) == there);
    S(there + strlen(here));
    char *own = realpath("link", NULL);
    S(own == NULL ? own : own + strlen(here));
    free(own);
    P(realpath("nothing", there));
    P(realpath("loop", there));
    P(realpath("a/b/f/g", there));
    P(realpath("", there));
    I(unlink("loop"));
    return 0;
}
