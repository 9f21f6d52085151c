/* SPDX-License-Identifier: Apache-2.0 */
#include "library.h"
#include "hc/process.h"
HC_EXPORT char **environ;
HC_EXPORT void exit(int status) { hc_exit(status); }
HC_EXPORT void abort(void) { hc_abort(); }
HC_EXPORT int atexit(void (*f)(void)) { (void)f; return 0; }
