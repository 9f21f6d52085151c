/* SPDX-License-Identifier: Apache-2.0
 *
 * memmove with overlaps in both directions; memset takes a byte.
 */
#include "check.h"

int main(void) {
    char text[32];
    strcpy(text, "0123456789abcdef");
    I(memmove(text + 3, text, 10) == text + 3);
    S(text);
    strcpy(text, "0123456789abcdef");
    memmove(text, text + 3, 10);
    S(text);
    memmove(text + 5, text + 5, 4);
    S(text);
    memmove(text, text + 8, 0);
    S(text);
    I(memcpy(text, "XY", 2) == text);
    S(text);
    I(memset(text, 'q' + 512, 3) == text);
    S(text);
    return 0;
}
