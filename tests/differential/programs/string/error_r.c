/* SPDX-License-Identifier: Apache-2.0
 *
 * The strerror_r of POSIX cuts, and says so.
 */
#undef _GNU_SOURCE
#define _POSIX_C_SOURCE 200809L
#include "check.h"

int main(void) {
    char text[64];
    I(strerror_r(ENOENT, text, sizeof text));
    S(text);
    I(strerror_r(EACCES, text, 5) == ERANGE);
    I(strlen(text) < 5);
    I(strerror_r(99999, text, sizeof text) == EINVAL);
    S(text);
    return 0;
}
