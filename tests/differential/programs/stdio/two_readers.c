/* SPDX-License-Identifier: Apache-2.0
 *
 * Two streams on one file have places of their own.
 */
#include "check.h"

int main(void) {
    make_file("a", "abcdefgh");
    FILE *x = fopen("a", "r"), *y = fopen("a", "r");
    printf("%c%c%c%c%c\n", fgetc(x), fgetc(x), fgetc(y), fgetc(x), fgetc(y));
    fclose(x);
    fclose(y);
    return 0;
}
