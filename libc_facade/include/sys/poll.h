/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/poll.h> for device code: the older place of <poll.h>.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/poll.h>
#endif
#if !defined(HC_STD_SYS_POLL_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_POLL_H

#include "../poll.h"

#endif
