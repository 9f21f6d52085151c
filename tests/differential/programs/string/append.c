/* SPDX-License-Identifier: Apache-2.0
 *
 * strcat and strncat end with a NUL behind at most n bytes.
 */
#include "check.h"

int main(void) {
    char to[16];
    const char *volatile from = "efgh";
    memset(to, '#', sizeof to);
    strcpy(to, "ab");
    I(strcat(to, "cd") == to);
    B(to, sizeof to);
    strncat(to, from, 2);
    B(to, sizeof to);
    strncat(to, from, 0);
    strncat(to, from + 4, 5);
    strncat(to, from + 3, 9);
    B(to, sizeof to);
    return 0;
}
