/* SPDX-License-Identifier: Apache-2.0
 *
 * <dlfcn.h>: a device has no shared libraries. Every dlopen fails, and dlerror says so.
 */
#ifndef _DLFCN_H
#define _DLFCN_H

#include <features.h>

#define RTLD_LAZY 1
#define RTLD_NOW 2
#define RTLD_NOLOAD 4
#define RTLD_GLOBAL 0x100
#define RTLD_LOCAL 0
#define RTLD_NODELETE 0x1000
#define RTLD_DEFAULT ((void *)0)
#define RTLD_NEXT ((void *)-1)

__HC_BEGIN
void *dlopen(const char *__file, int __mode);
void *dlsym(void *__handle, const char *__name);
char *dlerror(void);
int dlclose(void *__handle);
__HC_END

#endif
