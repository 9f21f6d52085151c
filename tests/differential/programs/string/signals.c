/* SPDX-License-Identifier: Apache-2.0
 *
 * strsignal names the common signals.
 */
#include <signal.h>
#include "check.h"

int main(void) {
    S(strsignal(SIGINT));
    S(strsignal(SIGSEGV));
    S(strsignal(SIGTERM));
    S(strsignal(SIGABRT));
    S(strsignal(SIGPIPE));
    return 0;
}
