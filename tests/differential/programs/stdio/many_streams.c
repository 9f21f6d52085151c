/* SPDX-License-Identifier: Apache-2.0
 *
 * A hundred streams at once, each with its own place.
 */
#include "check.h"

int main(void) {
    FILE *f[100];
    char name[16], text[16];
    int opened = 0, good = 0;
    for (int i = 0; i < 100; i++) {
        sprintf(name, "f%d", i);
        f[i] = fopen(name, "w+");
        opened += f[i] != NULL;
    }
    I(opened);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++) fprintf(f[i], "%d:%d;", i, round);
    }
    for (int i = 0; i < 100; i++) {
        char want[32];
        rewind(f[i]);
        sprintf(want, "%d:0;", i);
        good += fgets(text, (int)strlen(want) + 1, f[i]) == text && strcmp(text, want) == 0;
        fclose(f[i]);
        sprintf(name, "f%d", i);
        if (i % 2) remove(name);
    }
    I(good);
    return 0;
}
