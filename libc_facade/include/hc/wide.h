/* SPDX-License-Identifier: Apache-2.0
 *
 * Wide strings, and the C locale's way between them and bytes: byte and character are the same up to 127; glibc's C locale lets no other
 * byte be a character, and neither does this one. No wide streams.
 */
#ifndef HC_WIDE_H
#define HC_WIDE_H
#include "errno.h"
#include "heap.h"

#if defined(HC_HOST) || defined(HC_NVPTX)
typedef __WCHAR_TYPE__ hc_wchar;
#else
typedef wchar_t hc_wchar;
#endif
#define HC_EILSEQ 84

HC_BODY size_t hc_wcslen(const hc_wchar *s) {
    size_t n = 0;
    HC_ROLLED while (s[n]) n++;
    return n;
}
HC_BODY size_t hc_wcsnlen(const hc_wchar *s, size_t most) {
    size_t n = 0;
    HC_ROLLED while (n < most && s[n]) n++;
    return n;
}
HC_BODY hc_wchar *hc_wmemcpy(hc_wchar *to, const hc_wchar *from, size_t n) {
    size_t i;
    HC_ROLLED for (i = 0; i < n; i++) to[i] = from[i];
    return to;
}
HC_BODY hc_wchar *hc_wmemmove(hc_wchar *to, const hc_wchar *from, size_t n) {
    size_t i;
    if ((size_t)to - (size_t)from >= n * sizeof *to) return hc_wmemcpy(to, from, n);
    HC_ROLLED for (i = n; i > 0; i--) to[i - 1u] = from[i - 1u];
    return to;
}
HC_BODY hc_wchar *hc_wmemset(hc_wchar *to, hc_wchar c, size_t n) {
    size_t i;
    HC_ROLLED for (i = 0; i < n; i++) to[i] = c;
    return to;
}
HC_BODY int hc_wmemcmp(const hc_wchar *a, const hc_wchar *b, size_t n) {
    HC_ROLLED for (; n; a++, b++, n--) {
        if (*a != *b) return *a < *b ? -1 : 1;
    }
    return 0;
}
HC_BODY hc_wchar *hc_wmemchr(const hc_wchar *s, hc_wchar c, size_t n) {
    HC_ROLLED for (; n; s++, n--) {
        if (*s == c) return (hc_wchar *)s;
    }
    return 0;
}
HC_FN hc_wchar *hc_wcscpy(hc_wchar *to, const hc_wchar *from) { return hc_wmemcpy(to, from, hc_wcslen(from) + 1u); }
HC_BODY hc_wchar *hc_wcsncpy(hc_wchar *to, const hc_wchar *from, size_t n) {
    size_t used = hc_wcsnlen(from, n);
    hc_wmemcpy(to, from, used);
    hc_wmemset(to + used, 0, n - used);
    return to;
}
HC_BODY hc_wchar *hc_wcsncat(hc_wchar *to, const hc_wchar *from, size_t n) {
    hc_wchar *end = to + hc_wcslen(to);
    size_t used = hc_wcsnlen(from, n);
    hc_wmemcpy(end, from, used);
    end[used] = 0;
    return to;
}
HC_FN hc_wchar *hc_wcscat(hc_wchar *to, const hc_wchar *from) { return hc_wcsncat(to, from, ~(size_t)0); }
HC_BODY int hc_wcsncmp(const hc_wchar *a, const hc_wchar *b, size_t n) {
    HC_ROLLED for (; n; a++, b++, n--) {
        if (*a != *b) return *a < *b ? -1 : 1;
        if (!*a) return 0;
    }
    return 0;
}
HC_FN int hc_wcscmp(const hc_wchar *a, const hc_wchar *b) { return hc_wcsncmp(a, b, ~(size_t)0); }
HC_FN hc_wchar *hc_wcschr(const hc_wchar *s, hc_wchar c) { return hc_wmemchr(s, c, hc_wcslen(s) + 1u); }
HC_BODY hc_wchar *hc_wcsrchr(const hc_wchar *s, hc_wchar c) {
    size_t n = hc_wcslen(s) + 1u;
    HC_ROLLED for (; n; n--) {
        if (s[n - 1u] == c) return (hc_wchar *)s + n - 1u;
    }
    return 0;
}
HC_BODY size_t hc_wcsspan(const hc_wchar *s, const hc_wchar *set, int inside) {
    size_t n = 0, count = hc_wcslen(set);
    HC_ROLLED while (s[n] && (hc_wmemchr(set, s[n], count) != 0) == inside) n++;
    return n;
}
HC_FN hc_wchar *hc_wcspbrk(const hc_wchar *s, const hc_wchar *accept) {
    s += hc_wcsspan(s, accept, 0);
    return *s ? (hc_wchar *)s : 0;
}
HC_BODY hc_wchar *hc_wcsstr(const hc_wchar *hay, const hc_wchar *needle) {
    size_t n = hc_wcslen(needle);
    HC_ROLLED for (;; hay++) {
        if (hc_wcsncmp(hay, needle, n) == 0) return (hc_wchar *)hay;
        if (!*hay) return 0;
    }
}
HC_BODY hc_wchar *hc_wcstok(hc_wchar *s, const hc_wchar *stop, hc_wchar **at) {
    hc_wchar *end;
    if (!s) s = *at;
    if (!s) return 0;
    s += hc_wcsspan(s, stop, 1);
    if (!*s) {
        *at = 0;
        return 0;
    }
    end = hc_wcspbrk(s, stop);
    *at = end ? end + 1 : 0;
    if (end) *end = 0;
    return s;
}
HC_BODY hc_wchar *hc_wcsdup(const hc_wchar *s) {
    size_t n = hc_wcslen(s) + 1u;
    hc_wchar *copy = (hc_wchar *)hc_malloc(n * sizeof *s);
    return copy ? hc_wmemcpy(copy, s, n) : 0;
}

/* ------------------------------------------------------------------------------------------------------- bytes and characters */
HC_FN size_t hc_wide_wrong(void) {
    hc_errno_set(HC_EILSEQ);
    return ~(size_t)0;
}
HC_BODY size_t hc_mbrtowc(hc_wchar *to, const char *s, size_t n) {
    if (!s) return 0;
    if (!n) return ~(size_t)0 - 1u;
    if ((hc_u8)*s > 127u) return hc_wide_wrong();
    if (to) *to = *s;
    return *s != 0;
}
HC_BODY size_t hc_wcrtomb(char *to, hc_wchar c) {
    if (!to) return 1;
    if ((hc_u32)c > 127u) return hc_wide_wrong();
    *to = (char)c;
    return 1;
}
/* Without `to` it counts. *from is 0 behind a text that was read to its end. */
HC_BODY size_t hc_mbsrtowcs(hc_wchar *to, const char **from, size_t most) {
    size_t n;
    const char *s = *from;
    HC_ROLLED for (n = 0; !to || n < most; n++) {
        if ((hc_u8)s[n] > 127u) {
            if (to) *from = s + n;
            return hc_wide_wrong();
        }
        if (to) to[n] = s[n];
        if (!s[n]) {
            if (to) *from = 0;
            return n;
        }
    }
    *from = s + n;
    return n;
}
HC_BODY size_t hc_wcsrtombs(char *to, const hc_wchar **from, size_t most) {
    size_t n;
    const hc_wchar *s = *from;
    HC_ROLLED for (n = 0; !to || n < most; n++) {
        if ((hc_u32)s[n] > 127u) {
            if (to) *from = s + n;
            return hc_wide_wrong();
        }
        if (to) to[n] = (char)s[n];
        if (!s[n]) {
            if (to) *from = 0;
            return n;
        }
    }
    *from = s + n;
    return n;
}

#endif
