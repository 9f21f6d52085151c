/* SPDX-License-Identifier: Apache-2.0
 *
 * <unistd.h>, <sys/random.h>: who runs the program, and on what.
 */
#include "library.h"
#include "hc/env.h"
#include "hc/limits.h"
#include "hc/process.h"

HC_EXPORT int getpid(void) { return hc_getpid(); }
HC_EXPORT int gettid(void) { return hc_gettid(); }
HC_EXPORT hc_long sysconf(int name) { return hc_sysconf(name); }
HC_EXPORT int getpagesize(void) { return hc_getpagesize(); }
HC_EXPORT hc_long getrandom(void *p, size_t n, hc_u32 flags) { return hc_getrandom(p, n, flags); }
HC_EXPORT int getentropy(void *p, size_t n) { return hc_getentropy(p, n); }
