/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder emptied while it is read.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    char path[300];
    mkdir("d", 0777);
    for (int i = 0; i < 60; i++) {
        sprintf(path, "d/%d", i);
        make_file(path, "");
    }
    DIR *d = opendir("d");
    struct dirent *e;
    int n = 0;
    while ((e = readdir(d)) != NULL) {
        if (e->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "d/%s", e->d_name);
        n += unlink(path) == 0;
    }
    closedir(d);
    I(n);
    X(rmdir("d"));
    return 0;
}
