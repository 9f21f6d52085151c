/* SPDX-License-Identifier: Apache-2.0
 *
 * dprintf writes through a descriptor, at once, and returns its count.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int fd = open("a", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    I(dprintf(fd, "%s %05d %.2f\n", "text", 42, 1.005));
    I(dprintf(fd, ""));
    X(dprintf(999, "x"));
    close(fd);
    check_file("a");
    return 0;
}
