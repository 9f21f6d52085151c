/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/un.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/un.h>
#endif
#if !defined(HC_STD_SYS_UN_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_UN_H

#include "../sys/socket.h"

#if !defined(HC_NVCC)
#define sockaddr_un hc_sockaddr_un
#define SUN_LEN(a) (sizeof(hc_u16) + hc_text_length((a)->sun_path, 108))
#endif

#endif
