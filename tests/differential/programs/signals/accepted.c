/* SPDX-License-Identifier: Apache-2.0
 *
 * signal and sigaction take handlers and give the former ones back.
 */
#include <signal.h>
#include "check.h"

static void handler(int n) { (void)n; }

int main(void) {
    struct sigaction new = {.sa_handler = handler}, old;
    I(signal(SIGUSR1, handler) == SIG_DFL);
    I(signal(SIGUSR1, SIG_IGN) == handler);
    I(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
    I(signal(SIGKILL, handler) == SIG_ERR);
    I(signal(999, handler) == SIG_ERR);
    sigemptyset(&new.sa_mask);
    new.sa_flags = SA_RESTART;
    X(sigaction(SIGINT, &new, &old));
    I(old.sa_handler == SIG_DFL);
    X(sigaction(SIGINT, NULL, &old));
    I(old.sa_handler == handler);
    I(!!(old.sa_flags & SA_RESTART));
    X(sigaction(SIGSTOP, &new, NULL));
    X(sigaction(0, &new, NULL));
    return 0;
}
