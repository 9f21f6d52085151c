/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/cdefs.h>: not a header of any standard, but included by many programs.
 */
#ifndef _SYS_CDEFS_H
#define _SYS_CDEFS_H

#include <features.h>

#if defined(__cplusplus)
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS }
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif
#define __THROW
#define __P(args) args
#define __CONCAT(a, b) a##b
#define __STRING(x) #x

#endif
