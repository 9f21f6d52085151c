/* SPDX-License-Identifier: Apache-2.0
 *
 * abort ends with SIGABRT; what was flushed is there.
 * choice: what an unflushed stream holds may be lost, so the program flushes; a message of the library's own may come on standard error.
 * compare: stdout status files
 */
#include "check.h"

int main(void) {
    printf("flushed\n");
    fflush(stdout);
    abort();
}
