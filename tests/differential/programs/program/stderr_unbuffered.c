/* SPDX-License-Identifier: Apache-2.0
 *
 * Standard error arrives whole and in order, and perror names the error.
 */
#include "check.h"

int main(void) {
    fprintf(stderr, "one ");
    fprintf(stderr, "two %d\n", 2);
    errno = ENOENT;
    perror("prefix");
    errno = EACCES;
    perror("");
    errno = EINVAL;
    perror(NULL);
    fputs("three", stderr);
    putc('\n', stderr);
    return 1;
}
