/* SPDX-License-Identifier: Apache-2.0
 *
 * <dirent.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <dirent.h>
#endif
#if !defined(HC_STD_DIRENT_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_DIRENT_H

#include "sys/types.h"
#include "hc/fs.h"

#if !defined(HC_NVCC)
#define dirent hc_dirent
#define DIR hc_dir_t
#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12
#endif

#undef opendir
#define opendir hc_opendir
#undef fdopendir
#define fdopendir hc_fdopendir
#undef dirfd
#define dirfd hc_dirfd
#undef readdir
#define readdir hc_readdir
#undef rewinddir
#define rewinddir hc_rewinddir
#undef closedir
#define closedir hc_closedir
#undef seekdir
#define seekdir hc_seekdir
#undef telldir
#define telldir hc_telldir

#endif
