/* SPDX-License-Identifier: Apache-2.0
 *
 * A string of a hundred thousand bytes, whole, cut, and padded.
 */
#include "check.h"

int main(void) {
    char *big = malloc(100001);
    memset(big, 'L', 100000);
    big[100000] = 0;
    I(printf("%s\n", big));
    I(printf("%.70000s|\n", big));
    I(printf("%70000d|\n", 7));
    I(printf("%-5000s|%5000s|\n", "l", "r"));
    free(big);
    return 0;
}
