/* SPDX-License-Identifier: Apache-2.0
 *
 * With a line buffer the line is there when it ends.
 */
#include "check.h"

int main(void) {
    FILE *f = fopen("a", "w");
    I(setvbuf(f, NULL, _IOLBF, 1024));
    fputs("no end", f);
    check_file("a");
    fputs(" now\n", f);
    check_file("a");
    fputc('x', f);
    check_file("a");
    fputc('\n', f);
    check_file("a");
    I(fclose(f));
    return 0;
}
