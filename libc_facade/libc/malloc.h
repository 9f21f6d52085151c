/* SPDX-License-Identifier: Apache-2.0
 *
 * <malloc.h>
 */
#ifndef _MALLOC_H
#define _MALLOC_H

#include <bits/size.h>
#include <features.h>

__HC_BEGIN
void *malloc(size_t __size);
void *calloc(size_t __count, size_t __size);
void *realloc(void *__p, size_t __size);
void *reallocarray(void *__p, size_t __count, size_t __size);
void free(void *__p);
void *memalign(size_t __align, size_t __size);
void *valloc(size_t __size);
size_t malloc_usable_size(void *__p);
__HC_END

#endif
