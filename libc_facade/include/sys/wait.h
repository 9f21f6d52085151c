/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/wait.h> for device code: what system and pclose return. There are no children to wait for.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/wait.h>
#endif
#if !defined(HC_STD_SYS_WAIT_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_WAIT_H

#include "sys/types.h"
#include "../hc/errno.h"

#if !defined(HC_NVCC)
#include "../hc/codes/wait.h"
#endif

#endif
