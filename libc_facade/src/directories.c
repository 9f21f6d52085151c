/* SPDX-License-Identifier: Apache-2.0
 *
 * <dirent.h>, and what <unistd.h> and <sys/stat.h> say of directories.
 */
#include "library.h"
#include "hc/fs.h"

HC_EXPORT hc_dir_t *opendir(const char *path) { return hc_opendir(path); }
HC_EXPORT hc_dir_t *fdopendir(int fd) { return hc_fdopendir(fd); }
HC_EXPORT int dirfd(hc_dir_t *d) { return hc_dirfd(d); }
HC_EXPORT hc_dirent_t *readdir(hc_dir_t *d) { return hc_readdir(d); }
HC_EXPORT void rewinddir(hc_dir_t *d) { hc_rewinddir(d); }
HC_EXPORT int closedir(hc_dir_t *d) { return hc_closedir(d); }
HC_EXPORT int mkdir(const char *path, hc_u32 mode) { return hc_mkdir(path, mode); }
HC_EXPORT int mkdirat(int dir, const char *path, hc_u32 mode) { return hc_mkdirat(dir, path, mode); }
HC_EXPORT int rmdir(const char *path) { return hc_rmdir(path); }
HC_EXPORT char *getcwd(char *to, size_t size) { return hc_getcwd(to, size); }
HC_EXPORT int chdir(const char *path) { return hc_chdir(path); }
HC_EXPORT int fchdir(int fd) { return hc_fchdir(fd); }
