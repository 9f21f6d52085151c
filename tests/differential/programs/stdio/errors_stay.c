/* SPDX-License-Identifier: Apache-2.0
 *
 * A failed write stays in ferror; clearerr forgets it.
 */
#include "check.h"

int main(void) {
    FILE *f = fopen("/dev/null", "r");
    if (f == NULL) {
        make_file("a", "x");
        f = fopen("a", "r");
    }
    I(fputs("x", f));
    I(fprintf(f, "%d", 5));
    I(fwrite("x", 1, 1, f));
    I(ferror(f) != 0);
    clearerr(f);
    I(ferror(f));
    fclose(f);
    return 0;
}
