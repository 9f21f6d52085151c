/* SPDX-License-Identifier: Apache-2.0
 *
 * <assert.h> for device code: the message reaches the host before the lane ends. Like C's, it takes NDEBUG as it is at each include.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <assert.h>
#endif
#if !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))

#include "hc/process.h"

#undef assert
#if defined(NDEBUG)
#define assert(expression) ((void)0)
#else
#define assert(expression) ((expression) ? (void)0 : hc_assert_failed(#expression, __FILE__, __LINE__, __func__))
#endif
#if defined(HC_HOST)
#undef static_assert
#define static_assert _Static_assert
#endif

#endif
