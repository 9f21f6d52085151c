/* SPDX-License-Identifier: Apache-2.0
 *
 * remove takes files and empty folders; rename replaces.
 */
#include <sys/stat.h>
#include "check.h"

int main(void) {
    make_file("a", "AAA");
    make_file("b", "BBB");
    X(rename("a", "b"));
    check_file("b");
    check_file("a");
    X(remove("b"));
    X(remove("b"));
    mkdir("d", 0777);
    make_file("d/x", "");
    X(remove("d"));
    X(remove("d/x"));
    X(remove("d"));
    X(rename("none", "other"));
    return 0;
}
