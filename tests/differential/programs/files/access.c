/* SPDX-License-Identifier: Apache-2.0
 *
 * access for existence and rights.
 */
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("a", "");
    chmod("a", 0600);
    X(access("a", F_OK));
    X(access("a", R_OK | W_OK));
    X(access("a", X_OK));
    chmod("a", 0700);
    X(access("a", X_OK));
    X(access("none", F_OK));
    X(access("a/b", F_OK));
    X(access("a", 99));
    return 0;
}
