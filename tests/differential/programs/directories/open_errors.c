/* SPDX-License-Identifier: Apache-2.0
 *
 * opendir of what is no folder.
 */
#include <dirent.h>
#include "check.h"

int main(void) {
    P(opendir("none"));
    make_file("f", "");
    P(opendir("f"));
    P(opendir(""));
    P(fdopendir(99));
    return 0;
}
