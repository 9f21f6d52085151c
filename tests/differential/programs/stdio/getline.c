/* SPDX-License-Identifier: Apache-2.0
 *
 * getline and getdelim grow their room and keep NULs.
 */
#include "check.h"

int main(void) {
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    FILE *f = fopen("a", "w");
    for (int i = 0; i < 300; i++) fputs("long ", f);
    fwrite("\nb\0c\n\nx;y;z", 1, 11, f);
    fclose(f);
    f = fopen("a", "r");
    n = getline(&line, &room, f);
    I(n);
    I(room > (size_t)n);
    I(line[n]);
    I(line[n - 1]);
    n = getline(&line, &room, f);
    B(line, (size_t)n);
    n = getline(&line, &room, f);
    B(line, (size_t)n);
    while ((n = getdelim(&line, &room, ';', f)) >= 0) B(line, (size_t)n);
    I(n);
    I(feof(f) != 0);
    free(line);
    fclose(f);
    return 0;
}
