/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths of device code. Every path is resolved beneath a root; what leaves it, by "..", by symlink or by a directory
 * that is swapped meanwhile, is -EACCES. The kernel enforces that (openat2, RESOLVE_BENEATH); where it can't, a walk of
 * one component at a time does. Like there, absolute symlinks are never followed. Nothing here knows descriptors of
 * device code.
 *
 * A root inside a root keeps its own mode: the innermost root that a path passes through decides whether it may be
 * written.
 */
#ifndef HC_PATHS_H
#define HC_PATHS_H
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HC_MAX_ROOTS 64u

typedef struct hc_root {
    char *real, *given; /* absolute, without a trailing slash ("" is the root of the host's file system) */
    int fd;             /* O_PATH */
    dev_t dev;
    ino_t ino;
    bool writable;
    uint32_t outer; /* the outermost root that contains it, maybe itself */
} hc_root;

typedef struct hc_workdir { /* where relative paths start; a call that uses it holds it */
    atomic_uint refs;
    int fd;
    uint32_t root;
} hc_workdir;

typedef struct hc_paths {
    pthread_mutex_t lock; /* guards workdir, and adding roots */
    hc_root roots[HC_MAX_ROOTS];
    atomic_uint count;
    atomic_bool mixed; /* some root differs in mode from the one around it */
    hc_workdir *workdir;
} hc_paths;

/* Where a relative path starts: a directory's host descriptor and the root it belongs to; fd < 0: the working
 * directory. */
typedef struct hc_start {
    int fd;
    uint32_t root;
} hc_start;

typedef struct hc_parent { /* the directory of a path's last component, which is not looked at yet */
    int fd;
    bool owned;
    hc_workdir *held;
    uint32_t root;
    bool dots;               /* the path ends in ".", ".." or is the root: last is "." or ".." then */
    char last[NAME_MAX + 3]; /* with one slash behind it where the path has some */
} hc_parent;

/* All int results: >= 0, or -errno. */
void hc_paths_init(hc_paths *p);
void hc_paths_free(hc_paths *p);
int hc_paths_root_add(hc_paths *p, const char *path, bool writable);

/* Opens what the path names; flags are the host's, O_CLOEXEC is added. write: -EROFS where that may not be written. The
 * descriptor is > 2. *root gets the root that a directory opened here belongs to. */
int hc_paths_open(hc_paths *p, hc_start from, const char *path, int flags, mode_t mode, bool write, uint32_t *root);
/* For calls that act on a name (mkdir, unlink, rename): follow with an *at call on {fd, last} that does not follow it.
 */
int hc_paths_parent(hc_paths *p, hc_start from, const char *path, hc_parent *out);
void hc_paths_parent_release(hc_parent *parent);
/* Takes over an O_PATH directory descriptor as the working directory. */
int hc_paths_enter(hc_paths *p, int fd, uint32_t root);
/* The working directory's absolute path on the host; the length with its NUL, or -ERANGE, -ENOENT (deleted), -EACCES
 * (no root). */
int hc_paths_current(hc_paths *p, char *out, size_t bytes);
int hc_paths_workdir(hc_paths *p); /* a duplicate of its descriptor (O_PATH), or -errno */
void hc_paths_force_walk(int on); /* tests: as on a kernel without openat2 */
#endif
