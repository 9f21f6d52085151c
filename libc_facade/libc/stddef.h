/* SPDX-License-Identifier: Apache-2.0
 *
 * <stddef.h>
 */
#ifndef _STDDEF_H
#define _STDDEF_H

#include <bits/size.h>
#include <bits/wide.h>

typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef struct {
    long long __as_integer __attribute__((__aligned__(__alignof__(long long))));
    long double __as_real __attribute__((__aligned__(__alignof__(long double))));
} max_align_t;
#ifdef __cplusplus
typedef decltype(nullptr) nullptr_t;
#endif

#define offsetof(type, member) __builtin_offsetof(type, member)

#endif
