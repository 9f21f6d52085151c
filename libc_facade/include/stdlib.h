/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdlib.h> for device code: memory from the device's heap, the environment, the end of a kernel, numbers from text.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <stdlib.h>
#endif
#if !defined(HC_STD_STDLIB_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_STDLIB_H

#include "stddef.h"
#include "hc/numbers.h"
#include "hc/heap.h"
#include "hc/process.h"
#include "hc/commands.h"
#include "hc/links.h"
#include "hc/system.h"
#include "hc/temporary.h"
#include "hc/env.h"
#include "hc/random.h"
#if !defined(HC_OPENCL)
#include "hc/atexit.h"
#include "hc/environ.h"
#include "hc/filename.h"
#include "hc/sort.h"
#endif

#if !defined(HC_NVCC)
#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX 2147483647
#endif

#if defined(HC_NVCC)
HC_API void *hc_both_malloc(size_t size) { HC_SPLIT(hc_malloc(size), ::malloc(size)) }
HC_API void *hc_both_calloc(size_t count, size_t size) { HC_SPLIT(hc_calloc(count, size), ::calloc(count, size)) }
HC_API void *hc_both_realloc(void *p, size_t size) { HC_SPLIT(hc_realloc(p, size), ::realloc(p, size)) }
HC_API void hc_both_free(void *p) { HC_SPLIT_VOID(hc_free(p), ::free(p)) }
HC_API void *hc_both_aligned_alloc(size_t align, size_t size) { HC_SPLIT(hc_aligned_alloc(align, size), ::aligned_alloc(align, size)) }
HC_API int hc_both_posix_memalign(void **out, size_t align, size_t size) {
    HC_SPLIT(hc_posix_memalign(out, align, size), ::posix_memalign(out, align, size))
}
HC_API void *hc_both_reallocarray(void *p, size_t count, size_t size) { HC_SPLIT(hc_reallocarray(p, count, size), ::reallocarray(p, count, size)) }
#define HC_HEAP_NAME(name) hc_both_##name
#else
#define HC_HEAP_NAME(name) hc_##name
#endif
#undef malloc
#define malloc HC_HEAP_NAME(malloc)
#undef calloc
#define calloc HC_HEAP_NAME(calloc)
#undef realloc
#define realloc HC_HEAP_NAME(realloc)
#undef free
#define free HC_HEAP_NAME(free)
#undef aligned_alloc
#define aligned_alloc HC_HEAP_NAME(aligned_alloc)
#undef posix_memalign
#define posix_memalign HC_HEAP_NAME(posix_memalign)

#if !defined(HC_OPENCL) /* built in there, for every type of integer */
#undef abs
#define abs hc_abs
#endif
#if !defined(HC_OPENCL) || defined(cl_khr_fp64) || defined(__opencl_c_fp64)
#undef strtod
#define strtod hc_strtod
#undef atof
#define atof hc_atof
#endif

#undef getenv
#define getenv hc_getenv
#undef exit
#define exit hc_exit
#undef _Exit
#define _Exit hc__Exit
#undef abort
#define abort hc_abort
#undef labs
#define labs hc_labs
#undef llabs
#define llabs hc_llabs
#undef div
#define div hc_div
#undef ldiv
#define ldiv hc_ldiv
#undef lldiv
#define lldiv hc_lldiv
#undef div_t
#define div_t hc_div_t
#undef ldiv_t
#define ldiv_t hc_ldiv_t
#undef lldiv_t
#define lldiv_t hc_lldiv_t
#undef atoi
#define atoi hc_atoi
#undef atol
#define atol hc_atol
#undef atoll
#define atoll hc_atoll
#undef strtol
#define strtol hc_strtol
#undef strtoll
#define strtoll hc_strtoll
#undef strtoul
#define strtoul hc_strtoul
#undef strtoull
#define strtoull hc_strtoull
#undef strtof
#define strtof hc_strtof
#undef mkstemp
#define mkstemp hc_mkstemp
#undef mkostemp
#define mkostemp hc_mkostemp
#undef mkstemps
#define mkstemps hc_mkstemps
#undef mkostemps
#define mkostemps hc_mkostemps
#undef mkdtemp
#define mkdtemp hc_mkdtemp
#undef realpath
#define realpath hc_realpath
#undef system
#define system hc_system
#if !defined(HC_OPENCL)
#undef getloadavg
#define getloadavg hc_getloadavg
#endif
#undef reallocarray
#define reallocarray HC_HEAP_NAME(reallocarray)
#undef rand_r
#define rand_r hc_rand_r

/* OpenCL C has neither function pointers nor state that lanes share. */
#if !defined(HC_OPENCL)
#undef qsort
#define qsort hc_qsort
#undef qsort_r
#define qsort_r hc_qsort_r
#undef bsearch
#define bsearch hc_bsearch
#undef rand
#define rand hc_rand
#undef srand
#define srand hc_srand
#undef random
#define random hc_random
#undef srandom
#define srandom hc_srandom
#undef initstate
#define initstate hc_initstate
#undef setstate
#define setstate hc_setstate
#undef drand48
#define drand48 hc_drand48
#undef erand48
#define erand48 hc_erand48
#undef lrand48
#define lrand48 hc_lrand48
#undef nrand48
#define nrand48 hc_nrand48
#undef mrand48
#define mrand48 hc_mrand48
#undef jrand48
#define jrand48 hc_jrand48
#undef srand48
#define srand48 hc_srand48
#undef seed48
#define seed48 hc_seed48
#undef lcong48
#define lcong48 hc_lcong48
#undef setenv
#define setenv hc_setenv
#undef unsetenv
#define unsetenv hc_unsetenv
#undef putenv
#define putenv hc_putenv
#undef clearenv
#define clearenv hc_clearenv
#undef secure_getenv
#define secure_getenv hc_secure_getenv
#undef getsubopt
#define getsubopt hc_getsubopt
#undef atexit
#define atexit hc_atexit
#undef at_quick_exit
#define at_quick_exit hc_at_quick_exit
#undef on_exit
#define on_exit hc_on_exit
#undef quick_exit
#define quick_exit hc_quick_exit
#endif

#endif
