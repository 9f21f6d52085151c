/* SPDX-License-Identifier: Apache-2.0
 *
 * fgets: long lines in pieces, no newline at the end, room for one byte, NULs inside.
 */
#include "check.h"

int main(void) {
    char line[8];
    FILE *f = fopen("a", "w");
    fwrite("short\nlonger than room\n\nx\0y\nlast", 1, 33, f);
    fclose(f);
    f = fopen("a", "r");
    for (;;) {
        memset(line, '#', sizeof line);
        if (fgets(line, sizeof line, f) == NULL) break;
        B(line, sizeof line);
    }
    I(feof(f) != 0);
    rewind(f);
    memset(line, '#', sizeof line);
    I(fgets(line, 1, f) == line);
    B(line, 2);
    I(fgets(line, 2, f) == line);
    B(line, 3);
    I(ftell(f));
    fclose(f);
    return 0;
}
