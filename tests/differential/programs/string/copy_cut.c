/* SPDX-License-Identifier: Apache-2.0
 *
 * strncpy and stpncpy of more than fits write no NUL.
 */
#include "check.h"

int main(void) {
    char to[12];
    const char *volatile from = "abcdef";
    memset(to, '#', sizeof to);
    strncpy(to, from, 3);
    B(to, sizeof to);
    I(stpncpy(to, from, 4) - to);
    B(to, sizeof to);
    I(strncpy(to, from, 0) == to);
    B(to, sizeof to);
    return 0;
}
