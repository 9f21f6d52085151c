/* SPDX-License-Identifier: Apache-2.0
 *
 * <ctype.h> for device code. The names are object-like macros: one macro serves a call, a function pointer and a
 * member of that name. Under nvcc the host's own header comes first, and cuda_runtime.h, which includes this file
 * itself, only passes through.
 */
#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#include_next <ctype.h>
#endif
#if !defined(HC_STD_CTYPE_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__CUDACC__) || defined(__CUDACC_RTC__) || \
     (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_CTYPE_H

#include "hc/ctype.h"

#undef isalnum
#define isalnum hc_isalnum
#undef isalpha
#define isalpha hc_isalpha
#undef isascii
#define isascii hc_isascii
#undef isblank
#define isblank hc_isblank
#undef iscntrl
#define iscntrl hc_iscntrl
#undef isdigit
#define isdigit hc_isdigit
#undef isgraph
#define isgraph hc_isgraph
#undef islower
#define islower hc_islower
#undef isprint
#define isprint hc_isprint
#undef ispunct
#define ispunct hc_ispunct
#undef isspace
#define isspace hc_isspace
#undef isupper
#define isupper hc_isupper
#undef isxdigit
#define isxdigit hc_isxdigit
#undef toascii
#define toascii hc_toascii
#undef tolower
#define tolower hc_tolower
#undef toupper
#define toupper hc_toupper

#endif
