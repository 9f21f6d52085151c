/* SPDX-License-Identifier: Apache-2.0
 *
 * strspn, strcspn and strpbrk with empty sets.
 */
#include "check.h"

int main(void) {
    I(strspn("  \tx", " \t"));
    I(strspn("abc", ""));
    I(strspn("", "abc"));
    I(strspn("aaa", "a"));
    I(strcspn("abc=def", "=:"));
    I(strcspn("abc", ""));
    I(strcspn("", "abc"));
    S(strpbrk("abc;def#", "#;"));
    I(strpbrk("abc", "xyz") == NULL);
    I(strpbrk("abc", "") == NULL);
    return 0;
}
