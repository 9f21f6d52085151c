/* SPDX-License-Identifier: Apache-2.0
 *
 * Standard input by getchar, ungetc, scanf, fgets and fread in turn.
 * stdin: x 12 34 rest of line\nbinary\0bytes\n
 */
#include "check.h"

int main(void) {
    int a, b;
    char line[64];
    I(getchar());
    I(ungetc('y', stdin));
    I(getchar());
    I(scanf("%d %d", &a, &b));
    I(a + b);
    I(fgets(line, sizeof line, stdin) == line);
    S(line);
    size_t n = fread(line, 1, sizeof line, stdin);
    B(line, n);
    I(getchar());
    return 0;
}
