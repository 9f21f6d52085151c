/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts that are names of files: dirname, basename, fnmatch; and getsubopt. Nothing here looks at a file.
 */
#ifndef HC_FILENAME_H
#define HC_FILENAME_H
#include "errno.h"
#include "string.h"

/* Like POSIX's: the argument may be changed, and a constant "." or "/" may be the answer. */
HC_BODY char *hc_do_basename(char *path) {
    size_t n;
    if (!path || !*path) return (char *)".";
    n = hc_strlen(path);
    HC_ROLLED while (n > 1u && path[n - 1u] == '/') path[--n] = 0;
    if (n == 1u) return path;
    HC_ROLLED while (n > 0 && path[n - 1u] != '/') n--;
    return path + n;
}
HC_FN char *hc_gnu_basename(const char *path) {
    const char *slash = hc_strrchr(path, '/');
    return (char *)(slash ? slash + 1 : path);
}
HC_BODY char *hc_do_dirname(char *path) {
    size_t n, last;
    if (!path || !*path) return (char *)".";
    n = hc_strlen(path);
    HC_ROLLED while (n > 0 && path[n - 1u] == '/') n--;
    if (n == 0) {
        /* Two slashes alone mean something of their own in POSIX. */
        path[hc_strlen(path) == 2u ? 2 : 1] = 0;
        return path;
    }
    HC_ROLLED while (n > 0 && path[n - 1u] != '/') n--;
    if (n == 0) return (char *)".";
    last = n;
    HC_ROLLED while (n > 0 && path[n - 1u] == '/') n--;
    if (n == 0) n = last == 2u ? 2u : 1u;
    path[n] = 0;
    return path;
}

/* ---------------------------------------------------------------------------------------------------------------- patterns */
#define HC_FNM_PATHNAME 1
#define HC_FNM_NOESCAPE 2
#define HC_FNM_PERIOD 4
#define HC_FNM_LEADING_DIR 8
#define HC_FNM_CASEFOLD 16
HC_FN int hc_fn_fold(int c, int flags) { return flags & HC_FNM_CASEFOLD ? hc_tolower(c) : c; }
HC_BODY int hc_fn_class(const char *name, size_t n, int c) {
    static const char classes[] = "alpha\0digit\0alnum\0upper\0lower\0space\0blank\0punct\0print\0graph\0cntrl\0xdigit\0";
    const char *at = classes;
    int which;
    HC_ROLLED for (which = 0; *at && (hc_strlen(at) != n || hc_strncmp(at, name, n) != 0); which++) at += hc_strlen(at) + 1u;
    switch (which) {
    case 0: return hc_isalpha(c);
    case 1: return hc_isdigit(c);
    case 2: return hc_isalnum(c);
    case 3: return hc_isupper(c);
    case 4: return hc_islower(c);
    case 5: return hc_isspace(c);
    case 6: return hc_isblank(c);
    case 7: return hc_ispunct(c);
    case 8: return hc_isprint(c);
    case 9: return hc_isgraph(c);
    case 10: return hc_iscntrl(c);
    case 11: return hc_isxdigit(c);
    }
    return 0;
}
/* A bracket expression behind its '['. Where it ends, or 0: it is no bracket expression. */
HC_BODY const char *hc_fn_bracket(const char *p, int c, int flags, int *matches) {
    int negated = *p == '!' || *p == '^', found = 0, first = 1;
    int folded = hc_fn_fold(c, flags);
    if (negated) p++;
    HC_ROLLED for (;; first = 0) {
        int low, high;
        if (!*p) return 0;
        if (*p == ']' && !first) break;
        if (p[0] == '[' && p[1] == ':') {
            const char *end = hc_strstr(p + 2, ":]");
            if (end) {
                if (hc_fn_class(p + 2, (size_t)(end - p - 2), c)) found = 1;
                else if ((flags & HC_FNM_CASEFOLD) && hc_fn_class(p + 2, (size_t)(end - p - 2), hc_isupper(c) ? hc_tolower(c) : hc_toupper(c))) found = 1;
                p = end + 2;
                continue;
            }
        }
        if (p[0] == '[' && (p[1] == '.' || p[1] == '=') && p[2] && p[3] == p[1] && p[4] == ']') {
            low = (hc_u8)p[2];
            p += 5;
        } else {
            if (*p == '\\' && !(flags & HC_FNM_NOESCAPE) && p[1]) p++;
            if (*p == '/' && (flags & HC_FNM_PATHNAME)) return 0;
            low = (hc_u8)*p++;
        }
        high = low;
        if (p[0] == '-' && p[1] && p[1] != ']') {
            p++;
            if (*p == '\\' && !(flags & HC_FNM_NOESCAPE) && p[1]) p++;
            high = (hc_u8)*p++;
        }
        if (hc_fn_fold(low, flags) <= folded && folded <= hc_fn_fold(high, flags)) found = 1;
    }
    *matches = found != negated;
    return p + 1;
}
/* One element of a pattern that is no '*', against one character. Where the pattern goes on, or 0. */
HC_BODY const char *hc_fn_one(const char *p, int c, int flags) {
    int matches = 0;
    if (*p == '?') return c == '/' && (flags & HC_FNM_PATHNAME) ? 0 : p + 1;
    if (*p == '[') {
        const char *end = hc_fn_bracket(p + 1, c, flags, &matches);
        if (end) return matches && !(c == '/' && (flags & HC_FNM_PATHNAME)) ? end : 0;
    }
    if (*p == '\\' && !(flags & HC_FNM_NOESCAPE)) {
        p++;
        if (!*p) return 0;
    }
    return *p && hc_fn_fold((hc_u8)*p, flags) == hc_fn_fold(c, flags) ? p + 1 : 0;
}
/* Of all '*' only the last one can need to be tried again, but with FNM_PATHNAME never across a slash. */
HC_BODY int hc_do_fnmatch(const char *p, const char *s, int flags) {
    const char *star = 0, *retry = 0, *start = s;
    HC_ROLLED for (;;) {
        int leading = *s == '.' && (flags & HC_FNM_PERIOD) && (s == start || (s[-1] == '/' && (flags & HC_FNM_PATHNAME)));
        const char *next = 0;
        if (*p == '*' && !leading) {
            HC_ROLLED while (*p == '*') p++;
            star = p;
            retry = s;
            continue;
        }
        if (!*p && (!*s || (*s == '/' && (flags & HC_FNM_LEADING_DIR)))) return 0;
        if (*s && *p && !(leading && (*p == '?' || *p == '['))) next = *p == '*' ? 0 : hc_fn_one(p, (hc_u8)*s, flags);
        if (next) {
            p = next;
            s++;
            continue;
        }
        if (!star || !*retry || (*retry == '/' && (flags & HC_FNM_PATHNAME))) return 1;
        s = ++retry;
        p = star;
    }
}

/* -------------------------------------------------------------------------------------------------------------- suboptions */
HC_BODY int hc_do_getsubopt(char **at, char *const *tokens, char **value) {
    char *from = *at, *end, *equal;
    int i;
    size_t n;
    *value = 0;
    if (!*from) return -1;
    end = hc_strchrnul(from, ',');
    equal = (char *)hc_memchr(from, '=', (size_t)(end - from));
    n = (size_t)((equal ? equal : end) - from);
    *at = *end ? end + 1 : end;
    *end = 0;
    HC_ROLLED for (i = 0; tokens[i]; i++) {
        if (hc_strncmp(tokens[i], from, n) == 0 && !tokens[i][n]) {
            if (equal) *value = equal + 1;
            return i;
        }
    }
    *value = from;
    return -1;
}
HC_API char *hc_basename(char *path) { HC_SPLIT(hc_do_basename(path), ::__xpg_basename(path)) }
HC_API char *hc_dirname(char *path) { HC_SPLIT(hc_do_dirname(path), ::dirname(path)) }
HC_API int hc_fnmatch(const char *pattern, const char *text, int flags) { HC_SPLIT(hc_do_fnmatch(pattern, text, flags), ::fnmatch(pattern, text, flags)) }
HC_API int hc_getsubopt(char **at, char *const *tokens, char **value) { HC_SPLIT(hc_do_getsubopt(at, tokens, value), ::getsubopt(at, tokens, value)) }

#endif
