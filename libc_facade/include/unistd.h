/* SPDX-License-Identifier: Apache-2.0
 *
 * <unistd.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <unistd.h>
#endif
#if !defined(HC_STD_UNISTD_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_UNISTD_H

#include "sys/types.h"
#include "hc/fs.h"
#include "hc/process.h"
#include "hc/env.h"
#include "hc/time.h"

#if !defined(HC_NVCC)
#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif
#ifndef NULL
#include "stddef.h"
#endif
#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4
#define _SC_CLK_TCK HC_SC_CLK_TCK
#define _SC_PAGESIZE HC_SC_PAGESIZE
#define _SC_PAGE_SIZE HC_SC_PAGESIZE
#define _SC_IOV_MAX HC_SC_IOV_MAX
#endif

/* One macro for both of C's spellings. */
#undef _exit
#define _exit hc__Exit

#undef close
#define close hc_close
#undef read
#define read hc_read
#undef write
#define write hc_write
#undef pread
#define pread hc_pread
#undef pwrite
#define pwrite hc_pwrite
#undef lseek
#define lseek hc_lseek
#undef fsync
#define fsync hc_fsync
#undef fdatasync
#define fdatasync hc_fdatasync
#undef truncate
#define truncate hc_truncate
#undef ftruncate
#define ftruncate hc_ftruncate
#undef dup
#define dup hc_dup
#undef dup2
#define dup2 hc_dup2
#undef dup3
#define dup3 hc_dup3
#undef pipe
#define pipe hc_pipe
#undef pipe2
#define pipe2 hc_pipe2
#undef isatty
#define isatty hc_isatty
#undef access
#define access hc_access
#undef faccessat
#define faccessat hc_faccessat
#undef rmdir
#define rmdir hc_rmdir
#undef unlink
#define unlink hc_unlink
#undef unlinkat
#define unlinkat hc_unlinkat
#undef getcwd
#define getcwd hc_getcwd
#undef chdir
#define chdir hc_chdir
#undef fchdir
#define fchdir hc_fchdir
#undef usleep
#define usleep hc_usleep
#undef sleep
#define sleep hc_sleep
#undef getpid
#define getpid hc_getpid
#undef gettid
#define gettid hc_gettid
#undef sysconf
#define sysconf hc_sysconf
#undef getpagesize
#define getpagesize hc_getpagesize
#undef getentropy
#define getentropy hc_getentropy

#endif
