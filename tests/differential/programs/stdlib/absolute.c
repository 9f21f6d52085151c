/* SPDX-License-Identifier: Apache-2.0
 *
 * abs, labs, llabs and the div family round towards zero.
 */
#include <inttypes.h>
#include "check.h"

int main(void) {
    I(abs(-5));
    I(labs(-5000000000L));
    I(llabs(-9223372036854775807LL));
    I(imaxabs(-7));
    int pairs[][2] = {{7, 2}, {-7, 2}, {7, -2}, {-7, -2}, {0, 3}, {1, 5}};
    for (int i = 0; i < 6; i++) {
        div_t d = div(pairs[i][0], pairs[i][1]);
        ldiv_t l = ldiv(pairs[i][0], pairs[i][1]);
        lldiv_t ll = lldiv(pairs[i][0], pairs[i][1]);
        imaxdiv_t m = imaxdiv(pairs[i][0], pairs[i][1]);
        printf("%d/%d %d %d, %ld %ld, %lld %lld, %jd %jd\n", pairs[i][0], pairs[i][1], d.quot, d.rem, l.quot, l.rem, ll.quot, ll.rem, m.quot, m.rem);
    }
    return 0;
}
