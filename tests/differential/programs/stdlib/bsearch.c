/* SPDX-License-Identifier: Apache-2.0
 *
 * bsearch finds the ends, the middle and nothing.
 */
#include "check.h"

static int compare(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

int main(void) {
    int numbers[101], key;
    for (int i = 0; i < 101; i++) numbers[i] = i * 3;
    for (key = -1; key <= 301; key++) {
        int *found = bsearch(&key, numbers, 101, sizeof *numbers, compare);
        if ((found != NULL) != (key >= 0 && key <= 300 && key % 3 == 0)) printf("wrong for %d\n", key);
        if (found != NULL && *found != key) printf("wrong element for %d\n", key);
    }
    key = 0;
    I((int *)bsearch(&key, numbers, 101, sizeof *numbers, compare) - numbers);
    key = 300;
    I((int *)bsearch(&key, numbers, 101, sizeof *numbers, compare) - numbers);
    I(bsearch(&key, numbers, 0, sizeof *numbers, compare) == NULL);
    return 0;
}
