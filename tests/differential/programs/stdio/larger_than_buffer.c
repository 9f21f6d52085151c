/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes and reads larger than any buffer, at odd places.
 */
#include "check.h"

int main(void) {
    static char big[100000], back[100000];
    for (size_t i = 0; i < sizeof big; i++) big[i] = (char)(i * 31 >> 3);
    FILE *f = fopen("a", "w+");
    fputc('x', f);
    I(fwrite(big, 1, sizeof big, f));
    fputc('y', f);
    I(ftell(f));
    rewind(f);
    I(fgetc(f));
    I(fread(back, 1, sizeof back, f));
    I(memcmp(big, back, sizeof big));
    I(fgetc(f));
    I(fgetc(f));
    fclose(f);
    return 0;
}
