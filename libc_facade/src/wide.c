/* SPDX-License-Identifier: Apache-2.0
 *
 * <wchar.h>, and what <stdlib.h> has of it.
 */
#include "library.h"
#include "hc/wide.h"

HC_EXPORT size_t wcslen(const hc_wchar *s) { return hc_wcslen(s); }
HC_EXPORT size_t wcsnlen(const hc_wchar *s, size_t most) { return hc_wcsnlen(s, most); }
HC_EXPORT hc_wchar *wcscpy(hc_wchar *to, const hc_wchar *from) { return hc_wcscpy(to, from); }
HC_EXPORT hc_wchar *wcsncpy(hc_wchar *to, const hc_wchar *from, size_t n) { return hc_wcsncpy(to, from, n); }
HC_EXPORT hc_wchar *wcscat(hc_wchar *to, const hc_wchar *from) { return hc_wcscat(to, from); }
HC_EXPORT hc_wchar *wcsncat(hc_wchar *to, const hc_wchar *from, size_t n) { return hc_wcsncat(to, from, n); }
HC_EXPORT int wcscmp(const hc_wchar *a, const hc_wchar *b) { return hc_wcscmp(a, b); }
HC_EXPORT int wcsncmp(const hc_wchar *a, const hc_wchar *b, size_t n) { return hc_wcsncmp(a, b, n); }
HC_EXPORT int wcscoll(const hc_wchar *a, const hc_wchar *b) { return hc_wcscmp(a, b); }
HC_EXPORT hc_wchar *wcschr(const hc_wchar *s, hc_wchar c) { return hc_wcschr(s, c); }
HC_EXPORT hc_wchar *wcsrchr(const hc_wchar *s, hc_wchar c) { return hc_wcsrchr(s, c); }
HC_EXPORT hc_wchar *wcsstr(const hc_wchar *hay, const hc_wchar *needle) { return hc_wcsstr(hay, needle); }
HC_EXPORT hc_wchar *wcspbrk(const hc_wchar *s, const hc_wchar *accept) { return hc_wcspbrk(s, accept); }
HC_EXPORT size_t wcsspn(const hc_wchar *s, const hc_wchar *accept) { return hc_wcsspan(s, accept, 1); }
HC_EXPORT size_t wcscspn(const hc_wchar *s, const hc_wchar *stop) { return hc_wcsspan(s, stop, 0); }
HC_EXPORT hc_wchar *wcstok(hc_wchar *s, const hc_wchar *stop, hc_wchar **at) { return hc_wcstok(s, stop, at); }
HC_EXPORT hc_wchar *wcsdup(const hc_wchar *s) { return hc_wcsdup(s); }
HC_EXPORT hc_wchar *wmemchr(const hc_wchar *s, hc_wchar c, size_t n) { return hc_wmemchr(s, c, n); }
HC_EXPORT int wmemcmp(const hc_wchar *a, const hc_wchar *b, size_t n) { return hc_wmemcmp(a, b, n); }
HC_EXPORT hc_wchar *wmemcpy(hc_wchar *to, const hc_wchar *from, size_t n) { return hc_wmemcpy(to, from, n); }
HC_EXPORT hc_wchar *wmemmove(hc_wchar *to, const hc_wchar *from, size_t n) { return hc_wmemmove(to, from, n); }
HC_EXPORT hc_wchar *wmemset(hc_wchar *to, hc_wchar c, size_t n) { return hc_wmemset(to, c, n); }

HC_EXPORT hc_u32 btowc(int c) { return c >= 0 && c < 128 ? (hc_u32)c : ~0u; }
HC_EXPORT int wctob(hc_u32 c) { return c < 128u ? (int)c : -1; }
HC_EXPORT int mbsinit(const void *state) {
    (void)state; /* there is no state to be in */
    return 1;
}
HC_EXPORT size_t mbrlen(const char *s, size_t n, void *state) {
    (void)state;
    return hc_mbrtowc(0, s, n);
}
HC_EXPORT size_t mbrtowc(hc_wchar *to, const char *s, size_t n, void *state) {
    (void)state;
    return hc_mbrtowc(to, s, n);
}
HC_EXPORT size_t wcrtomb(char *to, hc_wchar c, void *state) {
    (void)state;
    return hc_wcrtomb(to, c);
}
HC_EXPORT size_t mbsrtowcs(hc_wchar *to, const char **from, size_t n, void *state) {
    (void)state;
    return hc_mbsrtowcs(to, from, n);
}
HC_EXPORT size_t wcsrtombs(char *to, const hc_wchar **from, size_t n, void *state) {
    (void)state;
    return hc_wcsrtombs(to, from, n);
}
/* An incomplete character is an error to these. */
HC_EXPORT int mbtowc(hc_wchar *to, const char *s, size_t n) {
    size_t used = hc_mbrtowc(to, s, n);
    return used > 1u ? -1 : (int)used;
}
HC_EXPORT int mblen(const char *s, size_t n) { return mbtowc(0, s, n); }
HC_EXPORT int wctomb(char *to, hc_wchar c) { return to ? (int)hc_wcrtomb(to, c) : 0; }
HC_EXPORT size_t mbstowcs(hc_wchar *to, const char *from, size_t n) { return hc_mbsrtowcs(to, &from, n); }
HC_EXPORT size_t wcstombs(char *to, const hc_wchar *from, size_t n) { return hc_wcsrtombs(to, &from, n); }
