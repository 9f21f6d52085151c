/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/sendfile.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/sendfile.h>
#endif
#if !defined(HC_STD_SYS_SENDFILE_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_SENDFILE_H

#include "sys/types.h"
#include "../hc/control.h"

#undef sendfile
#define sendfile hc_sendfile

#endif
