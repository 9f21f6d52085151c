/* SPDX-License-Identifier: Apache-2.0
 *
 * What did not match stays for the next reader.
 */
#include "check.h"

int main(void) {
    int a = 0, b = 0;
    char word[16] = "";
    make_file("a", "12abc -x 0xg +7");
    FILE *f = fopen("a", "r");
    I(fscanf(f, "%d%d", &a, &b));
    I(fscanf(f, "%s", word));
    S(word);
    I(fscanf(f, "%d", &a));
    I(fgetc(f));
    I(fscanf(f, "%x", (unsigned *)&a));
    I(fscanf(f, " %15s", word));
    S(word);
    I(fscanf(f, "%d", &b));
    I(b);
    I(fscanf(f, "%d", &b));
    I(feof(f) != 0);
    fclose(f);
    return 0;
}
