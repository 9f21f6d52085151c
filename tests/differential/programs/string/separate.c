/* SPDX-License-Identifier: Apache-2.0
 *
 * strsep gives empty fields.
 */
#include "check.h"

int main(void) {
    char text[] = "a,,b;c,", *at = text, *field;
    while ((field = strsep(&at, ",;")) != NULL) S(field);
    I(at == NULL);
    return 0;
}
