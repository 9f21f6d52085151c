/* SPDX-License-Identifier: Apache-2.0
 *
 * toupper and tolower leave what has no case alone.
 */
#include <ctype.h>
#include "check.h"

int main(void) {
    for (int c = -1; c < 256; c++) {
        if (toupper(c) != c || tolower(c) != c) printf("%d %d %d\n", c, toupper(c), tolower(c));
    }
    return 0;
}
