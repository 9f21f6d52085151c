/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdnoreturn.h> for device code.
 */
#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#include_next <stdnoreturn.h>
#else
#ifndef HC_STD_STDNORETURN_H
#define HC_STD_STDNORETURN_H

#if !defined(__cplusplus) && !defined(__OPENCL_C_VERSION__)
#define noreturn _Noreturn
#endif

#endif
#endif
