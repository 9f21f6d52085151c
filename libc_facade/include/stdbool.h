/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdbool.h> for device code: bool, true and false are part of C++ and of OpenCL C, and macros in C11.
 */
#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#include_next <stdbool.h>
#else
#ifndef HC_STD_STDBOOL_H
#define HC_STD_STDBOOL_H

#if !defined(__cplusplus) && !defined(__OPENCL_C_VERSION__)
#define bool _Bool
#define true 1
#define false 0
#endif
#ifndef __bool_true_false_are_defined
#define __bool_true_false_are_defined 1
#endif

#endif
#endif
