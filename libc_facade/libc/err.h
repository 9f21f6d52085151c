/* SPDX-License-Identifier: Apache-2.0
 *
 * <err.h>
 */
#ifndef _ERR_H
#define _ERR_H

#include <features.h>
#include <stdarg.h>

__HC_BEGIN
void warn(const char *__format, ...) __attribute__((__format__(__printf__, 1, 2)));
void warnx(const char *__format, ...) __attribute__((__format__(__printf__, 1, 2)));
void vwarn(const char *__format, va_list __list) __attribute__((__format__(__printf__, 1, 0)));
void vwarnx(const char *__format, va_list __list) __attribute__((__format__(__printf__, 1, 0)));
void err(int __status, const char *__format, ...) __HC_NORETURN __attribute__((__format__(__printf__, 2, 3)));
void errx(int __status, const char *__format, ...) __HC_NORETURN __attribute__((__format__(__printf__, 2, 3)));
void verr(int __status, const char *__format, va_list __list) __HC_NORETURN __attribute__((__format__(__printf__, 2, 0)));
void verrx(int __status, const char *__format, va_list __list) __HC_NORETURN __attribute__((__format__(__printf__, 2, 0)));
__HC_END

#endif
