/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks of many sizes are aligned, apart, and keep their bytes.
 */
#include <stdint.h>
#include "check.h"

int main(void) {
    enum { N = 300 };
    static unsigned char *blocks[N];
    static size_t sizes[N];
    unsigned seed = 1;
    int bad = 0;
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < N; i++) {
            seed = seed * 1664525 + 1013904223;
            if (blocks[i] != NULL) {
                for (size_t k = 0; k < sizes[i]; k++) bad += blocks[i][k] != (unsigned char)(i + 1);
                if (seed & 0x1000) {
                    free(blocks[i]);
                    blocks[i] = NULL;
                }
            } else {
                sizes[i] = (seed >> 8) % ((seed & 7) == 0 ? 5000 : 100);
                blocks[i] = malloc(sizes[i]);
                bad += blocks[i] == NULL || (uintptr_t)blocks[i] % 16 != 0;
                memset(blocks[i], i + 1, sizes[i]);
            }
        }
    }
    for (int i = 0; i < N; i++) free(blocks[i]);
    I(bad);
    free(NULL);
    return 0;
}
