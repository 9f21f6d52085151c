/* SPDX-License-Identifier: Apache-2.0
 *
 * <string.h>
 */
#ifndef _STRING_H
#define _STRING_H

#include <bits/size.h>
#include <features.h>

__HC_BEGIN
void *memchr(const void *__at, int __c, size_t __n);
int memcmp(const void *__a, const void *__b, size_t __n);
void *memcpy(void *__HC_RESTRICT __to, const void *__HC_RESTRICT __from, size_t __n);
void *memmove(void *__to, const void *__from, size_t __n);
void *memset(void *__to, int __c, size_t __n);
char *strcat(char *__HC_RESTRICT __to, const char *__HC_RESTRICT __from);
char *strchr(const char *__text, int __c);
int strcmp(const char *__a, const char *__b);
int strcoll(const char *__a, const char *__b);
char *strcpy(char *__HC_RESTRICT __to, const char *__HC_RESTRICT __from);
size_t strcspn(const char *__text, const char *__stop);
char *strerror(int __code);
size_t strlen(const char *__text);
char *strncat(char *__HC_RESTRICT __to, const char *__HC_RESTRICT __from, size_t __n);
int strncmp(const char *__a, const char *__b, size_t __n);
char *strncpy(char *__HC_RESTRICT __to, const char *__HC_RESTRICT __from, size_t __n);
char *strpbrk(const char *__text, const char *__accept);
char *strrchr(const char *__text, int __c);
size_t strspn(const char *__text, const char *__accept);
char *strstr(const char *__hay, const char *__needle);
char *strtok(char *__HC_RESTRICT __text, const char *__HC_RESTRICT __stop);
size_t strxfrm(char *__HC_RESTRICT __to, const char *__HC_RESTRICT __from, size_t __n);

#ifdef __HC_POSIX
void *memccpy(void *__HC_RESTRICT __to, const void *__HC_RESTRICT __from, int __c, size_t __n);
char *stpcpy(char *__HC_RESTRICT __to, const char *__HC_RESTRICT __from);
char *stpncpy(char *__HC_RESTRICT __to, const char *__HC_RESTRICT __from, size_t __n);
char *strdup(const char *__text);
char *strndup(const char *__text, size_t __n);
size_t strnlen(const char *__text, size_t __most);
char *strsignal(int __number);
char *strtok_r(char *__HC_RESTRICT __text, const char *__HC_RESTRICT __stop, char **__HC_RESTRICT __at);
int __xpg_strerror_r(int __code, char *__to, size_t __size);
/* Two functions of one name: glibc's with _GNU_SOURCE, POSIX's otherwise. */
#ifdef __HC_GNU
char *strerror_r(int __code, char *__to, size_t __size);
#else
int strerror_r(int __code, char *__to, size_t __size) __asm__("__xpg_strerror_r");
#endif
#endif
#ifdef __HC_MISC
void explicit_bzero(void *__to, size_t __n);
char *strsep(char **__HC_RESTRICT __at, const char *__HC_RESTRICT __stop);
size_t strlcpy(char *__HC_RESTRICT __to, const char *__HC_RESTRICT __from, size_t __size);
size_t strlcat(char *__HC_RESTRICT __to, const char *__HC_RESTRICT __from, size_t __size);
#endif
#ifdef __HC_GNU
void *memmem(const void *__hay, size_t __size, const void *__needle, size_t __n);
void *mempcpy(void *__HC_RESTRICT __to, const void *__HC_RESTRICT __from, size_t __n);
void *memrchr(const void *__at, int __c, size_t __n);
void *rawmemchr(const void *__at, int __c);
char *strcasestr(const char *__hay, const char *__needle);
char *strchrnul(const char *__text, int __c);
int strverscmp(const char *__a, const char *__b);
#ifndef basename /* <libgen.h> came first */
char *basename(const char *__path);
#endif
const char *strerrorname_np(int __code);
const char *strerrordesc_np(int __code);
const char *sigabbrev_np(int __number);
const char *sigdescr_np(int __number);
#endif
__HC_END

#ifdef __HC_MISC
#include <strings.h>
#endif

#endif
