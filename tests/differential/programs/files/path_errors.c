/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths that lead nowhere.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("f", "x");
    X(open("", O_RDONLY));
    X(open("none/f", O_RDONLY));
    X(open("f/x", O_RDONLY));
    X(open("f/", O_RDONLY));
    X(open("f/.", O_RDONLY));
    X(open("none/", O_WRONLY | O_CREAT, 0666));
    X(open("./f", O_RDONLY) >= 0 ? 0 : -1);
    X(open(".//.//f", O_RDONLY) >= 0 ? 0 : -1);
    X(unlink(""));
    X(unlink("none"));
    return 0;
}
