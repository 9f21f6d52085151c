/* SPDX-License-Identifier: Apache-2.0
 *
 * Flags, widths and precisions, and how they cancel.
 */
#include "check.h"

int main(void) {
    printf("[%5d] [%-5d] [%05d] [%+d] [% d] [%+ d] [%-05d]\n", 42, 42, 42, 42, 42, 42, 42);
    printf("[%.3d] [%.0d] [%.d] [%5.3d] [%-8.3d] [%08.3d] [%+.3d]\n", 7, 0, 0, 7, 7, 7, 7);
    printf("[%#8x] [%#-8x] [%#08x] [%#.8x] [%#o] [%#.3o] [%#.5o]\n", 255, 255, 255, 255, 9, 9, 9);
    printf("[%*d] [%-*d] [%*d] [%.*d] [%.*d] [%*.*d]\n", 6, 1, 6, 1, -6, 1, 3, 1, -3, 1, 7, 4, -12);
    printf("[%5c] [%-5c] [%5s] [%-5s] [%.2s] [%5.1s] [%.0s]\n", 'x', 'x', "ab", "ab", "abc", "abc", "abc");
    return 0;
}
