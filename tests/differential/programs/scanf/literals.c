/* SPDX-License-Identifier: Apache-2.0
 *
 * Literals and blanks in the format.
 */
#include "check.h"

int main(void) {
    int a = 0, b = 0;
    I(sscanf("12:34", "%d:%d", &a, &b));
    I(sscanf("12 : 34", "%d:%d", &a, &b));
    I(sscanf("12 : 34", "%d : %d", &a, &b));
    I(sscanf("(1,2)", "(%d,%d)", &a, &b));
    I(sscanf("date=2026-11-22", "date=%d-%d", &a, &b));
    I(sscanf("\t\n 7", " %d", &a));
    I(sscanf("7", "%d ", &a));
    printf("%d %d\n", a, b);
    return 0;
}
