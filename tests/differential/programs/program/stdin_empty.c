/* SPDX-License-Identifier: Apache-2.0
 *
 * An empty standard input is at its end at once.
 */
#include "check.h"

int main(void) {
    char line[8];
    int n = 5;
    I(getchar());
    I(feof(stdin) != 0);
    I(scanf("%d", &n));
    I(fgets(line, sizeof line, stdin) == NULL);
    return 0;
}
