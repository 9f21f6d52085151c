/* SPDX-License-Identifier: Apache-2.0
 *
 * popen reads from a command and writes to one.
 * needs: process
 */
#include <sys/wait.h>
#include "check.h"

int main(void) {
    char line[64];
    FILE *f = popen("echo one; echo two; exit 5", "r");
    I(f != NULL);
    while (fgets(line, sizeof line, f) != NULL) S(line);
    int r = pclose(f);
    I(WEXITSTATUS(r));
    f = popen("cat > written", "w");
    fprintf(f, "%d lines\n", 1);
    I(pclose(f));
    check_file("written");
    P(popen("true", "x"));
    return 0;
}
