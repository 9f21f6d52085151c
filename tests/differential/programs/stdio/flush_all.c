/* SPDX-License-Identifier: Apache-2.0
 *
 * fflush(NULL) writes what every stream holds.
 */
#include "check.h"

int main(void) {
    FILE *a = fopen("a", "w"), *b = fopen("b", "w");
    fputs("aaa", a);
    fputs("bbb", b);
    I(fflush(NULL));
    check_file("a");
    check_file("b");
    fclose(a);
    fclose(b);
    return 0;
}
