/* SPDX-License-Identifier: Apache-2.0
 *
 * Standard input line by line, the last without an end.
 * stdin: first\n\nthird line\nlast
 */
#include "check.h"

int main(void) {
    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL) S(line);
    I(feof(stdin) != 0);
    I(ferror(stdin));
    return 0;
}
