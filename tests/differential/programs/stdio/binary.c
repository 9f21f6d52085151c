/* SPDX-License-Identifier: Apache-2.0
 *
 * All 256 bytes through putc, getc, fread, fwrite and ungetc.
 */
#include "check.h"

int main(void) {
    FILE *f = fopen("a", "wb");
    unsigned char all[256];
    for (int i = 0; i < 256; i++) putc(i, f);
    for (int i = 0; i < 256; i++) all[i] = (unsigned char)(255 - i);
    fwrite(all, 1, 256, f);
    fclose(f);
    f = fopen("a", "rb");
    int bad = 0;
    for (int i = 0; i < 256; i++) bad += getc(f) != i;
    for (int i = 255; i >= 0; i--) {
        int c = fgetc(f);
        bad += c != i;
        bad += ungetc(c, f) != c || fgetc(f) != c;
    }
    I(bad);
    I(getc(f));
    fclose(f);
    return 0;
}
