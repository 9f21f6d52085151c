/* SPDX-License-Identifier: Apache-2.0
 *
 * environ is the list that getenv reads.
 * env: AAA=1
 * env: BBB=two words
 */
#include "check.h"

extern char **environ;

int main(void) {
    int n = 0;
    for (char **e = environ; *e != NULL; e++) {
        if (strncmp(*e, "AAA=", 4) == 0 || strncmp(*e, "BBB=", 4) == 0) n++;
    }
    I(n);
    int before = 0, after = 0;
    for (char **e = environ; *e != NULL; e++) before++;
    setenv("CCC", "3", 1);
    for (char **e = environ; *e != NULL; e++) after++;
    I(after - before);
    return 0;
}
