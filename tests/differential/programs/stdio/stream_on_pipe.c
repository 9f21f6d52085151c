/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams at both ends of a pipe: lines, the end, and no seeking.
 */
#include <unistd.h>
#include "check.h"

int main(void) {
    int ends[2];
    char line[32];
    I(pipe(ends));
    FILE *in = fdopen(ends[0], "r"), *out = fdopen(ends[1], "w");
    fprintf(out, "first %d\nsecond\n", 1);
    I(fflush(out));
    I(fgets(line, sizeof line, in) == line);
    S(line);
    X(fseek(in, 0, SEEK_SET));
    X(ftell(in));
    fputs("third, without an end", out);
    I(fclose(out));
    while (fgets(line, sizeof line, in) != NULL) S(line);
    I(feof(in) != 0);
    fclose(in);
    return 0;
}
