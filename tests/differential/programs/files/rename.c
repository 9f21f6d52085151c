/* SPDX-License-Identifier: Apache-2.0
 *
 * rename of files over files, folders over folders, and what does not go.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("f", "F");
    make_file("g", "G");
    mkdir("d", 0777);
    mkdir("e", 0777);
    mkdir("full", 0777);
    make_file("full/x", "");
    X(rename("f", "d"));
    X(rename("d", "f"));
    X(rename("d", "e"));
    X(rename("e", "full"));
    X(rename("full", "full/sub"));
    X(rename("f", "f"));
    X(rename("f", "none/f"));
    X(rename("f", "full/f"));
    check_file("full/f");
    X(rename("full", "moved"));
    check_file("moved/f");
    X(rename("g", "moved/f"));
    check_file("moved/f");
    X(renameat(AT_FDCWD, "moved/f", AT_FDCWD, "h"));
    check_file("h");
    return 0;
}
