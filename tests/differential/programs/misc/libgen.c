/* SPDX-License-Identifier: Apache-2.0
 *
 * basename and dirname of all sorts of paths.
 */
#include <libgen.h>
#include "check.h"

int main(void) {
    static const char *const paths[] = {"/usr/lib", "/usr/", "usr", "/", "///", ".", "..", "", "a/b/c//", "//a//b", "/a", "a/"};
    for (int i = 0; i < 12; i++) {
        char one[32], two[32];
        strcpy(one, paths[i]);
        strcpy(two, paths[i]);
        printf("%s: %s %s\n", paths[i], dirname(one), basename(two));
    }
    S(basename(NULL));
    S(dirname(NULL));
    return 0;
}
