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
#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4
#define _SC_ARG_MAX 0
#define _SC_CHILD_MAX 1
#define _SC_CLK_TCK 2
#define _SC_NGROUPS_MAX 3
#define _SC_OPEN_MAX 4
#define _SC_STREAM_MAX 5
#define _SC_TZNAME_MAX 6
#define _SC_JOB_CONTROL 7
#define _SC_SAVED_IDS 8
#define _SC_REALTIME_SIGNALS 9
#define _SC_PRIORITY_SCHEDULING 10
#define _SC_TIMERS 11
#define _SC_ASYNCHRONOUS_IO 12
#define _SC_PRIORITIZED_IO 13
#define _SC_SYNCHRONIZED_IO 14
#define _SC_FSYNC 15
#define _SC_MAPPED_FILES 16
#define _SC_MEMLOCK 17
#define _SC_MEMLOCK_RANGE 18
#define _SC_MEMORY_PROTECTION 19
#define _SC_MESSAGE_PASSING 20
#define _SC_SEMAPHORES 21
#define _SC_SHARED_MEMORY_OBJECTS 22
#define _SC_AIO_LISTIO_MAX 23
#define _SC_AIO_MAX 24
#define _SC_DELAYTIMER_MAX 26
#define _SC_MQ_OPEN_MAX 27
#define _SC_VERSION 29
#define _SC_PAGESIZE 30
#define _SC_RTSIG_MAX 31
#define _SC_SEM_NSEMS_MAX 32
#define _SC_SEM_VALUE_MAX 33
#define _SC_SIGQUEUE_MAX 34
#define _SC_TIMER_MAX 35
#define _SC_BC_BASE_MAX 36
#define _SC_BC_DIM_MAX 37
#define _SC_BC_SCALE_MAX 38
#define _SC_BC_STRING_MAX 39
#define _SC_COLL_WEIGHTS_MAX 40
#define _SC_EXPR_NEST_MAX 42
#define _SC_LINE_MAX 43
#define _SC_RE_DUP_MAX 44
#define _SC_IOV_MAX 60
#define _SC_THREADS 67
#define _SC_THREAD_SAFE_FUNCTIONS 68
#define _SC_GETGR_R_SIZE_MAX 69
#define _SC_GETPW_R_SIZE_MAX 70
#define _SC_LOGIN_NAME_MAX 71
#define _SC_TTY_NAME_MAX 72
#define _SC_THREAD_DESTRUCTOR_ITERATIONS 73
#define _SC_THREAD_KEYS_MAX 74
#define _SC_THREAD_STACK_MIN 75
#define _SC_THREAD_THREADS_MAX 76
#define _SC_NPROCESSORS_CONF 83
#define _SC_NPROCESSORS_ONLN 84
#define _SC_PHYS_PAGES 85
#define _SC_AVPHYS_PAGES 86
#define _SC_ATEXIT_MAX 87
#define _SC_PASS_MAX 88
#define _SC_XOPEN_VERSION 89
#define _SC_MONOTONIC_CLOCK 149
#define _SC_SPIN_LOCKS 154
#define _SC_REGEXP 155
#define _SC_SHELL 157
#define _SC_SYMLOOP_MAX 173
#define _SC_HOST_NAME_MAX 180
#define _SC_LEVEL1_DCACHE_LINESIZE 190
#define _SC_IPV6 235
#define _SC_PAGE_SIZE _SC_PAGESIZE
#define _PC_LINK_MAX 0
#define _PC_MAX_CANON 1
#define _PC_MAX_INPUT 2
#define _PC_NAME_MAX 3
#define _PC_PATH_MAX 4
#define _PC_PIPE_BUF 5
#define _PC_CHOWN_RESTRICTED 6
#define _PC_NO_TRUNC 7
#define _PC_VDISABLE 8
#define _PC_SYNC_IO 9
#define _PC_FILESIZEBITS 13
#define _PC_REC_INCR_XFER_SIZE 14
#define _PC_REC_MAX_XFER_SIZE 15
#define _PC_REC_MIN_XFER_SIZE 16
#define _PC_REC_XFER_ALIGN 17
#define _PC_ALLOC_SIZE_MIN 18
#define _PC_SYMLINK_MAX 19
#define _CS_PATH 0
#define F_ULOCK 0
#define F_LOCK 1
#define F_TLOCK 2
#define F_TEST 3
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
