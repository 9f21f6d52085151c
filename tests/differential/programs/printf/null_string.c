/* SPDX-License-Identifier: Apache-2.0
 *
 * A null pointer as a string is text, cut by precision as glibc does.
 * choice: C leaves it undefined; the facade promises what glibc does.
 */
#include "check.h"

int main(void) {
    const char *volatile none = NULL;
    printf("[%s] [%10s] [%.6s]\n", none, none, none);
    printf("[%.3s]\n", none);
    return 0;
}
