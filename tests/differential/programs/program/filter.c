/* SPDX-License-Identifier: Apache-2.0
 *
 * A filter: standard input to standard output, upper case.
 * stdin: mixed Case\nand \xff\x00 bytes\n
 */
#include <ctype.h>
#include "check.h"

int main(void) {
    int c;
    while ((c = getchar()) != EOF) putchar(toupper(c));
    return ferror(stdin) || fflush(stdout) != 0;
}
