/* SPDX-License-Identifier: Apache-2.0
 *
 * Two appending streams take turns; no write overwrites another.
 */
#include "check.h"

int main(void) {
    FILE *a = fopen("log", "a"), *b = fopen("log", "a");
    for (int i = 0; i < 5; i++) {
        fprintf(a, "a%d\n", i);
        fflush(a);
        fprintf(b, "b%d\n", i);
        fflush(b);
    }
    fclose(a);
    fclose(b);
    check_file("log");
    return 0;
}
