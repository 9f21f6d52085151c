/* SPDX-License-Identifier: Apache-2.0
 *
 * Half a megabyte on standard output, in lines and blocks.
 */
#include "check.h"

int main(void) {
    static char block[5000];
    for (int i = 0; i < 8000; i++) printf("%d line of text %x\n", i, i * 7919);
    memset(block, 'b', sizeof block);
    for (int i = 0; i < 60; i++) fwrite(block, 1, sizeof block, stdout);
    return 0;
}
