/* SPDX-License-Identifier: Apache-2.0
 *
 * strftime returns 0 when the text does not fit.
 */
#include <time.h>
#include "check.h"

int main(void) {
    char text[8];
    time_t t = 0;
    struct tm tm;
    gmtime_r(&t, &tm);
    I(strftime(text, 5, "%Y", &tm));
    I(strftime(text, 4, "%Y", &tm));
    I(strftime(text, 8, "", &tm));
    I(strftime(text, 8, "%H:%M%%", &tm));
    S(text);
    return 0;
}
