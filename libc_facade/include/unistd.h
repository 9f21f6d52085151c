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
#include "hc/links.h"
#include "hc/modes.h"
#include "hc/control.h"
#include "hc/system.h"

#if !defined(HC_NVCC)
#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif
#ifndef NULL
#include "stddef.h"
#endif
#include "hc/codes/unistd.h"
#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4
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
#undef link
#define link hc_link
#undef linkat
#define linkat hc_linkat
#undef symlink
#define symlink hc_symlink
#undef symlinkat
#define symlinkat hc_symlinkat
#undef readlink
#define readlink hc_readlink
#undef readlinkat
#define readlinkat hc_readlinkat
#undef chown
#define chown hc_chown
#undef fchown
#define fchown hc_fchown
#undef lchown
#define lchown hc_lchown
#undef fchownat
#define fchownat hc_fchownat
#undef sync
#define sync hc_sync
#undef syncfs
#define syncfs hc_syncfs
#undef copy_file_range
#define copy_file_range hc_copy_file_range
#undef pathconf
#define pathconf hc_pathconf
#undef fpathconf
#define fpathconf hc_fpathconf
#undef getppid
#define getppid hc_getppid
#undef getuid
#define getuid hc_getuid
#undef geteuid
#define geteuid hc_geteuid
#undef getgid
#define getgid hc_getgid
#undef getegid
#define getegid hc_getegid
#undef getpgrp
#define getpgrp hc_getpgrp
#undef gethostid
#define gethostid hc_gethostid
#undef gethostname
#define gethostname hc_gethostname
#undef getdomainname
#define getdomainname hc_getdomainname
#undef getlogin_r
#define getlogin_r hc_getlogin_r
#if !defined(HC_OPENCL)
#undef lockf
#define lockf hc_lockf
#undef ttyname_r
#define ttyname_r hc_ttyname_r
#undef getlogin
#define getlogin hc_getlogin
#undef confstr
#define confstr hc_confstr
#endif

#endif
