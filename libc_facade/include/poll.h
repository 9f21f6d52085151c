/* SPDX-License-Identifier: Apache-2.0
 *
 * <poll.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <poll.h>
#endif
#if !defined(HC_STD_POLL_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_POLL_H

#include "hc/poll.h"

#if !defined(HC_NVCC)
#define pollfd hc_pollfd
#include "hc/codes/poll.h"
#endif

#undef poll
#define poll hc_poll_fds
#undef ppoll
#define ppoll hc_ppoll

#endif
