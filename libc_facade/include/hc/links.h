/* SPDX-License-Identifier: Apache-2.0
 *
 * Links, and the names that they stand for; FIFOs.
 */
#ifndef HC_LINKS_H
#define HC_LINKS_H
#include "fs.h"

#define HC_AT_SYMLINK_FOLLOW 0x400
#define HC_S_IFIFO 0010000u

#define HC_DEFINE_LINK(FIRST, LAST, ATTR, BODY)                                                                                          \
    HC_TWO_PATHS_BODY(hc_do_link, HC_OP_LINK, 5, FIRST, LAST, ATTR, BODY)                                                                \
    HC_TWO_PATHS_BODY(hc_do_symlink, HC_OP_SYMLINK, 4, FIRST, LAST, ATTR, BODY)                                                          \
    HC_API ATTR int hc_link(FIRST const char *from, LAST const char *to) {                                                               \
        HC_SPLIT((int)hc_posix(hc_do_link(from, to, HC_AT_FDCWD, HC_AT_FDCWD, 0)), ::link(from, to))                                     \
    }                                                                                                                                    \
    HC_API ATTR int hc_linkat(int dir, FIRST const char *from, int dir2, LAST const char *to, int flags) {                               \
        HC_SPLIT((int)hc_posix(hc_do_link(from, to, dir, dir2, flags)), ::linkat(dir, from, dir2, to, flags))                            \
    }                                                                                                                                    \
    HC_API ATTR int hc_symlink(FIRST const char *target, LAST const char *path) {                                                        \
        HC_SPLIT((int)hc_posix(hc_do_symlink(target, path, 0, HC_AT_FDCWD, 0)), ::symlink(target, path))                                 \
    }                                                                                                                                    \
    HC_API ATTR int hc_symlinkat(FIRST const char *target, int dir, LAST const char *path) {                                             \
        HC_SPLIT((int)hc_posix(hc_do_symlink(target, path, 0, dir, 0)), ::symlinkat(target, dir, path))                                  \
    }
HC_FOR_IN_IN(HC_DEFINE_LINK)

#define HC_DEFINE_READLINK(IN, OUT, ATTR, BODY)                                                                                          \
    HC_PATH_REPLY_BODY(hc_do_readlink, HC_OP_READLINK, IN, OUT, ATTR, BODY)                                                              \
    HC_FN ATTR hc_i64 hc_readlink_any(int dir, IN const char *path, OUT char *to, hc_u64 n) {                                            \
        if (n == 0 || n > HC_SSIZE_MAX) return -HC_EINVAL;                                                                               \
        if (!to) return -HC_EFAULT;                                                                                                      \
        if (n > HC_PATH_MAX) n = HC_PATH_MAX;                                                                                            \
        return hc_do_readlink(path, to, n, dir, (hc_i64)n);                                                                              \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_readlink(IN const char *path, OUT char *to, size_t n) {                                                       \
        HC_SPLIT((hc_long)hc_posix(hc_readlink_any(HC_AT_FDCWD, path, to, n)), ::readlink(path, to, n))                                  \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_readlinkat(int dir, IN const char *path, OUT char *to, size_t n) {                                            \
        HC_SPLIT((hc_long)hc_posix(hc_readlink_any(dir, path, to, n)), ::readlinkat(dir, path, to, n))                                   \
    }                                                                                                                                    \
    HC_PATH_REPLY_BODY(hc_do_realpath, HC_OP_REALPATH, IN, OUT, ATTR, BODY)                                                              \
    HC_FN ATTR hc_i64 hc_realpath_any(IN const char *path, OUT char *to) {                                                               \
        if (!path) return -HC_EINVAL;                                                                                                    \
        return hc_do_realpath(path, to, HC_PATH_MAX, HC_AT_FDCWD, HC_PATH_MAX);                                                          \
    }
HC_FOR_IN_OUT(HC_DEFINE_READLINK)

/* A null pointer asks for a buffer from malloc. */
#define HC_DEFINE_REALPATH(SPACE, ATTR, BODY)                                                                                            \
    BODY ATTR HC_GLOBAL char *hc_realpath_new(SPACE const char *path) {                                                                  \
        HC_GLOBAL char *all = (HC_GLOBAL char *)hc_malloc(HC_PATH_MAX), *fit;                                                            \
        hc_i64 n = all ? hc_posix(hc_realpath_any(path, all)) : -1, i;                                                                   \
        if (n < 0) {                                                                                                                     \
            hc_free(all);                                                                                                                \
            return (HC_GLOBAL char *)0;                                                                                                  \
        }                                                                                                                                \
        fit = (HC_GLOBAL char *)hc_malloc((size_t)n);                                                                                    \
        if (!fit) return all;                                                                                                            \
        HC_ROLLED for (i = 0; i < n; i++) fit[i] = all[i];                                                                               \
        hc_free(all);                                                                                                                    \
        return fit;                                                                                                                      \
    }
HC_FOR_IN(HC_DEFINE_REALPATH)
#if defined(HC_OPENCL)
#define HC_DEFINE_REALPATH_TO(SPACE, ATTR, BODY)                                                                                         \
    HC_FN ATTR HC_GLOBAL char *hc_realpath(SPACE const char *path, HC_GLOBAL char *to) {                                                 \
        if (!to) return hc_realpath_new(path);                                                                                           \
        return hc_posix(hc_realpath_any(path, to)) < 0 ? (HC_GLOBAL char *)0 : to;                                                       \
    }
HC_FOR_IN(HC_DEFINE_REALPATH_TO)
#else
HC_FN char *hc_realpath_either(const char *path, char *to) {
    if (!to) return hc_realpath_new(path);
    return hc_posix(hc_realpath_any(path, to)) < 0 ? (char *)0 : to;
}
HC_API char *hc_realpath(const char *path, char *to) { HC_SPLIT(hc_realpath_either(path, to), ::realpath(path, to)) }
#endif

#define HC_DEFINE_MKNOD(SPACE, ATTR, BODY)                                                                                               \
    HC_PATH_BODY(hc_do_mknod, HC_OP_MKNOD, 4, SPACE, ATTR, BODY)                                                                         \
    HC_API ATTR int hc_mkfifo(SPACE const char *path, hc_u32 mode) {                                                                     \
        HC_SPLIT((int)hc_posix(hc_do_mknod(path, HC_AT_FDCWD, (mode & 07777u) | HC_S_IFIFO, 0)), ::mkfifo(path, mode))                   \
    }                                                                                                                                    \
    HC_API ATTR int hc_mkfifoat(int dir, SPACE const char *path, hc_u32 mode) {                                                          \
        HC_SPLIT((int)hc_posix(hc_do_mknod(path, dir, (mode & 07777u) | HC_S_IFIFO, 0)), ::mkfifoat(dir, path, mode))                    \
    }                                                                                                                                    \
    HC_API ATTR int hc_mknod(SPACE const char *path, hc_u32 mode, hc_u64 device) {                                                       \
        HC_SPLIT((int)hc_posix(hc_do_mknod(path, HC_AT_FDCWD, mode, (hc_i64)device)), ::mknod(path, mode, device))                       \
    }                                                                                                                                    \
    HC_API ATTR int hc_mknodat(int dir, SPACE const char *path, hc_u32 mode, hc_u64 device) {                                            \
        HC_SPLIT((int)hc_posix(hc_do_mknod(path, dir, mode, (hc_i64)device)), ::mknodat(dir, path, mode, device))                        \
    }
HC_FOR_IN(HC_DEFINE_MKNOD)

#endif
