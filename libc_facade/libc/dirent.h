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

DIR *opendir(const char *path);
DIR *fdopendir(int fd);
int dirfd(DIR *stream);
struct dirent *readdir(DIR *stream);
int readdir_r(DIR *__restrict stream, struct dirent *__restrict entry, struct dirent **__restrict result);
void rewinddir(DIR *stream);
void seekdir(DIR *stream, long place);
long telldir(DIR *stream);
int closedir(DIR *stream);
int scandir(const char *path, struct dirent ***list, int (*wanted)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **));
int alphasort(const struct dirent **left, const struct dirent **right);
#ifdef __cplusplus
}
#endif

#endif
