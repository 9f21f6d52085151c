/* SPDX-License-Identifier: Apache-2.0
 *
 * sigset_t, shared by <signal.h> and the waits that take a signal mask.
 */
#ifndef _HC_BITS_SIGSET_H
#define _HC_BITS_SIGSET_H

typedef struct {
    unsigned long __bits[16];
} sigset_t;

#endif
