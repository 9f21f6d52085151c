/* SPDX-License-Identifier: Apache-2.0
 *
 * What stat says of files, folders and the three descriptors' own kind.
 */
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    struct stat st;
    make_file("a", "12345");
    mkdir("d", 0755);
    X(stat("a", &st));
    I(S_ISREG(st.st_mode) + 2 * S_ISDIR(st.st_mode));
    I(st.st_size);
    I(st.st_nlink);
    I(st.st_uid == getuid());
    I(st.st_blksize > 0);
    I(st.st_mtime > 1600000000);
    X(stat("d", &st));
    I(S_ISREG(st.st_mode) + 2 * S_ISDIR(st.st_mode));
    X(stat("none", &st));
    X(stat("a/b", &st));
    X(fstat(99, &st));
    X(stat("", &st));
    return 0;
}
