/* SPDX-License-Identifier: Apache-2.0
 *
 * A byte pushed back is read again, moves the position, and a seek forgets it.
 */
#include "check.h"

int main(void) {
    FILE *f;
    make_file("a", "abc");
    f = fopen("a", "r");
    I(fgetc(f));
    I(fgetc(f));
    I(ungetc('X', f));
    I(ftell(f));
    I(fgetc(f));
    I(fgetc(f));
    I(fgetc(f));
    I(feof(f) != 0);
    I(ungetc('Y', f));
    I(feof(f));
    I(fgetc(f));
    I(fgetc(f));
    I(ungetc(EOF, f));
    I(fseek(f, 1, SEEK_SET));
    I(ungetc('Z', f));
    I(fseek(f, 1, SEEK_SET));
    I(fgetc(f));
    fclose(f);
    check_file("a");
    return 0;
}
