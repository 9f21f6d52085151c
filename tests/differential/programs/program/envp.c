/* SPDX-License-Identifier: Apache-2.0
 *
 * main's third argument is the environment.
 * env: SHOWN=yes
 */
#include "check.h"

int main(int argc, char **argv, char **envp) {
    (void)argc;
    (void)argv;
    for (; *envp != NULL; envp++) {
        if (strncmp(*envp, "SHOWN=", 6) == 0) S(*envp);
    }
    return 0;
}
