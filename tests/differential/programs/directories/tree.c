/* SPDX-License-Identifier: Apache-2.0
 *
 * A tree made and removed recursively.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

static int made, removed;
static void make(const char *path, int depth) {
    char below[128];
    mkdir(path, 0777);
    made++;
    if (depth == 0) return;
    for (int i = 0; i < 3; i++) {
        snprintf(below, sizeof below, "%.100s/%d", path, i);
        make(below, depth - 1);
    }
}
static void drop(const char *path) {
    char below[400];
    DIR *d = opendir(path);
    struct dirent *e;
    while ((e = readdir(d)) != NULL) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        snprintf(below, sizeof below, "%.128s/%s", path, e->d_name);
        drop(below);
    }
    closedir(d);
    removed += rmdir(path) == 0;
}

int main(void) {
    make("t", 3);
    drop("t");
    I(made);
    I(removed);
    X(access("t", F_OK));
    return 0;
}
