/* SPDX-License-Identifier: Apache-2.0
 *
 * <dirent.h>: directory streams.
 */
#ifndef _HC_LIBC_DIRENT_H
#define _HC_LIBC_DIRENT_H

#include "bits/types.h"

struct dirent {
    ino_t d_ino;
    off_t d_off;
    unsigned short d_reclen;
    unsigned char d_type;
    char d_name[256];
};
#define d_fileno d_ino
typedef struct hc_libc_dir DIR;

#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12
#define IFTODT(mode) (((mode) & 0170000) >> 12)
#define DTTOIF(type) ((type) << 12)

#ifdef __cplusplus
extern "C" {
#endif

DIR *opendir(const char *__path);
DIR *fdopendir(int __fd);
int dirfd(DIR *__stream);
struct dirent *readdir(DIR *__stream);
int readdir_r(DIR *__restrict __stream, struct dirent *__restrict __entry, struct dirent **__restrict __result);
void rewinddir(DIR *__stream);
void seekdir(DIR *__stream, long __place);
long telldir(DIR *__stream);
int closedir(DIR *__stream);
int scandir(const char *__path, struct dirent ***__list, int (*__wanted)(const struct dirent *),
            int (*__compare)(const struct dirent **, const struct dirent **));
int alphasort(const struct dirent **__left, const struct dirent **__right);
#ifdef __cplusplus
}
#endif

#endif
