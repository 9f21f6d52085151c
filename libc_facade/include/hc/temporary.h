/* SPDX-License-Identifier: Apache-2.0
 *
 * Names that nobody has yet: the host's random bytes choose, O_EXCL and mkdir decide.
 */
#ifndef HC_TEMPORARY_H
#define HC_TEMPORARY_H
#include "env.h"
#include "fs.h"

#define HC_TEMPORARY_TRIES 128
#define HC_EEXIST_TEMPORARY 17

/* Six letters of 62, from 36 bits of the 64: as uniform as anybody can tell. */
HC_FN char hc_temporary_letter(hc_u32 k) { return (char)(k < 10u ? '0' + k : k < 36u ? 'A' + (k - 10u) : 'a' + (k - 36u)); }
#define HC_DEFINE_TEMPORARY(SPACE, ATTR, BODY)                                                                                           \
    /* Where the six X stand, or what is wrong. */                                                                                       \
    HC_FN ATTR hc_i64 hc_temporary_place(SPACE const char *name, int suffix) {                                                           \
        hc_i64 n = hc_path_length(name), i;                                                                                              \
        if (n < 0) return n;                                                                                                             \
        if (suffix < 0 || n < 6 + (hc_i64)suffix) return -HC_EINVAL;                                                                     \
        n -= suffix + 6;                                                                                                                 \
        HC_ROLLED for (i = 0; i < 6; i++)                                                                                                \
            if (name[n + i] != 'X') return -HC_EINVAL;                                                                                   \
        return n;                                                                                                                        \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_temporary_name(SPACE char *name, hc_i64 at) {                                                                   \
        hc_u64 random = 0;                                                                                                               \
        hc_i64 r = hc_getrandom_any(&random, sizeof random, 0), i;                                                                       \
        if (r < 0) return r;                                                                                                             \
        HC_ROLLED for (i = 0; i < 6; i++, random /= 62u) name[at + i] = hc_temporary_letter((hc_u32)(random % 62u));                     \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_temporary_file(SPACE char *name, int suffix, int flags) {                                                       \
        hc_i64 at = hc_temporary_place(name, suffix), r = 0, i;                                                                          \
        int tries;                                                                                                                       \
        if (at < 0) return at;                                                                                                           \
        HC_ROLLED for (tries = 0; tries < HC_TEMPORARY_TRIES; tries++) {                                                                 \
            r = hc_temporary_name(name, at);                                                                                             \
            if (r < 0) break;                                                                                                            \
            r = hc_do_open(name, HC_AT_FDCWD, (flags & ~3) | 2 | HC_O_CREAT | 0200, 0600);                                               \
            if (r != -HC_EEXIST_TEMPORARY) break;                                                                                        \
        }                                                                                                                                \
        HC_ROLLED for (i = 0; r < 0 && i < 6; i++) name[at + i] = 'X';                                                                   \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_temporary_folder(SPACE char *name) {                                                                            \
        hc_i64 at = hc_temporary_place(name, 0), r = 0, i;                                                                               \
        int tries;                                                                                                                       \
        if (at < 0) return at;                                                                                                           \
        HC_ROLLED for (tries = 0; tries < HC_TEMPORARY_TRIES; tries++) {                                                                 \
            r = hc_temporary_name(name, at);                                                                                             \
            if (r < 0) break;                                                                                                            \
            r = hc_do_mkdir(name, HC_AT_FDCWD, 0700, 0);                                                                                 \
            if (r != -HC_EEXIST_TEMPORARY) break;                                                                                        \
        }                                                                                                                                \
        HC_ROLLED for (i = 0; r < 0 && i < 6; i++) name[at + i] = 'X';                                                                   \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_mkstemp(SPACE char *name) { HC_SPLIT((int)hc_posix(hc_temporary_file(name, 0, 0)), ::mkstemp(name)) }             \
    HC_API ATTR int hc_mkostemp(SPACE char *name, int flags) { HC_SPLIT((int)hc_posix(hc_temporary_file(name, 0, flags)), ::mkostemp(name, flags)) } \
    HC_API ATTR int hc_mkstemps(SPACE char *name, int suffix) { HC_SPLIT((int)hc_posix(hc_temporary_file(name, suffix, 0)), ::mkstemps(name, suffix)) } \
    HC_API ATTR int hc_mkostemps(SPACE char *name, int suffix, int flags) {                                                              \
        HC_SPLIT((int)hc_posix(hc_temporary_file(name, suffix, flags)), ::mkostemps(name, suffix, flags))                                \
    }                                                                                                                                    \
    HC_API ATTR SPACE char *hc_mkdtemp(SPACE char *name) {                                                                               \
        HC_SPLIT(hc_posix(hc_temporary_folder(name)) < 0 ? (SPACE char *)0 : name, ::mkdtemp(name))                                      \
    }
HC_FOR_OUT(HC_DEFINE_TEMPORARY)

#endif
