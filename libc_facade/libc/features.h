/* SPDX-License-Identifier: Apache-2.0
 *
 * Which names a program asked for, by the rules that glibc documents: a strict -std= shows ISO C alone, nothing at all means POSIX and
 * the BSD names, _GNU_SOURCE everything.
 */
#ifndef _FEATURES_H
#define _FEATURES_H

#if defined(_GNU_SOURCE)
#define __HC_GNU 1
#endif
#if defined(__HC_GNU) || defined(_DEFAULT_SOURCE) || defined(_BSD_SOURCE) || defined(_SVID_SOURCE) || \
    (!defined(__STRICT_ANSI__) && !defined(_POSIX_C_SOURCE) && !defined(_POSIX_SOURCE) && !defined(_XOPEN_SOURCE))
#define __HC_MISC 1
#endif
#if defined(__HC_MISC) || defined(_XOPEN_SOURCE)
#define __HC_XSI 1
#endif
#if defined(__HC_XSI) || defined(_POSIX_C_SOURCE) || defined(_POSIX_SOURCE)
#define __HC_POSIX 1
#endif
#if !defined(__STRICT_ANSI__) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L) || defined(__HC_MISC) || \
    (defined(__cplusplus) && __cplusplus >= 201103L)
#define __HC_C11 1
#endif

#if defined(__cplusplus)
#define __HC_BEGIN extern "C" {
#define __HC_END }
#define __HC_RESTRICT __restrict
#else
#define __HC_BEGIN
#define __HC_END
#define __HC_RESTRICT __restrict
#endif
#define __HC_NORETURN __attribute__((__noreturn__))

#endif
