/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of signals and the mask.
 */
#include <signal.h>
#include "check.h"

int main(void) {
    sigset_t set, old;
    I(sigemptyset(&set));
    I(sigismember(&set, SIGINT));
    I(sigaddset(&set, SIGINT));
    I(sigaddset(&set, SIGTERM));
    I(sigdelset(&set, SIGTERM));
    I(sigismember(&set, SIGINT));
    I(sigismember(&set, SIGTERM));
    X(sigaddset(&set, 0));
    X(sigismember(&set, 1000));
    X(sigprocmask(SIG_BLOCK, &set, &old));
    I(sigismember(&old, SIGINT));
    X(sigprocmask(SIG_SETMASK, NULL, &old));
    I(sigismember(&old, SIGINT));
    X(sigprocmask(SIG_UNBLOCK, &set, NULL));
    X(sigprocmask(SIG_BLOCK, NULL, &old));
    I(sigismember(&old, SIGINT));
    sigfillset(&set);
    I(sigismember(&set, SIGHUP));
    return 0;
}
