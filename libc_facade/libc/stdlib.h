/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdlib.h>
 */
#ifndef _STDLIB_H
#define _STDLIB_H

#include <bits/size.h>
#include <bits/wide.h>
#include <features.h>
#ifdef __HC_MISC
#include <alloca.h>
#endif

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX 2147483647
#define MB_CUR_MAX ((size_t)1)

typedef struct {
    int quot, rem;
} div_t;
typedef struct {
    long quot, rem;
} ldiv_t;
#if !defined(__STRICT_ANSI__) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 199901L) || defined(__cplusplus)
__extension__ typedef struct {
    long long quot, rem;
} lldiv_t;
#endif

__HC_BEGIN
void *malloc(size_t __size);
void *calloc(size_t __count, size_t __size);
void *realloc(void *__p, size_t __size);
void free(void *__p);
#ifdef __HC_C11
void *aligned_alloc(size_t __align, size_t __size);
int at_quick_exit(void (*__handler)(void));
void quick_exit(int __status) __HC_NORETURN;
#endif

void abort(void) __HC_NORETURN;
void exit(int __status) __HC_NORETURN;
void _Exit(int __status) __HC_NORETURN;
int atexit(void (*__handler)(void));
char *getenv(const char *__name);
int system(const char *__command);

int abs(int __value);
long labs(long __value);
div_t div(int __a, int __b);
ldiv_t ldiv(long __a, long __b);
#if !defined(__STRICT_ANSI__) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 199901L) || defined(__cplusplus)
__extension__ long long llabs(long long __value);
__extension__ lldiv_t lldiv(long long __a, long long __b);
__extension__ long long atoll(const char *__text);
__extension__ long long strtoll(const char *__HC_RESTRICT __text, char **__HC_RESTRICT __end, int __base);
__extension__ unsigned long long strtoull(const char *__HC_RESTRICT __text, char **__HC_RESTRICT __end, int __base);
float strtof(const char *__HC_RESTRICT __text, char **__HC_RESTRICT __end);
long double strtold(const char *__HC_RESTRICT __text, char **__HC_RESTRICT __end);
#endif
double atof(const char *__text);
int atoi(const char *__text);
long atol(const char *__text);
double strtod(const char *__HC_RESTRICT __text, char **__HC_RESTRICT __end);
long strtol(const char *__HC_RESTRICT __text, char **__HC_RESTRICT __end, int __base);
unsigned long strtoul(const char *__HC_RESTRICT __text, char **__HC_RESTRICT __end, int __base);

void *bsearch(const void *__key, const void *__base, size_t __n, size_t __size, int (*__compare)(const void *, const void *));
void qsort(void *__base, size_t __n, size_t __size, int (*__compare)(const void *, const void *));
int rand(void);
void srand(unsigned int __seed);

int mblen(const char *__text, size_t __n);
int mbtowc(wchar_t *__HC_RESTRICT __wide, const char *__HC_RESTRICT __text, size_t __n);
int wctomb(char *__text, wchar_t __wide);
size_t mbstowcs(wchar_t *__HC_RESTRICT __wide, const char *__HC_RESTRICT __text, size_t __n);
size_t wcstombs(char *__HC_RESTRICT __text, const wchar_t *__HC_RESTRICT __wide, size_t __n);

#ifdef __HC_POSIX
int posix_memalign(void **__out, size_t __align, size_t __size);
int setenv(const char *__name, const char *__value, int __replace);
int unsetenv(const char *__name);
int rand_r(unsigned int *__seed);
int mkstemp(char *__template);
char *mkdtemp(char *__template);
int getsubopt(char **__at, char *const *__tokens, char **__value);
#endif
#ifdef __HC_XSI
int putenv(char *__text);
char *realpath(const char *__HC_RESTRICT __path, char *__HC_RESTRICT __resolved);
long random(void);
void srandom(unsigned int __seed);
char *initstate(unsigned int __seed, char *__state, size_t __size);
char *setstate(char *__state);
double drand48(void);
double erand48(unsigned short __state[3]);
long lrand48(void);
long nrand48(unsigned short __state[3]);
long mrand48(void);
long jrand48(unsigned short __state[3]);
void srand48(long __seed);
unsigned short *seed48(unsigned short __state[3]);
void lcong48(unsigned short __parameters[7]);
#endif
#ifdef __HC_MISC
void *reallocarray(void *__p, size_t __count, size_t __size);
int clearenv(void);
int mkostemp(char *__template, int __flags);
int mkstemps(char *__template, int __suffix);
int mkostemps(char *__template, int __suffix, int __flags);
int getloadavg(double __to[], int __most);
int on_exit(void (*__handler)(int, void *), void *__argument);
#endif
#ifdef __HC_GNU
char *secure_getenv(const char *__name);
void qsort_r(void *__base, size_t __n, size_t __size, int (*__compare)(const void *, const void *, void *), void *__argument);
#endif
__HC_END

#endif
