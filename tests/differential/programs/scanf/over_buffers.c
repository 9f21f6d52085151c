/* SPDX-License-Identifier: Apache-2.0
 *
 * A stream of numbers over many buffers.
 */
#include "check.h"

int main(void) {
    FILE *f = fopen("a", "w");
    for (int i = 0; i < 5000; i++) fprintf(f, "%d%s", i * i, i % 7 ? " " : "\n\t  ");
    fclose(f);
    f = fopen("a", "r");
    long long sum = 0;
    int v, n = 0;
    while (fscanf(f, "%d", &v) == 1) {
        sum += v;
        n++;
    }
    I(n);
    I(sum);
    I(feof(f) != 0);
    fclose(f);
    return 0;
}
