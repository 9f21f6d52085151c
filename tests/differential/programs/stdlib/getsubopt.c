/* SPDX-License-Identifier: Apache-2.0
 *
 * getsubopt takes a list of suboptions apart.
 */
#include "check.h"

int main(void) {
    char *const tokens[] = {"ro", "size", "name", NULL};
    char text[] = "ro,size=10,bogus,name=", *at = text, *value;
    while (*at) {
        int which = getsubopt(&at, tokens, &value);
        printf("%d %s\n", which, value ? value : "-");
    }
    return 0;
}
