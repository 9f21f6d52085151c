/* SPDX-License-Identifier: Apache-2.0
 *
 * <libgen.h>: POSIX's basename, which may write into its argument; <string.h> has GNU's under the same name.
 */
#ifndef _LIBGEN_H
#define _LIBGEN_H

#include <features.h>

__HC_BEGIN
char *dirname(char *__path);
char *__xpg_basename(char *__path);
__HC_END
#define basename __xpg_basename

#endif
