/* SPDX-License-Identifier: Apache-2.0
 *
 * Sorted, reversed, equal, saw-toothed and random arrays of many lengths.
 */
#include "check.h"

static long calls;
static int compare(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    calls++;
    return x < y ? -1 : x > y;
}

int main(void) {
    static int numbers[20000];
    static const int lengths[] = {0, 1, 2, 3, 7, 8, 9, 64, 1000, 20000};
    unsigned seed = 5;
    for (int l = 0; l < 10; l++) {
        for (int shape = 0; shape < 6; shape++) {
            int n = lengths[l], good = 1;
            long long before = 0, after = 0;
            for (int i = 0; i < n; i++) {
                seed = seed * 1664525 + 1013904223;
                numbers[i] = shape == 0 ? i : shape == 1 ? n - i : shape == 2 ? 7 : shape == 3 ? i % 10 : shape == 4 ? (int)seed : (int)(seed >> 24) - 128;
                before += numbers[i];
            }
            qsort(numbers, (size_t)n, sizeof *numbers, compare);
            for (int i = 0; i < n; i++) after += numbers[i];
            for (int i = 1; i < n; i++) good &= numbers[i - 1] <= numbers[i];
            printf("%d of shape %d: %s, sum %s\n", n, shape, good ? "sorted" : "NOT SORTED", before == after ? "kept" : "LOST");
        }
    }
    printf("%s\n", calls < 30000000 ? "not quadratic" : "quadratic");
    return 0;
}
