/* SPDX-License-Identifier: Apache-2.0
 *
 * A pipe: bytes in order, the end when the writer is gone.
 */
#include <unistd.h>
#include "check.h"

int main(void) {
    int ends[2];
    char part[8] = {0};
    X(pipe(ends));
    X(write(ends[1], "hello", 5));
    X(read(ends[0], part, 2));
    S(part);
    X(read(ends[0], part, 8));
    B(part, 3);
    X(write(ends[0], "x", 1));
    X(read(ends[1], part, 1));
    X(close(ends[1]));
    X(read(ends[0], part, 1));
    X(lseek(ends[0], 0, SEEK_SET));
    X(pread(ends[0], part, 1, 0));
    X(close(ends[0]));
    return 0;
}
