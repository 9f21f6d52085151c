/* SPDX-License-Identifier: Apache-2.0
 *
 * mkdir and rmdir, and all that is in their way.
 */
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    X(mkdir("d", 0777));
    X(mkdir("d", 0777));
    X(mkdir("none/d", 0777));
    X(mkdir("d/e/", 0777));
    make_file("f", "");
    X(mkdir("f/d", 0777));
    X(mkdir("f", 0777));
    X(rmdir("d"));
    X(rmdir("f"));
    X(rmdir("none"));
    X(unlink("d"));
    X(rmdir("d/e"));
    X(rmdir("d/."));
    X(rmdir("d"));
    X(mkdir("", 0777));
    return 0;
}
