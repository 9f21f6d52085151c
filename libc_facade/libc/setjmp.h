/* SPDX-License-Identifier: Apache-2.0
 *
 * <setjmp.h>: a GPU cannot unwind a lane's stack to an earlier call, so the names are declared, and the compiler refuses every use of
 * them, on every target alike.
 */
#ifndef _SETJMP_H
#define _SETJMP_H

#include <features.h>

typedef struct {
    unsigned long __nothing[8];
} jmp_buf[1];
typedef jmp_buf sigjmp_buf;

#define __HC_NO_JUMP "setjmp and longjmp do not exist on a GPU: return an error code from the functions in between"
#if defined(__has_attribute)
#if __has_attribute(unavailable) && (!defined(__GNUC__) || defined(__clang__) || __GNUC__ >= 12)
#define __HC_REFUSED __attribute__((unavailable(__HC_NO_JUMP)))
#endif
#endif
#ifndef __HC_REFUSED
#define __HC_REFUSED __attribute__((error(__HC_NO_JUMP)))
#endif

__HC_BEGIN
int setjmp(jmp_buf __at) __HC_REFUSED;
void longjmp(jmp_buf __at, int __value) __HC_NORETURN __HC_REFUSED;
#ifdef __HC_POSIX
int _setjmp(jmp_buf __at) __HC_REFUSED;
void _longjmp(jmp_buf __at, int __value) __HC_NORETURN __HC_REFUSED;
int sigsetjmp(sigjmp_buf __at, int __mask) __HC_REFUSED;
void siglongjmp(sigjmp_buf __at, int __value) __HC_NORETURN __HC_REFUSED;
#endif
__HC_END

#endif
