/* SPDX-License-Identifier: Apache-2.0
 *
 * readdir gives every name once, with its kind.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

static int compare(const void *a, const void *b) { return strcmp(a, b); }

int main(void) {
    static char names[200][32];
    int n = 0;
    mkdir("d", 0777);
    mkdir("d/sub", 0777);
    symlink("x", "d/link");
    for (int i = 0; i < 100; i++) {
        char path[32];
        sprintf(path, "d/file%d", i * 7);
        make_file(path, "");
    }
    DIR *d = opendir("d");
    struct dirent *e;
    while ((e = readdir(d)) != NULL && n < 200) snprintf(names[n++], 32, "%d %.20s", e->d_type == DT_DIR ? 1 : e->d_type == DT_LNK ? 2 : 0, e->d_name);
    I(closedir(d));
    I(n);
    qsort(names, (size_t)n, 32, compare);
    for (int i = 0; i < n; i++) puts(names[i]);
    return 0;
}
