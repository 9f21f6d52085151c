/* SPDX-License-Identifier: Apache-2.0
 *
 * <wchar.h>: wide strings of the C locale, in which a character is a byte. No wide streams.
 */
#ifndef _WCHAR_H
#define _WCHAR_H

#include <bits/size.h>
#include <bits/wide.h>
#include <features.h>

#define WEOF 0xffffffffu
#ifndef WCHAR_MIN
#define WCHAR_MIN (-2147483647 - 1)
#define WCHAR_MAX 2147483647
#endif

typedef struct {
    int __count;
    unsigned int __value;
} mbstate_t;

__HC_BEGIN
size_t wcslen(const wchar_t *__text);
wchar_t *wcscpy(wchar_t *__HC_RESTRICT __to, const wchar_t *__HC_RESTRICT __from);
wchar_t *wcsncpy(wchar_t *__HC_RESTRICT __to, const wchar_t *__HC_RESTRICT __from, size_t __n);
wchar_t *wcscat(wchar_t *__HC_RESTRICT __to, const wchar_t *__HC_RESTRICT __from);
wchar_t *wcsncat(wchar_t *__HC_RESTRICT __to, const wchar_t *__HC_RESTRICT __from, size_t __n);
int wcscmp(const wchar_t *__a, const wchar_t *__b);
int wcsncmp(const wchar_t *__a, const wchar_t *__b, size_t __n);
int wcscoll(const wchar_t *__a, const wchar_t *__b);
wchar_t *wcschr(const wchar_t *__text, wchar_t __c);
wchar_t *wcsrchr(const wchar_t *__text, wchar_t __c);
wchar_t *wcsstr(const wchar_t *__hay, const wchar_t *__needle);
wchar_t *wcspbrk(const wchar_t *__text, const wchar_t *__accept);
size_t wcsspn(const wchar_t *__text, const wchar_t *__accept);
size_t wcscspn(const wchar_t *__text, const wchar_t *__stop);
wchar_t *wcstok(wchar_t *__HC_RESTRICT __text, const wchar_t *__HC_RESTRICT __stop, wchar_t **__HC_RESTRICT __at);
wchar_t *wmemchr(const wchar_t *__at, wchar_t __c, size_t __n);
int wmemcmp(const wchar_t *__a, const wchar_t *__b, size_t __n);
wchar_t *wmemcpy(wchar_t *__HC_RESTRICT __to, const wchar_t *__HC_RESTRICT __from, size_t __n);
wchar_t *wmemmove(wchar_t *__to, const wchar_t *__from, size_t __n);
wchar_t *wmemset(wchar_t *__to, wchar_t __c, size_t __n);
wint_t btowc(int __c);
int wctob(wint_t __c);
int mbsinit(const mbstate_t *__state);
size_t mbrlen(const char *__HC_RESTRICT __text, size_t __n, mbstate_t *__HC_RESTRICT __state);
size_t mbrtowc(wchar_t *__HC_RESTRICT __wide, const char *__HC_RESTRICT __text, size_t __n, mbstate_t *__HC_RESTRICT __state);
size_t wcrtomb(char *__HC_RESTRICT __text, wchar_t __wide, mbstate_t *__HC_RESTRICT __state);
size_t mbsrtowcs(wchar_t *__HC_RESTRICT __to, const char **__HC_RESTRICT __from, size_t __n, mbstate_t *__HC_RESTRICT __state);
size_t wcsrtombs(char *__HC_RESTRICT __to, const wchar_t **__HC_RESTRICT __from, size_t __n, mbstate_t *__HC_RESTRICT __state);
#ifdef __HC_POSIX
wchar_t *wcsdup(const wchar_t *__text);
size_t wcsnlen(const wchar_t *__text, size_t __most);
#endif
__HC_END

#endif
