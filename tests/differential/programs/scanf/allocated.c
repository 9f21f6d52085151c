/* SPDX-License-Identifier: Apache-2.0
 *
 * %ms and %m[ give memory of their own.
 */
#include "check.h"

int main(void) {
    char *a = NULL, *b = NULL;
    I(sscanf("word; rest of it", "%m[^;];%*c%ms", &a, &b));
    S(a);
    S(b);
    free(a);
    free(b);
    return 0;
}
