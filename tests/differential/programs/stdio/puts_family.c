/* SPDX-License-Identifier: Apache-2.0
 *
 * puts adds a newline, fputs none; return values of the putters.
 */
#include "check.h"

int main(void) {
    I(puts("") >= 0);
    I(puts("line") >= 0);
    I(fputs("no newline", stdout) >= 0);
    I(putchar('\n'));
    I(putchar(200) == 200);
    I(fputc(256 + 'A', stdout));
    I(putc('\n', stdout));
    return 0;
}
