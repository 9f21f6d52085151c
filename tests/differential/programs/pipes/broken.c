/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing without a reader is EPIPE where SIGPIPE is ignored.
 */
#include <signal.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    int ends[2];
    signal(SIGPIPE, SIG_IGN);
    X(pipe(ends));
    X(close(ends[0]));
    X(write(ends[1], "x", 1));
    X(close(ends[1]));
    return 0;
}
