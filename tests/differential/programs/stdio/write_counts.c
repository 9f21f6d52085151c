/* SPDX-License-Identifier: Apache-2.0
 *
 * fwrite counts elements; sizes of nothing write nothing.
 */
#include "check.h"

int main(void) {
    FILE *f = fopen("a", "w");
    I(fwrite("abcdef", 2, 3, f));
    I(fwrite("abcdef", 0, 3, f));
    I(fwrite("abcdef", 3, 0, f));
    I(fwrite("a\0b\0", 1, 4, f));
    I(ftell(f));
    I(fclose(f));
    check_file("a");
    return 0;
}
