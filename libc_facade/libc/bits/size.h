/* SPDX-License-Identifier: Apache-2.0
 *
 * size_t and NULL: what even the smallest headers need.
 */
#ifndef _HC_BITS_SIZE_H
#define _HC_BITS_SIZE_H

typedef __SIZE_TYPE__ size_t;

#ifndef NULL
#ifdef __cplusplus
#define NULL 0L
#else
#define NULL ((void *)0)
#endif
#endif

#endif
