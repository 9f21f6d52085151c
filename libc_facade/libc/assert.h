/* SPDX-License-Identifier: Apache-2.0
 *
 * <assert.h>: no guard, because NDEBUG counts as it is at each include.
 */
#undef assert
#undef __HC_ASSERT_VOID
#if defined(__cplusplus)
#define __HC_ASSERT_VOID(value) static_cast<void>(value)
#else
#define __HC_ASSERT_VOID(value) ((void)(value))
#endif
#if defined(NDEBUG)
#define assert(expression) __HC_ASSERT_VOID(0)
#else
#define assert(expression) ((expression) ? __HC_ASSERT_VOID(0) : __assert_fail(#expression, __FILE__, __LINE__, __func__))
#endif
#if !defined(__cplusplus) && (!defined(__STDC_VERSION__) || __STDC_VERSION__ < 202311L)
#undef static_assert
#define static_assert _Static_assert
#endif

#ifndef _ASSERT_H
#define _ASSERT_H
#include <features.h>
__HC_BEGIN
void __assert_fail(const char *__expression, const char *__file, unsigned int __line, const char *__function) __HC_NORETURN;
__HC_END
#endif
