/* SPDX-License-Identifier: Apache-2.0
 *
 * Every reader's answer at the end of a file.
 */
#include "check.h"

int main(void) {
    make_file("a", "");
    FILE *f = fopen("a", "r");
    char text[8] = "old";
    char *line = NULL;
    size_t room = 0;
    int n;
    I(fgetc(f));
    I(getc(f));
    I(fgets(text, sizeof text, f) == NULL);
    S(text);
    I(fread(text, 1, 4, f));
    I(getline(&line, &room, f));
    I(fscanf(f, "%d", &n));
    I(fscanf(f, "%c", text));
    I(fscanf(f, " "));
    fclose(f);
    free(line);
    return 0;
}
