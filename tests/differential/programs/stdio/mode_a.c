/* SPDX-License-Identifier: Apache-2.0
 *
 * "a": every write goes to the end, whatever seeks came before.
 */
#include "check.h"

int main(void) {
    FILE *f;
    make_file("a", "start;");
    P(f = fopen("a", "a"));
    I(fputs("one;", f) >= 0);
    I(fseek(f, 0, SEEK_SET));
    I(fputs("two;", f) >= 0);
    I(fflush(f));
    I(ftell(f));
    I(fclose(f));
    check_file("a");
    return 0;
}
