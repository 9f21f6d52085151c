/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing to a closed standard output fails with EBADF.
 * differs: the stream stdout does not end with descriptor 1: what is printed after close(1) still arrives
 */
#include <unistd.h>
#include "check.h"

int main(void) {
    close(1);
    int n = printf("lost\n");
    int f = fflush(stdout), e = errno;
    fprintf(stderr, "%d %d %d\n", n < 0 || f < 0, e == EBADF, ferror(stdout) != 0);
    return 0;
}
