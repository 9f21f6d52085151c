/* SPDX-License-Identifier: Apache-2.0
 *
 * strlen, strnlen and memchr stop where they should.
 */
#include "check.h"

int main(void) {
    char text[] = "abc\0def";
    I(strlen(text));
    I(strlen(""));
    I(strnlen(text, 2));
    I(strnlen(text, 3));
    I(strnlen(text, 100));
    I(strnlen(text, 0));
    I((char *)memchr(text, 'f', sizeof text) - text);
    I((char *)memchr(text, 0, sizeof text) - text);
    I(memchr(text, 'f', 5) == NULL);
    I(memchr(text, 'a', 0) == NULL);
    I(memchr("\x01\xff\x02", 0xff, 3) != NULL);
    I(memchr("abc", 'b' + 256, 3) != NULL);
    return 0;
}
