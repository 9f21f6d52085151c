/* SPDX-License-Identifier: Apache-2.0
 *
 * <locale.h> for device code: the C locale.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <locale.h>
#endif
#if !defined(HC_STD_LOCALE_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_LOCALE_H
#if !defined(__OPENCL_C_VERSION__) /* OpenCL C has nothing of it */

#include "stddef.h"
#include "hc/locale.h"

#if !defined(HC_NVCC)
#define LC_CTYPE 0
#define LC_NUMERIC 1
#define LC_TIME 2
#define LC_COLLATE 3
#define LC_MONETARY 4
#define LC_MESSAGES 5
#define LC_ALL 6
#define lconv hc_lconv
#endif

#undef setlocale
#define setlocale hc_setlocale
#undef localeconv
#define localeconv hc_localeconv

#endif
#endif
