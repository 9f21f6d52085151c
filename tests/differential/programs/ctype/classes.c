/* SPDX-License-Identifier: Apache-2.0
 *
 * Every class of every byte, and of EOF.
 */
#include <ctype.h>
#include "check.h"

int main(void) {
    for (int c = -1; c < 256; c++) {
        printf("%d %d%d%d%d%d%d%d%d%d%d%d%d\n", c, !!isalnum(c), !!isalpha(c), !!isblank(c), !!iscntrl(c), !!isdigit(c), !!isgraph(c), !!islower(c),
               !!isprint(c), !!ispunct(c), !!isspace(c), !!isupper(c), !!isxdigit(c));
    }
    return 0;
}
