/* SPDX-License-Identifier: Apache-2.0
 *
 * printf's count, also of what nobody looks at.
 */
#include "check.h"

int main(void) {
    I(printf(""));
    I(printf("abc\n"));
    I(printf("%100d|\n", 1));
    I(printf("%s\n", ""));
    I(fprintf(stdout, "%c%c\n", 'a', 0));
    return 0;
}
