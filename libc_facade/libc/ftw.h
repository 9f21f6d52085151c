/* SPDX-License-Identifier: Apache-2.0
 *
 * <ftw.h>: a walk through a tree.
 */
#ifndef _HC_LIBC_FTW_H
#define _HC_LIBC_FTW_H

#include "sys/stat.h"

#define FTW_F 0
#define FTW_D 1
#define FTW_DNR 2
#define FTW_NS 3
#define FTW_SL 4
#define FTW_DP 5
#define FTW_SLN 6
#define FTW_PHYS 1
#define FTW_MOUNT 2
#define FTW_CHDIR 4
#define FTW_DEPTH 8
struct FTW {
    int base, level;
};

#ifdef __cplusplus
extern "C" {
#endif
int ftw(const char *__path, int (*__visit)(const char *, const struct stat *, int), int __most);
int nftw(const char *__path, int (*__visit)(const char *, const struct stat *, int, struct FTW *), int __most, int __flags);
#ifdef __cplusplus
}
#endif

#endif
