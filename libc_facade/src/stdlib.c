/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdlib.h>, <inttypes.h>, <malloc.h>, errno and assert.
 */
#include "library.h"
#include "hc/env.h"
#include "hc/heap.h"
#include "hc/numbers.h"
#include "hc/process.h"

/* ------------------------------------------------------------------------------------------------------------------ memory */
HC_EXPORT void *malloc(size_t size) { return hc_malloc(size); }
HC_EXPORT void *calloc(size_t count, size_t size) { return hc_calloc(count, size); }
HC_EXPORT void *realloc(void *p, size_t size) { return hc_realloc(p, size); }
HC_EXPORT void free(void *p) { hc_free(p); }
HC_EXPORT void *aligned_alloc(size_t align, size_t size) { return hc_aligned_alloc(align, size); }
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

/* ---------------------------------------------------------------------------------------------------- environment and ends */
HC_EXPORT char *getenv(const char *name) { return hc_getenv(name); }
HC_EXPORT HC_NORETURN void exit(int status) { hc_exit(status); }
HC_EXPORT HC_NORETURN void _Exit(int status) { hc__Exit(status); }
HC_EXPORT HC_NORETURN void abort(void) { hc_abort(); }
HC_EXPORT HC_NORETURN void __assert_fail(const char *expression, const char *file, unsigned line, const char *function) {
    hc_assert_failed(expression, file, line, function);
}
HC_EXPORT int *__errno_location(void) { return hc_errno_place(); }
