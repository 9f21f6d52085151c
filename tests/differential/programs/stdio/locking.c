/* SPDX-License-Identifier: Apache-2.0
 *
 * flockfile and the unlocked forms are there.
 */
#include "check.h"

int main(void) {
    FILE *f = fopen("a", "w");
    flockfile(f);
    I(putc_unlocked('x', f));
    I(ftrylockfile(f));
    funlockfile(f);
    funlockfile(f);
    fclose(f);
    f = fopen("a", "r");
    I(getc_unlocked(f));
    I(getc_unlocked(f));
    fclose(f);
    return 0;
}
