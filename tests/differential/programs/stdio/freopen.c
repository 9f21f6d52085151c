/* SPDX-License-Identifier: Apache-2.0
 *
 * freopen takes another file under the same FILE; the old one is written.
 */
#include "check.h"

int main(void) {
    FILE *f = fopen("a", "w");
    fputs("first", f);
    I(freopen("b", "w", f) == f);
    fputs("second", f);
    I(fclose(f));
    check_file("a");
    check_file("b");
    f = fopen("a", "r");
    P(freopen("none/x", "r", f));
    return 0;
}
