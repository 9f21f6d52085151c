/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/ioctl.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/ioctl.h>
#endif
#if !defined(HC_STD_SYS_IOCTL_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_IOCTL_H

#include "sys/types.h"
#include "../hc/control.h"

#if !defined(HC_NVCC)
#define FIONREAD 0x541b
#define FIONBIO 0x5421
#define TIOCGWINSZ 0x5413
struct winsize {
    unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel;
};
#endif

#if !defined(HC_OPENCL)
#undef ioctl
#define ioctl hc_ioctl
#endif

#endif
