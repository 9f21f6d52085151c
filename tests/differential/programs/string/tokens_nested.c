/* SPDX-License-Identifier: Apache-2.0
 *
 * strtok_r in two loops, one within the other.
 */
#include "check.h"

int main(void) {
    char text[] = "a=1&b=2;c&&d=;=e";
    char *outer, *inner, *pair, *part;
    for (pair = strtok_r(text, "&;", &outer); pair != NULL; pair = strtok_r(NULL, "&;", &outer)) {
        S(pair);
        for (part = strtok_r(pair, "=", &inner); part != NULL; part = strtok_r(NULL, "=", &inner)) S(part);
    }
    return 0;
}
