/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdlib.h>, <inttypes.h>, <malloc.h>, errno and assert.
 */
#include "library.h"
#include "hc/atexit.h"
#include "hc/environ.h"
#include "hc/heap.h"
#include "hc/numbers.h"
#include "hc/process.h"
#include "hc/random.h"
#include "hc/sort.h"

/* ------------------------------------------------------------------------------------------------------------------ memory */
HC_EXPORT void *malloc(size_t size) { return hc_malloc(size); }
HC_EXPORT void *calloc(size_t count, size_t size) { return hc_calloc(count, size); }
HC_EXPORT void *realloc(void *p, size_t size) { return hc_realloc(p, size); }
HC_EXPORT void free(void *p) { hc_free(p); }
HC_EXPORT void *aligned_alloc(size_t align, size_t size) { return hc_aligned_alloc(align, size); }
HC_EXPORT void *reallocarray(void *p, size_t count, size_t size) { return hc_reallocarray(p, count, size); }
HC_EXPORT void *memalign(size_t align, size_t size) { return hc_aligned_alloc(align, size); }
HC_EXPORT void *valloc(size_t size) { return hc_aligned_alloc(HC_PAGE, size); }
HC_EXPORT size_t malloc_usable_size(void *p) { return hc_malloc_usable_size(p); }
HC_EXPORT int posix_memalign(void **out, size_t align, size_t size) { return hc_posix_memalign(out, align, size); }

/* ----------------------------------------------------------------------------------------------------------------- numbers */
HC_EXPORT int abs(int x) { return hc_abs(x); }
HC_EXPORT long labs(long x) { return hc_labs(x); }
HC_EXPORT long long llabs(long long x) { return hc_llabs(x); }
HC_EXPORT long imaxabs(long x) { return hc_imaxabs(x); }
HC_EXPORT hc_div_t div(int x, int y) { return hc_div(x, y); }
HC_EXPORT hc_ldiv_t ldiv(long x, long y) { return hc_ldiv(x, y); }
HC_EXPORT hc_lldiv_t lldiv(long long x, long long y) { return hc_lldiv(x, y); }
HC_EXPORT hc_imaxdiv_t imaxdiv(long x, long y) { return hc_imaxdiv(x, y); }
HC_EXPORT int atoi(const char *s) { return hc_atoi(s); }
HC_EXPORT long atol(const char *s) { return hc_atol(s); }
HC_EXPORT long long atoll(const char *s) { return hc_atoll(s); }
HC_EXPORT double atof(const char *s) { return hc_atof(s); }
HC_EXPORT long strtol(const char *s, char **end, int base) { return hc_strtol(s, end, base); }
HC_EXPORT long long strtoll(const char *s, char **end, int base) { return hc_strtoll(s, end, base); }
HC_EXPORT unsigned long strtoul(const char *s, char **end, int base) { return hc_strtoul(s, end, base); }
HC_EXPORT unsigned long long strtoull(const char *s, char **end, int base) { return hc_strtoull(s, end, base); }
HC_EXPORT long strtoimax(const char *s, char **end, int base) { return hc_strtoimax(s, end, base); }
HC_EXPORT unsigned long strtoumax(const char *s, char **end, int base) { return hc_strtoumax(s, end, base); }
HC_EXPORT float strtof(const char *s, char **end) { return hc_strtof(s, end); }
HC_EXPORT double strtod(const char *s, char **end) { return hc_strtod(s, end); }
/* To double's precision, also where long double is wider. */
HC_EXPORT long double strtold(const char *s, char **end) { return (long double)hc_strtod(s, end); }

/* ------------------------------------------------------------------------------------------------------ sorting and chance */
HC_EXPORT void qsort(void *base, size_t n, size_t size, hc_compare compare) { hc_qsort(base, n, size, compare); }
HC_EXPORT void qsort_r(void *base, size_t n, size_t size, hc_compare_r compare, void *argument) { hc_qsort_r(base, n, size, compare, argument); }
HC_EXPORT void *bsearch(const void *key, const void *base, size_t n, size_t size, hc_compare compare) {
    return hc_bsearch(key, base, n, size, compare);
}
HC_EXPORT int rand(void) { return hc_rand(); }
HC_EXPORT void srand(unsigned seed) { hc_srand(seed); }
HC_EXPORT int rand_r(unsigned *seed) { return hc_rand_r(seed); }
HC_EXPORT hc_long random(void) { return hc_random(); }
HC_EXPORT void srandom(unsigned seed) { hc_srandom(seed); }
HC_EXPORT char *initstate(unsigned seed, char *memory, size_t size) { return hc_initstate(seed, memory, size); }
HC_EXPORT char *setstate(char *memory) { return hc_setstate(memory); }
HC_EXPORT double drand48(void) { return hc_drand48(); }
HC_EXPORT double erand48(unsigned short *state) { return hc_erand48(state); }
HC_EXPORT hc_long lrand48(void) { return hc_lrand48(); }
HC_EXPORT hc_long nrand48(unsigned short *state) { return hc_nrand48(state); }
HC_EXPORT hc_long mrand48(void) { return hc_mrand48(); }
HC_EXPORT hc_long jrand48(unsigned short *state) { return hc_jrand48(state); }
HC_EXPORT void srand48(hc_long seed) { hc_srand48(seed); }
HC_EXPORT unsigned short *seed48(unsigned short *state) { return hc_seed48(state); }
HC_EXPORT void lcong48(unsigned short *parameters) { hc_lcong48(parameters); }

/* ------------------------------------------------------------------------------------------------------------- environment */
HC_EXPORT char *getenv(const char *name) { return hc_getenv(name); }
HC_EXPORT char *secure_getenv(const char *name) { return hc_getenv(name); }
HC_EXPORT int setenv(const char *name, const char *value, int replace) { return hc_setenv(name, value, replace); }
HC_EXPORT int unsetenv(const char *name) { return hc_unsetenv(name); }
HC_EXPORT int putenv(char *text) { return hc_putenv(text); }
HC_EXPORT int clearenv(void) { return hc_clearenv(); }

/* -------------------------------------------------------------------------------------------------------------------- ends */
HC_EXPORT int atexit(void (*handler)(void)) { return hc_atexit(handler); }
HC_EXPORT int at_quick_exit(void (*handler)(void)) { return hc_at_quick_exit(handler); }
HC_EXPORT int on_exit(void (*handler)(int, void *), void *argument) { return hc_on_exit(handler, argument); }
HC_EXPORT int __cxa_atexit(void (*handler)(void *), void *argument, void *object) {
    (void)object;
    return hc_do_cxa_atexit(handler, argument);
}
HC_EXPORT HC_NORETURN void exit(int status) { hc_exit(status); }
HC_EXPORT HC_NORETURN void quick_exit(int status) { hc_quick_exit(status); }
HC_EXPORT HC_NORETURN void _Exit(int status) { hc__Exit(status); }
HC_EXPORT HC_NORETURN void _exit(int status) { hc__Exit(status); }
HC_EXPORT HC_NORETURN void abort(void) { hc_abort(); }
HC_EXPORT HC_NORETURN void __assert_fail(const char *expression, const char *file, unsigned line, const char *function) {
    hc_assert_failed(expression, file, line, function);
}
HC_EXPORT int *__errno_location(void) { return hc_errno_place(); }
