/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiles only if what the library writes is what a program reads: the engine's structs against those of the plain headers. Makes no code,
 * and is no part of the library. Find the plain headers first: -I ../libc -I ../include.
 */
#include "hc/numbers.h"
#include "hc/posix.h"
#include "hc/stdio.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

#define HC_MEMBER_SIZE(type, member) sizeof(((type *)0)->member)
#define HC_SAME_MEMBER(engine, plain, member)                                                                                             \
    _Static_assert(__builtin_offsetof(engine, member) == __builtin_offsetof(plain, member), #plain "." #member ": place");                 \
    _Static_assert(HC_MEMBER_SIZE(engine, member) == HC_MEMBER_SIZE(plain, member), #plain "." #member ": size")
#define HC_SAME_SIZE(engine, plain) _Static_assert(sizeof(engine) == sizeof(plain), #plain ": size")

HC_SAME_SIZE(hc_timespec_t, struct timespec);
HC_SAME_MEMBER(hc_timespec_t, struct timespec, tv_sec);
HC_SAME_MEMBER(hc_timespec_t, struct timespec, tv_nsec);

HC_SAME_SIZE(hc_timeval_t, struct timeval);
HC_SAME_MEMBER(hc_timeval_t, struct timeval, tv_sec);
HC_SAME_MEMBER(hc_timeval_t, struct timeval, tv_usec);

HC_SAME_SIZE(hc_iovec_t, struct iovec);
HC_SAME_MEMBER(hc_iovec_t, struct iovec, iov_base);
HC_SAME_MEMBER(hc_iovec_t, struct iovec, iov_len);

HC_SAME_SIZE(hc_dirent_t, struct dirent);
HC_SAME_MEMBER(hc_dirent_t, struct dirent, d_ino);
HC_SAME_MEMBER(hc_dirent_t, struct dirent, d_off);
HC_SAME_MEMBER(hc_dirent_t, struct dirent, d_reclen);
HC_SAME_MEMBER(hc_dirent_t, struct dirent, d_type);
HC_SAME_MEMBER(hc_dirent_t, struct dirent, d_name);

/* The plain one ends with room that Linux keeps. */
_Static_assert(sizeof(struct hc_stat) <= sizeof(struct stat), "struct stat: size");
HC_SAME_MEMBER(struct hc_stat, struct stat, st_dev);
HC_SAME_MEMBER(struct hc_stat, struct stat, st_ino);
HC_SAME_MEMBER(struct hc_stat, struct stat, st_nlink);
HC_SAME_MEMBER(struct hc_stat, struct stat, st_mode);
HC_SAME_MEMBER(struct hc_stat, struct stat, st_uid);
HC_SAME_MEMBER(struct hc_stat, struct stat, st_gid);
HC_SAME_MEMBER(struct hc_stat, struct stat, st_rdev);
HC_SAME_MEMBER(struct hc_stat, struct stat, st_size);
HC_SAME_MEMBER(struct hc_stat, struct stat, st_blksize);
HC_SAME_MEMBER(struct hc_stat, struct stat, st_blocks);
HC_SAME_MEMBER(struct hc_stat, struct stat, st_atim);
HC_SAME_MEMBER(struct hc_stat, struct stat, st_mtim);
HC_SAME_MEMBER(struct hc_stat, struct stat, st_ctim);

HC_SAME_SIZE(hc_div_t, div_t);
HC_SAME_MEMBER(hc_div_t, div_t, quot);
HC_SAME_MEMBER(hc_div_t, div_t, rem);
HC_SAME_SIZE(hc_ldiv_t, ldiv_t);
HC_SAME_MEMBER(hc_ldiv_t, ldiv_t, quot);
HC_SAME_MEMBER(hc_ldiv_t, ldiv_t, rem);
HC_SAME_SIZE(hc_lldiv_t, lldiv_t);
HC_SAME_MEMBER(hc_lldiv_t, lldiv_t, quot);
HC_SAME_MEMBER(hc_lldiv_t, lldiv_t, rem);
HC_SAME_SIZE(hc_imaxdiv_t, imaxdiv_t);

HC_SAME_SIZE(hc_fpos_t, fpos_t);
