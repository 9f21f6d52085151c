/* SPDX-License-Identifier: Apache-2.0
 *
 * qsort of strings, and of records of an odd size.
 */
#include "check.h"

struct odd {
    char name[7];
    char tail[6];
};
static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }
static int by_name(const void *a, const void *b) { return strcmp(((const struct odd *)a)->name, ((const struct odd *)b)->name); }

int main(void) {
    const char *words[] = {"pear", "fig", "apple", "", "zebra", "fig2", "Apple", "banana"};
    qsort(words, 8, sizeof *words, by_text);
    for (int i = 0; i < 8; i++) S(words[i]);
    struct odd odd[20];
    for (int i = 0; i < 20; i++) {
        sprintf(odd[i].name, "n%03d", (i * 37) % 101);
        sprintf(odd[i].tail, "t%d", i);
    }
    qsort(odd, 20, sizeof *odd, by_name);
    for (int i = 0; i < 20; i++) printf("%s %s\n", odd[i].name, odd[i].tail);
    return 0;
}
