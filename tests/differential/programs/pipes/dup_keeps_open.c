/* SPDX-License-Identifier: Apache-2.0
 *
 * The end comes only when the last duplicate is closed.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int ends[2];
    char c;
    pipe2(ends, O_NONBLOCK);
    int other = dup(ends[1]);
    close(ends[1]);
    X(read(ends[0], &c, 1));
    X(write(other, "z", 1));
    close(other);
    X(read(ends[0], &c, 1));
    X(read(ends[0], &c, 1));
    return 0;
}
