/* SPDX-License-Identifier: Apache-2.0
 *
 * Standard input by read, in pieces.
 * stdin: 0123456789
 */
#include <unistd.h>
#include "check.h"

int main(void) {
    char part[4];
    ssize_t n;
    while ((n = read(0, part, sizeof part)) > 0) B(part, (size_t)n);
    I(n);
    I(read(0, part, sizeof part));
    return 0;
}
