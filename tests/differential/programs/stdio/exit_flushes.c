/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams left open are written at exit.
 */
#include "check.h"

int main(void) {
    FILE *a = fopen("a", "w"), *b = fopen("b", "a");
    fputs("left open, without an end", a);
    fprintf(b, "%d", 12345);
    return 0;
}
