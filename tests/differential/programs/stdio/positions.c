/* SPDX-License-Identifier: Apache-2.0
 *
 * fgetpos and fsetpos return to a place; rewind clears the error.
 */
#include "check.h"

int main(void) {
    FILE *f;
    fpos_t here;
    make_file("a", "one\ntwo\nthree\n");
    char line[16];
    f = fopen("a", "r");
    fgets(line, sizeof line, f);
    I(fgetpos(f, &here));
    fgets(line, sizeof line, f);
    S(line);
    fgets(line, sizeof line, f);
    I(fgetc(f));
    I(fsetpos(f, &here));
    I(feof(f));
    fgets(line, sizeof line, f);
    S(line);
    fputc('x', f);
    I(ferror(f) != 0);
    rewind(f);
    I(ferror(f));
    fgets(line, sizeof line, f);
    S(line);
    fclose(f);
    return 0;
}
