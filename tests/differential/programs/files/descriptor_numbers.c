/* SPDX-License-Identifier: Apache-2.0
 *
 * The lowest free number is given out, and can be closed once.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("a", "x");
    int a = open("a", O_RDONLY), b = open("a", O_RDONLY), c = open("a", O_RDONLY);
    I(b - a);
    I(c - b);
    X(close(b));
    X(close(b));
    I(open("a", O_RDONLY) == b);
    I(a);
    return 0;
}
