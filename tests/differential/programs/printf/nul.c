/* SPDX-License-Identifier: Apache-2.0
 *
 * A NUL by %c is counted and written.
 */
#include "check.h"

int main(void) {
    char to[16];
    memset(to, '#', sizeof to);
    I(snprintf(to, sizeof to, "a%cb%3cc", 0, 0));
    B(to, sizeof to);
    printf("x%cy\n", 0);
    return 0;
}
