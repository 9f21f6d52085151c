/* SPDX-License-Identifier: Apache-2.0
 *
 * fmemopen reads and writes a buffer.
 */
#include "check.h"

int main(void) {
    char text[] = "10 20 30", room[16];
    int a, b, c;
    FILE *f = fmemopen(text, strlen(text), "r");
    I(fscanf(f, "%d %d %d", &a, &b, &c));
    I(a + b + c);
    I(fgetc(f));
    fclose(f);
    f = fmemopen(room, sizeof room, "w");
    fprintf(f, "%d-%d", 4, 5);
    fclose(f);
    S(room);
    return 0;
}
