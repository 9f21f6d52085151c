/* SPDX-License-Identifier: Apache-2.0
 *
 * mkdtemp makes a folder for its owner alone.
 */
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char name[] = "d-XXXXXX";
    struct stat st;
    I(mkdtemp(name) == name);
    I(stat(name, &st));
    I(S_ISDIR(st.st_mode));
    I(st.st_mode & 07777);
    I(rmdir(name));
    return 0;
}
