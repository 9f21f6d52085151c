/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdalign.h> for device code. OpenCL C has no _Alignas; its attribute does the same.
 */
#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#include_next <stdalign.h>
#else
#ifndef HC_STD_STDALIGN_H
#define HC_STD_STDALIGN_H

#if !defined(__cplusplus)
#if defined(__OPENCL_C_VERSION__)
#define alignas(value) __attribute__((aligned(value)))
#define alignof(type) __alignof__(type)
#else
#define alignas _Alignas
#define alignof _Alignof
#endif
#endif
#define __alignas_is_defined 1
#define __alignof_is_defined 1

#endif
#endif
