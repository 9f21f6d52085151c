/* SPDX-License-Identifier: Apache-2.0
 *
 * strchr, strrchr, strstr with the empty and the partly matching needle.
 */
#include "check.h"

int main(void) {
    const char *t = "the cat sat on the catalogue";
    S(strchr(t, 'c'));
    S(strrchr(t, 'c'));
    I(strchr(t, '\0') - t);
    I(strrchr(t, '\0') - t);
    I(strchr(t, 'z') == NULL);
    I(strrchr(t, 'z') == NULL);
    S(strstr(t, "cata"));
    S(strstr(t, ""));
    I(strstr(t, "cats") == NULL);
    I(strstr("aaaaab", "aab") != NULL);
    S(strstr("aabaabaac", "aabaac"));
    I(strstr("", "a") == NULL);
    S(strstr("", ""));
    S(strchr("a\xc3\xa4", 0xc3));
    return 0;
}
