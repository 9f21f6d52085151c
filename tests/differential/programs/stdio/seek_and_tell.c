/* SPDX-License-Identifier: Apache-2.0
 *
 * fseek by all three measures, beyond the end, before the start.
 */
#include "check.h"

int main(void) {
    FILE *f;
    make_file("a", "0123456789");
    f = fopen("a", "r+");
    I(fseek(f, 3, SEEK_SET));
    I(fgetc(f));
    I(fseek(f, 2, SEEK_CUR));
    I(fgetc(f));
    I(fseek(f, -1, SEEK_END));
    I(fgetc(f));
    I(ftell(f));
    X(fseek(f, -1, SEEK_SET));
    X(fseek(f, -100, SEEK_CUR));
    X(fseek(f, 0, 77));
    I(ftell(f));
    I(fseek(f, 5, SEEK_END));
    I(ftell(f));
    I(fgetc(f));
    I(feof(f) != 0);
    I(fseeko(f, 12, SEEK_SET));
    I(feof(f));
    I(fputc('!', f));
    I(ftello(f));
    fclose(f);
    check_file("a");
    return 0;
}
