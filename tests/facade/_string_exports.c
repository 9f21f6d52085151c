/* SPDX-License-Identifier: Apache-2.0
 *
 * The device's string functions as a shared library, so that tests can call them. Compiled against the facade's headers
 * alone; the standard names are used on purpose, because they are what is tested. */
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "hc/format.h"

#define EXPORT(type, name, parameters, call) \
    type t_##name parameters;                \
    type t_##name parameters { return call; }

EXPORT(void *, memcpy, (void *d, const void *s, size_t n), memcpy(d, s, n))
EXPORT(void *, mempcpy, (void *d, const void *s, size_t n), mempcpy(d, s, n))
EXPORT(void *, memmove, (void *d, const void *s, size_t n), memmove(d, s, n))
EXPORT(void *, memccpy, (void *d, const void *s, int c, size_t n), memccpy(d, s, c, n))
EXPORT(void *, memset, (void *d, int c, size_t n), memset(d, c, n))
EXPORT(int, memcmp, (const void *a, const void *b, size_t n), memcmp(a, b, n))
EXPORT(int, bcmp, (const void *a, const void *b, size_t n), bcmp(a, b, n))
EXPORT(void *, memchr, (const void *s, int c, size_t n), memchr(s, c, n))
EXPORT(void *, memrchr, (const void *s, int c, size_t n), memrchr(s, c, n))
EXPORT(void *, memmem, (const void *h, size_t m, const void *s, size_t n), memmem(h, m, s, n))
EXPORT(size_t, strlen, (const char *s), strlen(s))
EXPORT(size_t, strnlen, (const char *s, size_t n), strnlen(s, n))
EXPORT(char *, strcpy, (char *d, const char *s), strcpy(d, s))
EXPORT(char *, stpcpy, (char *d, const char *s), stpcpy(d, s))
EXPORT(char *, strncpy, (char *d, const char *s, size_t n), strncpy(d, s, n))
EXPORT(char *, stpncpy, (char *d, const char *s, size_t n), stpncpy(d, s, n))
EXPORT(char *, strcat, (char *d, const char *s), strcat(d, s))
EXPORT(char *, strncat, (char *d, const char *s, size_t n), strncat(d, s, n))
EXPORT(size_t, strlcpy, (char *d, const char *s, size_t n), strlcpy(d, s, n))
EXPORT(size_t, strlcat, (char *d, const char *s, size_t n), strlcat(d, s, n))
EXPORT(size_t, strxfrm, (char *d, const char *s, size_t n), strxfrm(d, s, n))
EXPORT(int, strcmp, (const char *a, const char *b), strcmp(a, b))
EXPORT(int, strcoll, (const char *a, const char *b), strcoll(a, b))
EXPORT(int, strncmp, (const char *a, const char *b, size_t n), strncmp(a, b, n))
EXPORT(int, strcasecmp, (const char *a, const char *b), strcasecmp(a, b))
EXPORT(int, strncasecmp, (const char *a, const char *b, size_t n), strncasecmp(a, b, n))
EXPORT(char *, strchr, (const char *s, int c), strchr(s, c))
EXPORT(char *, strchrnul, (const char *s, int c), strchrnul(s, c))
EXPORT(char *, strrchr, (const char *s, int c), strrchr(s, c))
EXPORT(char *, index, (const char *s, int c), index(s, c))
EXPORT(char *, rindex, (const char *s, int c), rindex(s, c))
EXPORT(char *, strstr, (const char *h, const char *n), strstr(h, n))
EXPORT(char *, strcasestr, (const char *h, const char *n), strcasestr(h, n))
EXPORT(size_t, strspn, (const char *s, const char *a), strspn(s, a))
EXPORT(size_t, strcspn, (const char *s, const char *a), strcspn(s, a))
EXPORT(char *, strpbrk, (const char *s, const char *a), strpbrk(s, a))
EXPORT(char *, strtok_r, (char *s, const char *d, char **at), strtok_r(s, d, at))
EXPORT(char *, strsep, (char **at, const char *d), strsep(at, d))
EXPORT(char *, strerror, (int e), strerror(e))
EXPORT(int, strerror_r, (int e, char *b, size_t n), strerror_r(e, b, n))
EXPORT(int, ffs, (int x), ffs(x))
EXPORT(int, ffsl, (long x), ffsl(x))
EXPORT(int, ffsll, (long long x), ffsll(x))

void t_bzero(void *d, size_t n);
void t_bzero(void *d, size_t n) { bzero(d, n); }
void t_explicit_bzero(void *d, size_t n);
void t_explicit_bzero(void *d, size_t n) { explicit_bzero(d, n); }
void t_bcopy(const void *s, void *d, size_t n);
void t_bcopy(const void *s, void *d, size_t n) { bcopy(s, d, n); }

EXPORT(int, isalnum, (int c), isalnum(c))
EXPORT(int, isalpha, (int c), isalpha(c))
EXPORT(int, isblank, (int c), isblank(c))
EXPORT(int, iscntrl, (int c), iscntrl(c))
EXPORT(int, isdigit, (int c), isdigit(c))
EXPORT(int, isgraph, (int c), isgraph(c))
EXPORT(int, islower, (int c), islower(c))
EXPORT(int, isprint, (int c), isprint(c))
EXPORT(int, ispunct, (int c), ispunct(c))
EXPORT(int, isspace, (int c), isspace(c))
EXPORT(int, isupper, (int c), isupper(c))
EXPORT(int, isxdigit, (int c), isxdigit(c))
EXPORT(int, isascii, (int c), isascii(c))
EXPORT(int, toascii, (int c), toascii(c))
EXPORT(int, tolower, (int c), tolower(c))
EXPORT(int, toupper, (int c), toupper(c))

/* The lane whose errno the functions set; without a runtime nobody else is there to play it. */
static hc_host_lane the_lane;

int t_errno(void);
int t_errno(void) { return errno; }

int t_snprintf(char *out, size_t size, const char *fmt, ...) HC_FMT_CHECKED(3, 4);
int t_snprintf(char *out, size_t size, const char *fmt, ...) {
    va_list list;
    int total;
    hc_self = &the_lane;
    errno = 0;
    va_start(list, fmt);
    total = hc_vsnprintf(out, size, fmt, list);
    va_end(list);
    return total;
}

/* The way of a printf record: arguments off the list into an array, lengths measured, then formatted from the array. */
int t_record(char *out, size_t size, hc_fmt_arg *args, unsigned max, const char *fmt, ...) HC_FMT_CHECKED(5, 6);
int t_record(char *out, size_t size, hc_fmt_arg *args, unsigned max, const char *fmt, ...) {
    hc_fmt_sink sink = hc_fmt_into(out, size ? size - 1 : 0);
    hc_i64 total, length, used;
    va_list list;
    va_start(list, fmt);
    used = hc_fmt_scan_args(fmt, list, args, max);
    length = hc_fmt_vlength(fmt, list);
    va_end(list);
    if (used < 0) return (int)used;
    if ((unsigned)used > max) return -7;
    total = hc_format(&sink, hc_fmt_text(fmt), args, (hc_u32)used);
    if (size) out[sink.total < sink.cap ? sink.total : sink.cap] = 0;
    if (length != total || hc_fmt_length(hc_fmt_text(fmt), args, (hc_u32)used) != total) return -1000;
    return (int)total;
}

/* The same header in two places of a struct must not clash with the macros: they are object-like for this reason. */
struct members {
    size_t (*strlen)(const char *s);
    int isalpha;
};
size_t t_member(const char *s);
size_t t_member(const char *s) {
    struct members m = {hc_strlen, 1};
    return m.strlen(s) + (size_t)m.isalpha;
}

HC_STATIC_ASSERT(sizeof(int64_t) == 8 && sizeof(uintptr_t) == sizeof(void *) && INT64_MIN < 0, stdint_widths);
HC_STATIC_ASSERT(offsetof(struct members, isalpha) == sizeof(void *), offsetof_works);
HC_STATIC_ASSERT(LONG_MAX == INT64_MAX && INT_MIN == INT32_MIN && UCHAR_MAX == 255 && sizeof(PRId64) == 3, limits);
HC_STATIC_ASSERT(DBL_MANT_DIG == 53 && true && !false, floats);
