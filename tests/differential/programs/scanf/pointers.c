/* SPDX-License-Identifier: Apache-2.0
 *
 * %p reads what printf wrote.
 */
#include "check.h"

int main(void) {
    char text[64];
    void *p = &text[5], *q = NULL;
    sprintf(text, "%p", p);
    I(sscanf(text, "%p", &q));
    I(p == q);
    return 0;
}
