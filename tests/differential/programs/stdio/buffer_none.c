/* SPDX-License-Identifier: Apache-2.0
 *
 * Without a buffer every byte is there at once.
 */
#include "check.h"

int main(void) {
    FILE *f = fopen("a", "w");
    I(setvbuf(f, NULL, _IONBF, 0));
    fputc('a', f);
    check_file("a");
    fputs("bc", f);
    check_file("a");
    fprintf(f, "%d-%s", 12, "x");
    check_file("a");
    fwrite("yz", 1, 2, f);
    check_file("a");
    I(fclose(f));
    return 0;
}
