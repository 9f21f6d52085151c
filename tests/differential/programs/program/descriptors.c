/* SPDX-License-Identifier: Apache-2.0
 *
 * The three descriptors are open; 1 and 2 are written without stdio.
 */
#include <unistd.h>
#include "check.h"

int main(void) {
    I(write(1, "", 0));
    fflush(stdout);
    if (write(1, "to 1\n", 5) != 5 || write(2, "to 2\n", 5) != 5) return 1;
    X(write(77, "x", 1));
    I(fileno(stdin));
    I(fileno(stdout));
    I(fileno(stderr));
    return 0;
}
