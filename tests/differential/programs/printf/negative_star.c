/* SPDX-License-Identifier: Apache-2.0
 *
 * A negative precision is none, a negative width is a flag.
 */
#include "check.h"

int main(void) {
    printf("[%.*f] [%*s] [%*.*e] [%.*s]\n", -1, 2.5, -6, "ab", -14, -1, 1.5, -5, "whole");
    return 0;
}
