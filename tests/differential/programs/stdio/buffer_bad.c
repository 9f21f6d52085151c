/* SPDX-License-Identifier: Apache-2.0
 *
 * setvbuf refuses a mode that is none; setbuf(NULL) takes the buffer away.
 */
#include "check.h"

int main(void) {
    FILE *f = fopen("a", "w");
    I(setvbuf(f, NULL, 99, 10) != 0);
    setbuf(f, NULL);
    fputs("at once", f);
    check_file("a");
    fclose(f);
    return 0;
}
