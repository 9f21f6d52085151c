/* SPDX-License-Identifier: Apache-2.0
 *
 * system runs a command; its status is that of wait.
 * needs: process
 */
#include <sys/wait.h>
#include "check.h"

int main(void) {
    I(system(NULL) != 0);
    fflush(stdout);
    int r = system("echo from the shell; exit 3");
    I(WIFEXITED(r));
    I(WEXITSTATUS(r));
    I(system("exit 0"));
    I(WEXITSTATUS(system("/no/such/command 2>/dev/null")));
    return 0;
}
