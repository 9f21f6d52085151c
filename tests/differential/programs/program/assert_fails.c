/* SPDX-License-Identifier: Apache-2.0
 *
 * A failed assert ends with SIGABRT, before what follows.
 * choice: the text of the message is the library's own; tests/differential/test_differential.py looks that it names the expression and the line.
 * compare: stdout status files
 */
#include <assert.h>
#include "check.h"

int main(void) {
    printf("flushed\n");
    fflush(stdout);
    assert(1 + 1 == 3);
    printf("never\n");
    return 0;
}
