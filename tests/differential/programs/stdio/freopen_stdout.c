/* SPDX-License-Identifier: Apache-2.0
 *
 * Standard output turned into a file, and standard input taken from it.
 */
#include "check.h"

int main(void) {
    int n = 0;
    printf("to the old place\n");
    fflush(stdout);
    I(freopen("out.txt", "w", stdout) == stdout);
    printf("99 bottles\n");
    fclose(stdout);
    if (freopen("out.txt", "r", stdin) != stdin) return 3;
    while (fscanf(stdin, "%d", &n) == 0) getchar();
    fprintf(stderr, "%d\n", n);
    return 0;
}
