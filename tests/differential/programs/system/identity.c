/* SPDX-License-Identifier: Apache-2.0
 *
 * Process and user numbers are those of the process.
 * choice: the numbers differ from run to run; their relations are compared.
 */
#include <unistd.h>
#include "check.h"

int main(void) {
    I(getpid() > 1);
    I(getpid() == getpid());
    I(getppid() > 0);
    I(getuid());
    I(geteuid());
    I(getgid());
    I(getegid());
    return 0;
}
