/* SPDX-License-Identifier: Apache-2.0
 *
 * Only the C locale, and what it says.
 */
#include <locale.h>
#include "check.h"

int main(void) {
    S(setlocale(LC_ALL, NULL));
    S(setlocale(LC_ALL, "C"));
    I(setlocale(LC_ALL, "no such locale") == NULL);
    struct lconv *l = localeconv();
    S(l->decimal_point);
    S(l->thousands_sep);
    S(l->grouping);
    S(l->currency_symbol);
    return 0;
}
