/* SPDX-License-Identifier: Apache-2.0
 *
 * <string.h>, <strings.h>, <ctype.h>: answered by the lane itself.
 */
#include "library.h"
#include "hc/heap.h"
#include "hc/string.h"
#include "hc/strtok.h"

/* ------------------------------------------------------------------------------------------------------------------ memory */
HC_EXPORT void *memchr(const void *s, int c, size_t n) { return (void *)hc_memchr(s, c, n); }
HC_EXPORT int memcmp(const void *a, const void *b, size_t n) { return hc_memcmp(a, b, n); }
HC_EXPORT void *memcpy(void *to, const void *from, size_t n) { return hc_memcpy(to, from, n); }
HC_EXPORT void *memset(void *to, int c, size_t n) { return hc_memset(to, c, n); }
HC_EXPORT void *memmove(void *to, const void *from, size_t n) { return hc_memmove(to, from, n); }
HC_EXPORT void *memccpy(void *to, const void *from, int c, size_t n) { return hc_memccpy(to, from, c, n); }
HC_EXPORT void *mempcpy(void *to, const void *from, size_t n) { return hc_mempcpy(to, from, n); }
HC_EXPORT void *memrchr(const void *s, int c, size_t n) { return (void *)hc_memrchr(s, c, n); }
HC_EXPORT void *memmem(const void *hay, size_t size, const void *needle, size_t n) { return (void *)hc_memmem(hay, size, needle, n); }
HC_EXPORT void *rawmemchr(const void *s, int c) { return (void *)hc_memchr(s, c, ~(size_t)0); }
HC_EXPORT void explicit_bzero(void *to, size_t n) { hc_explicit_bzero(to, n); }
HC_EXPORT int bcmp(const void *a, const void *b, size_t n) { return hc_memcmp(a, b, n); }
HC_EXPORT void bcopy(const void *from, void *to, size_t n) { hc_memmove(to, from, n); }
HC_EXPORT void bzero(void *to, size_t n) { hc_memset(to, 0, n); }

/* ----------------------------------------------------------------------------------------------------------------- strings */
HC_EXPORT size_t strlen(const char *s) { return hc_strlen(s); }
HC_EXPORT size_t strnlen(const char *s, size_t most) { return hc_strnlen(s, most); }
HC_EXPORT char *strcpy(char *to, const char *from) { return hc_strcpy(to, from); }
HC_EXPORT char *stpcpy(char *to, const char *from) { return hc_stpcpy(to, from); }
HC_EXPORT char *strncpy(char *to, const char *from, size_t n) { return hc_strncpy(to, from, n); }
HC_EXPORT char *stpncpy(char *to, const char *from, size_t n) { return hc_stpncpy(to, from, n); }
HC_EXPORT char *strcat(char *to, const char *from) { return hc_strcat(to, from); }
HC_EXPORT char *strncat(char *to, const char *from, size_t n) { return hc_strncat(to, from, n); }
HC_EXPORT size_t strlcpy(char *to, const char *from, size_t size) { return hc_strlcpy(to, from, size); }
HC_EXPORT size_t strlcat(char *to, const char *from, size_t size) { return hc_strlcat(to, from, size); }
HC_EXPORT int strcmp(const char *a, const char *b) { return hc_strcmp(a, b); }
HC_EXPORT int strncmp(const char *a, const char *b, size_t n) { return hc_strncmp(a, b, n); }
HC_EXPORT int strcasecmp(const char *a, const char *b) { return hc_strcasecmp(a, b); }
HC_EXPORT int strncasecmp(const char *a, const char *b, size_t n) { return hc_strncasecmp(a, b, n); }
HC_EXPORT int strcoll(const char *a, const char *b) { return hc_strcoll(a, b); }
HC_EXPORT size_t strxfrm(char *to, const char *from, size_t n) { return hc_strxfrm(to, from, n); }
HC_EXPORT char *strchr(const char *s, int c) { return (char *)hc_strchr(s, c); }
HC_EXPORT char *strchrnul(const char *s, int c) { return (char *)hc_strchrnul(s, c); }
HC_EXPORT char *strrchr(const char *s, int c) { return (char *)hc_strrchr(s, c); }
HC_EXPORT char *index(const char *s, int c) { return (char *)hc_strchr(s, c); }
HC_EXPORT char *rindex(const char *s, int c) { return (char *)hc_strrchr(s, c); }
HC_EXPORT char *strstr(const char *hay, const char *needle) { return (char *)hc_strstr(hay, needle); }
HC_EXPORT char *strcasestr(const char *hay, const char *needle) { return (char *)hc_strcasestr(hay, needle); }
HC_EXPORT size_t strspn(const char *s, const char *accept) { return hc_strspn(s, accept); }
HC_EXPORT size_t strcspn(const char *s, const char *stop) { return hc_strcspn(s, stop); }
HC_EXPORT char *strpbrk(const char *s, const char *accept) { return (char *)hc_strpbrk(s, accept); }
HC_EXPORT char *strtok_r(char *s, const char *stop, char **at) { return hc_strtok_r(s, stop, at); }
HC_EXPORT char *strtok(char *s, const char *stop) { return hc_strtok(s, stop); }
HC_EXPORT int strverscmp(const char *a, const char *b) { return hc_strverscmp(a, b); }
HC_EXPORT char *strsep(char **at, const char *stop) { return hc_strsep(at, stop); }
HC_EXPORT char *strdup(const char *s) { return hc_strdup(s); }
HC_EXPORT char *strndup(const char *s, size_t n) { return hc_strndup(s, n); }

HC_EXPORT int ffs(int bits) { return hc_ffs(bits); }
HC_EXPORT int ffsl(long bits) { return hc_ffsl(bits); }
HC_EXPORT int ffsll(long long bits) { return hc_ffsll(bits); }

/* ------------------------------------------------------------------------------------------------------------------ errors */
HC_EXPORT char *strerror(int code) { return hc_do_strerror(code); }
HC_EXPORT int __xpg_strerror_r(int code, char *to, size_t size) { return hc_strerror_r(code, to, size); }
/* GNU's: the text itself where it is known, for then it is not the lane's to write. */
HC_EXPORT char *strerror_r(int code, char *to, size_t size) {
    const char *text = hc_strerror_known(code);
    if (text) return (char *)text;
    (void)hc_strerror_r(code, to, size);
    return to;
}
HC_EXPORT char *strsignal(int number) { return hc_strsignal(number); }
HC_EXPORT const char *sigdescr_np(int number) { return hc_signal_text(number); }
HC_EXPORT const char *strerrordesc_np(int code) { return hc_strerror_known(code); }

/* -------------------------------------------------------------------------------------------------------------- characters */
HC_EXPORT int isalnum(int c) { return hc_isalnum(c); }
HC_EXPORT int isalpha(int c) { return hc_isalpha(c); }
HC_EXPORT int isascii(int c) { return hc_isascii(c); }
HC_EXPORT int isblank(int c) { return hc_isblank(c); }
HC_EXPORT int iscntrl(int c) { return hc_iscntrl(c); }
HC_EXPORT int isdigit(int c) { return hc_isdigit(c); }
HC_EXPORT int isgraph(int c) { return hc_isgraph(c); }
HC_EXPORT int islower(int c) { return hc_islower(c); }
HC_EXPORT int isprint(int c) { return hc_isprint(c); }
HC_EXPORT int ispunct(int c) { return hc_ispunct(c); }
HC_EXPORT int isspace(int c) { return hc_isspace(c); }
HC_EXPORT int isupper(int c) { return hc_isupper(c); }
HC_EXPORT int isxdigit(int c) { return hc_isxdigit(c); }
HC_EXPORT int toascii(int c) { return hc_toascii(c); }
HC_EXPORT int tolower(int c) { return hc_tolower(c); }
HC_EXPORT int toupper(int c) { return hc_toupper(c); }
