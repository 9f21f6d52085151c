/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes around the edges of a small buffer.
 */
#include "check.h"

int main(void) {
    static char room[16];
    FILE *f = fopen("a", "w+");
    setvbuf(f, room, _IOFBF, sizeof room);
    for (int n = 1; n <= 40; n++) {
        for (int i = 0; i < n; i++) fputc('a' + i % 26, f);
        fputc('\n', f);
    }
    I(ftell(f));
    for (int at = 0; at < 300; at += 37) {
        fseek(f, at, SEEK_SET);
        printf("%d:%c", at, fgetc(f));
        fseek(f, at + 5, SEEK_SET);
        fputc('A' + at % 26, f);
    }
    printf("\n");
    fclose(f);
    return 0;
}
