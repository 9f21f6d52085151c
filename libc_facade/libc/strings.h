/* SPDX-License-Identifier: Apache-2.0
 *
 * <strings.h>
 */
#ifndef _STRINGS_H
#define _STRINGS_H

#include <bits/size.h>
#include <features.h>

__HC_BEGIN
int bcmp(const void *__a, const void *__b, size_t __n);
void bcopy(const void *__from, void *__to, size_t __n);
void bzero(void *__to, size_t __n);
char *index(const char *__text, int __c);
char *rindex(const char *__text, int __c);
int ffs(int __bits);
int ffsl(long __bits);
int ffsll(long long __bits);
int strcasecmp(const char *__a, const char *__b);
int strncasecmp(const char *__a, const char *__b, size_t __n);
__HC_END

#endif
