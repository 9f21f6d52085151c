/* SPDX-License-Identifier: Apache-2.0
 *
 * What stdio holds and what goes around it, with a flush between.
 */
#include <unistd.h>
#include "check.h"

int main(void) {
    printf("1 by printf\n");
    fflush(stdout);
    if (write(1, "2 by write\n", 11) != 11) return 1;
    puts("3 by puts");
    fflush(NULL);
    dprintf(1, "4 by dprintf\n");
    printf("5 by printf");
    return 0;
}
