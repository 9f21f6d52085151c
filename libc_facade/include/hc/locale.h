/* SPDX-License-Identifier: Apache-2.0
 *
 * The C locale, the only one: setlocale takes "C", "POSIX" and "" and refuses others.
 */
#ifndef HC_LOCALE_H
#define HC_LOCALE_H
#include "state.h"
#include "string.h"

#if defined(HC_NVCC)
typedef struct lconv hc_lconv;
#else
typedef struct hc_lconv {
    char *decimal_point, *thousands_sep, *grouping, *int_curr_symbol, *currency_symbol, *mon_decimal_point, *mon_thousands_sep,
        *mon_grouping, *positive_sign, *negative_sign;
    char int_frac_digits, frac_digits, p_cs_precedes, p_sep_by_space, n_cs_precedes, n_sep_by_space, p_sign_posn, n_sign_posn,
        int_p_cs_precedes, int_p_sep_by_space, int_n_cs_precedes, int_n_sep_by_space, int_p_sign_posn, int_n_sign_posn;
} hc_lconv;
#endif
HC_STATE hc_lconv hc_lconv_now;

HC_FN char *hc_do_setlocale(int category, const char *name) {
    int there = !name || !*name || hc_strcmp(name, "C") == 0 || hc_strcmp(name, "POSIX") == 0;
    if (category < 0 || category > 6 || !there) {
        hc_errno_set(there ? HC_EINVAL : HC_ENOENT);
        return 0;
    }
    return (char *)"C";
}
/* Lanes that ask at once write the same. 127 is CHAR_MAX: not specified. */
HC_BODY hc_lconv *hc_do_localeconv(void) {
    hc_lconv *l = &hc_lconv_now;
    char *unset = (char *)&l->int_frac_digits;
    int i;
    l->decimal_point = (char *)".";
    l->thousands_sep = l->grouping = l->int_curr_symbol = l->currency_symbol = l->mon_decimal_point = l->mon_thousands_sep = l->mon_grouping =
        l->positive_sign = l->negative_sign = (char *)"";
    HC_ROLLED for (i = 0; i < 14; i++) unset[i] = 127;
    return l;
}
HC_API char *hc_setlocale(int category, const char *name) { HC_SPLIT(hc_do_setlocale(category, name), ::setlocale(category, name)) }
HC_API hc_lconv *hc_localeconv(void) { HC_SPLIT(hc_do_localeconv(), ::localeconv()) }

#endif
