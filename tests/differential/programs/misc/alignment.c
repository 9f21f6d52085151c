/* SPDX-License-Identifier: Apache-2.0
 *
 * Alternative spellings, booleans, alignment and offsets.
 */
#include <iso646.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "check.h"

struct pair {
    char a;
    int b;
};

int main(void) {
    bool yes = 5, no = false;
    struct {
        char c;
        alignas(16) char wide;
    } s;
    I(yes and not no);
    I(compl 0 bitand 0xf);
    I((uintptr_t)&s.wide % 16);
    I(alignof(double));
    I(offsetof(struct pair, b));
    I(sizeof(max_align_t) >= 16);
    return 0;
}
