/* SPDX-License-Identifier: Apache-2.0
 *
 * scandir sorts and filters.
 */
#include <dirent.h>
#include <sys/stat.h>
#include "check.h"

static int no_dots(const struct dirent *e) { return e->d_name[0] != '.'; }

int main(void) {
    struct dirent **list;
    mkdir("d", 0777);
    make_file("d/b", "");
    make_file("d/a", "");
    make_file("d/c", "");
    int n = scandir("d", &list, no_dots, alphasort);
    I(n);
    for (int i = 0; i < n; i++) {
        S(list[i]->d_name);
        free(list[i]);
    }
    free(list);
    return 0;
}
