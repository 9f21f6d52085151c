/* SPDX-License-Identifier: Apache-2.0
 *
 * <fenv.h>: the machine's on the host. A GPU keeps no exception flags, and rounds to nearest.
 */
#ifndef _FENV_H
#define _FENV_H

#include <features.h>

#define FE_INVALID 1
#define FE_DIVBYZERO 4
#define FE_OVERFLOW 8
#define FE_UNDERFLOW 16
#define FE_INEXACT 32
#define FE_ALL_EXCEPT (FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW | FE_INEXACT)
#define FE_TONEAREST 0
#define FE_DOWNWARD 0x400
#define FE_UPWARD 0x800
#define FE_TOWARDZERO 0xc00

typedef unsigned short fexcept_t;
typedef struct {
    unsigned int __words[8];
} fenv_t;
#define FE_DFL_ENV ((const fenv_t *)-1)

__HC_BEGIN
int feclearexcept(int __flags);
int fegetexceptflag(fexcept_t *__to, int __flags);
int feraiseexcept(int __flags);
int fesetexceptflag(const fexcept_t *__from, int __flags);
int fetestexcept(int __flags);
int fegetround(void);
int fesetround(int __way);
int fegetenv(fenv_t *__to);
int feholdexcept(fenv_t *__to);
int fesetenv(const fenv_t *__from);
int feupdateenv(const fenv_t *__from);
__HC_END

#endif
