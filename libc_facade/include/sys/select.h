/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/select.h> for device code: the name hides OpenCL C's own select.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/select.h>
#endif
#if !defined(HC_STD_SYS_SELECT_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_SELECT_H

#include "sys/types.h"
#include "../hc/poll.h"

#if !defined(HC_NVCC)
#define fd_set hc_fd_set_t
#define timeval hc_timeval
#define timespec hc_timespec
#define FD_SETSIZE HC_FD_SETSIZE
#define FD_SET(fd, set) ((void)((set)->fds_bits[(unsigned)(fd) / 64u] |= (hc_u64)1 << ((unsigned)(fd) % 64u)))
#define FD_CLR(fd, set) ((void)((set)->fds_bits[(unsigned)(fd) / 64u] &= ~((hc_u64)1 << ((unsigned)(fd) % 64u))))
#define FD_ISSET(fd, set) ((int)((set)->fds_bits[(unsigned)(fd) / 64u] >> ((unsigned)(fd) % 64u) & 1u))
#define FD_ZERO(set) do { int hc_fd_word; for (hc_fd_word = 0; hc_fd_word < 16; hc_fd_word++) (set)->fds_bits[hc_fd_word] = 0; } while (0)
#endif

#undef select
#define select hc_select
#undef pselect
#define pselect hc_pselect

#endif
