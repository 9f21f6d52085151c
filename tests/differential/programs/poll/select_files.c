/* SPDX-License-Identifier: Apache-2.0
 *
 * select on files and bad descriptors.
 */
#include <sys/select.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    fd_set r;
    int ends[2];
    struct timeval wait = {0, 1000};
    pipe(ends);
    int closed = dup(ends[0]);
    close(closed);
    FD_ZERO(&r);
    FD_SET(ends[0], &r);
    I(select(ends[0] + 1, &r, NULL, NULL, &wait));
    I(!!FD_ISSET(ends[0], &r));
    FD_SET(closed, &r);
    X(select(closed + 1, &r, NULL, NULL, &wait));
    FD_ZERO(&r);
    FD_SET(ends[0], &r);
    close(ends[1]);
    I(select(ends[0] + 1, &r, NULL, NULL, NULL));
    X(select(-1, NULL, NULL, NULL, &wait));
    return 0;
}
