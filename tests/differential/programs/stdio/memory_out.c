/* SPDX-License-Identifier: Apache-2.0
 *
 * open_memstream grows as it is written.
 */
#include "check.h"

int main(void) {
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    for (int i = 0; i < 1000; i++) fprintf(f, "%d ", i);
    fflush(f);
    I(n);
    fputs("end", f);
    fclose(f);
    I(n);
    S(text + n - 10);
    free(text);
    return 0;
}
