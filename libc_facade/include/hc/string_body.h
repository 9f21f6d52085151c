/* SPDX-License-Identifier: Apache-2.0
 *
 * The bodies of hc/string.h, written for any address space. string.h includes this file once where there is one space,
 * and once per combination in OpenCL C. It has no include guard on purpose. Parameters:
 *   HC_STR_PASS             1: reads one string (HC_S)           2: writes (HC_D)
 *                           3: reads HC_S, writes HC_D           4: reads two strings (HC_S, HC_T)
 *   HC_STR_FN, HC_STR_BIG   function qualifiers of small and of large bodies
 *   HC_S_BACK               what a pointer into the source is when it is handed back: the C library drops the const,
 *                           which __constant can't
 */
#if HC_STR_PASS == 1

HC_STR_BIG HC_OVERLOAD size_t hc_strlen(const HC_S char *s) {
    size_t n = 0;
    while (s[n]) n++;
    return n;
}

HC_STR_BIG HC_OVERLOAD size_t hc_strnlen(const HC_S char *s, size_t most) {
    size_t n = 0;
    while (n < most && s[n]) n++;
    return n;
}

HC_STR_BIG HC_OVERLOAD HC_S_BACK void *hc_memchr(const HC_S void *s, int c, size_t n) {
    const HC_S hc_u8 *p = (const HC_S hc_u8 *)s;
    for (; n; n--, p++)
        if (*p == (hc_u8)c) return (HC_S_BACK void *)p;
    return 0;
}

HC_STR_BIG HC_OVERLOAD HC_S_BACK void *hc_memrchr(const HC_S void *s, int c, size_t n) {
    const HC_S hc_u8 *p = (const HC_S hc_u8 *)s;
    while (n--)
        if (p[n] == (hc_u8)c) return (HC_S_BACK void *)(p + n);
    return 0;
}

HC_STR_BIG HC_OVERLOAD HC_S_BACK char *hc_strchrnul(const HC_S char *s, int c) {
    while (*s && *s != (char)c) s++;
    return (HC_S_BACK char *)s;
}

HC_STR_FN HC_OVERLOAD HC_S_BACK char *hc_strchr(const HC_S char *s, int c) {
    HC_S_BACK char *p = hc_strchrnul(s, c);
    return *p == (char)c ? p : 0;
}

HC_STR_BIG HC_OVERLOAD HC_S_BACK char *hc_strrchr(const HC_S char *s, int c) {
    const HC_S char *last = 0;
    for (;; s++) {
        if (*s == (char)c) last = s;
        if (!*s) return (HC_S_BACK char *)last;
    }
}

HC_STR_FN HC_OVERLOAD HC_S_BACK char *hc_index(const HC_S char *s, int c) { return hc_strchr(s, c); }
HC_STR_FN HC_OVERLOAD HC_S_BACK char *hc_rindex(const HC_S char *s, int c) { return hc_strrchr(s, c); }

#elif HC_STR_PASS == 2

HC_STR_BIG HC_OVERLOAD HC_D void *hc_memset(HC_D void *to, int c, size_t n) {
    HC_D hc_u8 *d = (HC_D hc_u8 *)to;
    const hc_u8 byte = (hc_u8)c;
    const hc_u64 word = 0x0101010101010101u * (hc_u64)byte;
    for (; n && ((size_t)d & 7u); n--) *d++ = byte;
    for (; n >= 8; n -= 8, d += 8) *(HC_D hc_str_word *)d = word;
    for (; n; n--) *d++ = byte;
    return to;
}

HC_STR_FN HC_OVERLOAD void hc_bzero(HC_D void *to, size_t n) { hc_memset(to, 0, n); }

/* Volatile, so that clearing a buffer that is never read again is not optimised away. */
HC_STR_BIG HC_OVERLOAD void hc_explicit_bzero(HC_D void *to, size_t n) {
    volatile HC_D hc_u8 *d = (volatile HC_D hc_u8 *)to;
    while (n--) *d++ = 0;
}

/* The XSI form: an errno value as result. It names the number of an unknown error, for which strerror() has nowhere to
 * write. */
HC_STR_BIG HC_OVERLOAD int hc_strerror_r(int code, HC_D char *to, size_t size) {
    HC_STR_LITERAL *text = hc_strerror_known(code);
    hc_u8 number[12];
    size_t n = 0, digits = 0, i;
    hc_u32 rest = code < 0 ? 0u - (hc_u32)code : (hc_u32)code;
    const int known = text != 0;
    if (!known) text = "Unknown error ";
    for (i = 0; text[i]; i++, n++)
        if (n + 1 < size) to[n] = text[i];
    if (!known) {
        do {
            number[digits++] = (hc_u8)('0' + rest % 10u);
            rest /= 10u;
        } while (rest);
        if (code < 0) number[digits++] = '-';
        for (; digits; digits--, n++)
            if (n + 1 < size) to[n] = (char)number[digits - 1];
    }
    if (size) to[n < size ? n : size - 1] = 0;
    return n >= size ? 34 : known ? 0 : 22; /* ERANGE, EINVAL */
}

#elif HC_STR_PASS == 3

/* Eight bytes at a time where both sides can be aligned together: a lane's byte accesses cost as much as its wide
 * ones. */
HC_STR_BIG HC_OVERLOAD HC_D void *hc_memcpy(HC_D void *to, const HC_S void *from, size_t n) {
    HC_D hc_u8 *d = (HC_D hc_u8 *)to;
    const HC_S hc_u8 *s = (const HC_S hc_u8 *)from;
    if ((((size_t)d ^ (size_t)s) & 7u) == 0) {
        for (; n && ((size_t)d & 7u); n--) *d++ = *s++;
        for (; n >= 8; n -= 8, d += 8, s += 8) *(HC_D hc_str_word *)d = *(const HC_S hc_str_word *)s;
    }
    for (; n; n--) *d++ = *s++;
    return to;
}

HC_STR_FN HC_OVERLOAD HC_D void *hc_mempcpy(HC_D void *to, const HC_S void *from, size_t n) {
    return (HC_D void *)((HC_D hc_u8 *)hc_memcpy(to, from, n) + n);
}

/* Spaces that differ cannot overlap, but flat addresses can be compared only as numbers, and so they are everywhere. */
HC_STR_BIG HC_OVERLOAD HC_D void *hc_memmove(HC_D void *to, const HC_S void *from, size_t n) {
    HC_D hc_u8 *d = (HC_D hc_u8 *)to;
    const HC_S hc_u8 *s = (const HC_S hc_u8 *)from;
    const int wide = (((size_t)d ^ (size_t)s) & 7u) == 0;
    if ((size_t)d - (size_t)s >= n) {
        if (wide) {
            for (; n && ((size_t)d & 7u); n--) *d++ = *s++;
            for (; n >= 8; n -= 8, d += 8, s += 8) *(HC_D hc_str_word *)d = *(const HC_S hc_str_word *)s;
        }
        for (; n; n--) *d++ = *s++;
    } else {
        d += n;
        s += n;
        if (wide) {
            for (; n && ((size_t)d & 7u); n--) *--d = *--s;
            for (; n >= 8; n -= 8) {
                d -= 8;
                s -= 8;
                *(HC_D hc_str_word *)d = *(const HC_S hc_str_word *)s;
            }
        }
        for (; n; n--) *--d = *--s;
    }
    return to;
}

HC_STR_FN HC_OVERLOAD void hc_bcopy(const HC_S void *from, HC_D void *to, size_t n) { hc_memmove(to, from, n); }

HC_STR_BIG HC_OVERLOAD HC_D void *hc_memccpy(HC_D void *to, const HC_S void *from, int c, size_t n) {
    HC_D hc_u8 *d = (HC_D hc_u8 *)to;
    const HC_S hc_u8 *s = (const HC_S hc_u8 *)from;
    while (n--)
        if ((*d++ = *s++) == (hc_u8)c) return (HC_D void *)d;
    return 0;
}

HC_STR_BIG HC_OVERLOAD HC_D char *hc_stpcpy(HC_D char *to, const HC_S char *from) {
    while ((*to = *from) != 0) {
        to++;
        from++;
    }
    return to;
}

HC_STR_FN HC_OVERLOAD HC_D char *hc_strcpy(HC_D char *to, const HC_S char *from) {
    hc_stpcpy(to, from);
    return to;
}

HC_STR_BIG HC_OVERLOAD HC_D char *hc_stpncpy(HC_D char *to, const HC_S char *from, size_t n) {
    size_t i = 0, end;
    for (; i < n && from[i]; i++) to[i] = from[i];
    for (end = i; i < n; i++) to[i] = 0;
    return to + end;
}

HC_STR_FN HC_OVERLOAD HC_D char *hc_strncpy(HC_D char *to, const HC_S char *from, size_t n) {
    hc_stpncpy(to, from, n);
    return to;
}

HC_STR_FN HC_OVERLOAD HC_D char *hc_strcat(HC_D char *to, const HC_S char *from) {
    hc_stpcpy(to + hc_strlen((const HC_D char *)to), from);
    return to;
}

HC_STR_BIG HC_OVERLOAD HC_D char *hc_strncat(HC_D char *to, const HC_S char *from, size_t n) {
    HC_D char *d = to + hc_strlen((const HC_D char *)to);
    for (; n && *from; n--) *d++ = *from++;
    *d = 0;
    return to;
}

HC_STR_BIG HC_OVERLOAD size_t hc_strlcpy(HC_D char *to, const HC_S char *from, size_t size) {
    size_t n = 0;
    for (; from[n]; n++)
        if (n + 1 < size) to[n] = from[n];
    if (size) to[n < size ? n : size - 1] = 0;
    return n;
}

HC_STR_FN HC_OVERLOAD size_t hc_strlcat(HC_D char *to, const HC_S char *from, size_t size) {
    const size_t used = hc_strnlen((const HC_D char *)to, size);
    return used + hc_strlcpy(to + used, from, size - used);
}

/* In the C locale the transformed string is the string; the buffer's content is indeterminate when it does not fit. */
HC_STR_FN HC_OVERLOAD size_t hc_strxfrm(HC_D char *to, const HC_S char *from, size_t size) {
    return hc_strlcpy(to, from, size);
}

HC_STR_BIG HC_OVERLOAD HC_D char *hc_strsep(HC_D char **at, const HC_S char *stop) {
    HC_D char *token = *at, *end;
    if (!token) return 0;
    for (end = token; *end; end++) {
        const HC_S char *p = stop;
        while (*p && *p != *end) p++;
        if (*p) {
            *end = 0;
            *at = end + 1;
            return token;
        }
    }
    *at = 0;
    return token;
}

HC_STR_BIG HC_OVERLOAD HC_D char *hc_strtok_r(HC_D char *s, const HC_S char *stop, HC_D char **at) {
    HC_D char *rest = s ? s : *at;
    if (!rest) return 0;
    for (; *rest; rest++) {
        const HC_S char *p = stop;
        while (*p && *p != *rest) p++;
        if (!*p) break;
    }
    *at = rest;
    if (!*rest) return 0;
    rest = hc_strsep(at, stop);
    /* Unlike strsep, the saved position is never null: further calls go on finding the end of the string. */
    if (!*at) *at = rest + hc_strlen((const HC_D char *)rest);
    return rest;
}

#elif HC_STR_PASS == 4

HC_STR_BIG HC_OVERLOAD int hc_memcmp(const HC_S void *one, const HC_T void *two, size_t n) {
    const HC_S hc_u8 *a = (const HC_S hc_u8 *)one;
    const HC_T hc_u8 *b = (const HC_T hc_u8 *)two;
    if ((((size_t)a | (size_t)b) & 7u) == 0)
        for (; n >= 8 && *(const HC_S hc_str_word *)a == *(const HC_T hc_str_word *)b; n -= 8) {
            a += 8;
            b += 8;
        }
    for (; n; n--, a++, b++)
        if (*a != *b) return (int)*a - (int)*b;
    return 0;
}

HC_STR_FN HC_OVERLOAD int hc_bcmp(const HC_S void *one, const HC_T void *two, size_t n) {
    return hc_memcmp(one, two, n);
}

HC_STR_BIG HC_OVERLOAD int hc_strncmp(const HC_S char *a, const HC_T char *b, size_t n) {
    for (; n; n--, a++, b++) {
        if (*a != *b) return (int)(hc_u8)*a - (int)(hc_u8)*b;
        if (!*a) break;
    }
    return 0;
}

HC_STR_FN HC_OVERLOAD int hc_strcmp(const HC_S char *a, const HC_T char *b) { return hc_strncmp(a, b, ~(size_t)0); }
HC_STR_FN HC_OVERLOAD int hc_strcoll(const HC_S char *a, const HC_T char *b) { return hc_strcmp(a, b); }

HC_STR_BIG HC_OVERLOAD int hc_strncasecmp(const HC_S char *a, const HC_T char *b, size_t n) {
    for (; n; n--, a++, b++) {
        const int x = hc_tolower((hc_u8)*a), y = hc_tolower((hc_u8)*b);
        if (x != y) return x - y;
        if (!x) break;
    }
    return 0;
}

HC_STR_FN HC_OVERLOAD int hc_strcasecmp(const HC_S char *a, const HC_T char *b) {
    return hc_strncasecmp(a, b, ~(size_t)0);
}

HC_STR_BIG HC_OVERLOAD HC_S_BACK void *hc_memmem(const HC_S void *hay, size_t size, const HC_T void *needle, size_t n) {
    const HC_S hc_u8 *h = (const HC_S hc_u8 *)hay;
    const HC_T hc_u8 *w = (const HC_T hc_u8 *)needle;
    size_t i;
    if (!n) return (HC_S_BACK void *)h;
    for (; size >= n; size--, h++) {
        for (i = 0; i < n && h[i] == w[i]; i++) {
        }
        if (i == n) return (HC_S_BACK void *)h;
    }
    return 0;
}

HC_STR_BIG HC_OVERLOAD HC_S_BACK char *hc_strstr(const HC_S char *hay, const HC_T char *needle) {
    size_t i;
    for (;; hay++) {
        for (i = 0; needle[i] && hay[i] == needle[i]; i++) {
        }
        if (!needle[i]) return (HC_S_BACK char *)hay;
        if (!hay[i]) return 0;
    }
}

HC_STR_BIG HC_OVERLOAD HC_S_BACK char *hc_strcasestr(const HC_S char *hay, const HC_T char *needle) {
    size_t i;
    for (;; hay++) {
        for (i = 0; needle[i] && hc_tolower((hc_u8)hay[i]) == hc_tolower((hc_u8)needle[i]); i++) {
        }
        if (!needle[i]) return (HC_S_BACK char *)hay;
        if (!hay[i]) return 0;
    }
}

HC_STR_BIG HC_OVERLOAD size_t hc_strcspn(const HC_S char *s, const HC_T char *stop) {
    size_t n = 0;
    for (; s[n]; n++) {
        const HC_T char *p = stop;
        while (*p && *p != s[n]) p++;
        if (*p) break;
    }
    return n;
}

HC_STR_BIG HC_OVERLOAD size_t hc_strspn(const HC_S char *s, const HC_T char *accept) {
    size_t n = 0;
    for (; s[n]; n++) {
        const HC_T char *p = accept;
        while (*p && *p != s[n]) p++;
        if (!*p) break;
    }
    return n;
}

HC_STR_FN HC_OVERLOAD HC_S_BACK char *hc_strpbrk(const HC_S char *s, const HC_T char *accept) {
    s += hc_strcspn(s, accept);
    return *s ? (HC_S_BACK char *)s : 0;
}

#endif
