/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/stat.h> for device code: one macro serves the struct, the function and any member of that name.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/stat.h>
#endif
#if !defined(HC_STD_SYS_STAT_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_STAT_H

#include "sys/types.h"
#include "../hc/fs.h"
#include "../hc/links.h"
#include "../hc/modes.h"

#if !defined(HC_NVCC)
#define timespec hc_timespec
#include "../hc/codes/stat.h"
#endif

#undef stat
#define stat hc_stat
#undef lstat
#define lstat hc_lstat
#undef fstat
#define fstat hc_fstat
#undef fstatat
#define fstatat hc_fstatat
#undef mkdir
#define mkdir hc_mkdir
#undef mkdirat
#define mkdirat hc_mkdirat
#undef mkfifo
#define mkfifo hc_mkfifo
#undef mkfifoat
#define mkfifoat hc_mkfifoat
#undef mknod
#define mknod hc_mknod
#undef mknodat
#define mknodat hc_mknodat
#undef chmod
#define chmod hc_chmod
#undef fchmod
#define fchmod hc_fchmod
#undef fchmodat
#define fchmodat hc_fchmodat
#undef umask
#define umask hc_umask
#undef utimensat
#define utimensat hc_utimensat
#undef futimens
#define futimens hc_futimens

#endif
