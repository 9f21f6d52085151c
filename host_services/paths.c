/* SPDX-License-Identifier: Apache-2.0
 *
 * Resolving paths beneath roots (paths.h has the contract). The kernel's resolution comes first, the walk by hand after
 * it.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "paths.h"
#include "descriptors.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of <linux/openat2.h>, which older systems lack; the numbers are kernel ABI. */
struct open_how_v1 {
    uint64_t flags, mode, resolve;
};
#define BENEATH_RESOLVE 0x0aull /* RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS */
#ifndef SYS_openat2
#define SYS_openat2 437
#endif

#define LINK_LIMIT 40   /* as the kernel's */
#define RACE_RETRIES 64 /* the kernel answers EAGAIN when a rename anywhere crosses a ".." */
#define LONG_PATH (2 * PATH_MAX)

static atomic_int walk_forced;
static atomic_int kernel_lacks_openat2;

void hc_paths_force_walk(int on) { atomic_store(&walk_forced, on != 0); }

static bool must_walk(void) { return atomic_load(&walk_forced) || atomic_load(&kernel_lacks_openat2); }

/* ------------------------------------------------------------------------------------------------------------ roots */
void hc_paths_init(hc_paths *p) {
    memset(p, 0, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
}

static void workdir_put(hc_workdir *w) {
    if (w && atomic_fetch_sub(&w->refs, 1) == 1) {
        close(w->fd);
        free(w);
    }
}

void hc_paths_free(hc_paths *p) {
    workdir_put(p->workdir);
    for (uint32_t i = 0; i < atomic_load(&p->count); i++) {
        close(p->roots[i].fd);
        free(p->roots[i].real);
        free(p->roots[i].given);
    }
    pthread_mutex_destroy(&p->lock);
}

/* What is left of path below prefix ("" when it is prefix itself), or NULL. Compares whole components: /data is no
 * prefix of /database. */
static const char *below(const char *path, const char *prefix) {
    while (*prefix) {
        if (*prefix == '/') {
            if (*path != '/') return NULL;
            while (*path == '/' || (path[0] == '.' && (path[1] == '/' || !path[1]) && path[-1] == '/')) path++;
            prefix++;
            continue;
        }
        if (*path++ != *prefix++) return NULL;
    }
    if (*path && *path != '/') return NULL;
    while (*path == '/') path++;
    return path;
}

static int workdir_set(hc_paths *p, int fd, uint32_t root) {
    hc_workdir *w = malloc(sizeof *w);
    if (!w) return -ENOMEM;
    atomic_init(&w->refs, 1);
    w->fd = fd;
    w->root = root;
    pthread_mutex_lock(&p->lock);
    hc_workdir *old = p->workdir;
    p->workdir = w;
    pthread_mutex_unlock(&p->lock);
    workdir_put(old);
    return 0;
}

/* The path as given, made absolute: device code may use the name that the configuration uses, also where a symlink lies
 * on the way. */
static char *absolute_copy(const char *path) {
    char *out = NULL;
    if (path[0] == '/') {
        out = strdup(path);
    } else {
        char *here = getcwd(NULL, 0);
        if (here && asprintf(&out, "%s/%s", here, path) < 0) out = NULL;
        free(here);
    }
    for (size_t n = out ? strlen(out) : 0; n && out[n - 1] == '/'; n--) out[n - 1] = 0;
    return out;
}

int hc_paths_root_add(hc_paths *p, const char *path, bool writable) {
    hc_root r = {.writable = writable, .fd = -1};
    struct stat st;
    int error = 0;
    if (!(r.real = realpath(path, NULL))) return -errno;
    if (!strcmp(r.real, "/")) r.real[0] = 0;
    if (!(r.given = absolute_copy(path))) {
        error = -ENOMEM;
    } else if ((r.fd = hc_fd_above_stdio(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC))) < 0 || fstat(r.fd, &st) < 0) {
        error = -errno;
    } else {
        r.dev = st.st_dev;
        r.ino = st.st_ino;
        pthread_mutex_lock(&p->lock);
        uint32_t n = atomic_load(&p->count);
        if (n == HC_MAX_ROOTS) {
            error = -ENOSPC;
        } else {
            p->roots[n] = r;
            bool mixed = false;
            for (uint32_t i = 0; i <= n;
                 i++) { /* the shortest root that contains it contains every other one that does */
                p->roots[i].outer = i;
                for (uint32_t k = 0; k <= n; k++) {
                    hc_root *outer = &p->roots[p->roots[i].outer];
                    if (strlen(p->roots[k].real) < strlen(outer->real) && below(p->roots[i].real, p->roots[k].real))
                        p->roots[i].outer = k;
                }
                mixed |= p->roots[i].writable != p->roots[p->roots[i].outer].writable;
            }
            atomic_store(&p->mixed, mixed);
            atomic_store(&p->count, n + 1);
        }
        pthread_mutex_unlock(&p->lock);
        if (!error && n == 0) {
            int fd = fcntl(r.fd, F_DUPFD_CLOEXEC, 3);
            if (fd < 0 || (error = workdir_set(p, fd, 0)) < 0) return fd < 0 ? -errno : error;
        }
    }
    if (error) {
        if (r.fd >= 0) close(r.fd);
        free(r.real);
        free(r.given);
    }
    return error;
}

/* ---------------------------------------------------------------------------------------------- where a path starts */
typedef struct place {
    int fd;
    uint32_t root;    /* outermost */
    bool top;         /* fd is the root's */
    const char *rest; /* relative to fd, not empty */
    hc_workdir *held;
} place;

static int locate(hc_paths *p, hc_start from, const char *path, place *out) {
    uint32_t count = atomic_load(&p->count);
    memset(out, 0, sizeof *out);
    if (!*path) return -ENOENT;
    if (strlen(path) >= PATH_MAX) return -ENAMETOOLONG;
    if (*path == '/') {
        for (uint32_t i = 0; i < count; i++) {
            hc_root *inner = &p->roots[i], *outer = &p->roots[inner->outer];
            const char *rest = below(path, inner->real) ? below(path, outer->real) : NULL;
            out->root = inner->outer;
            if (!rest && (rest = below(path, inner->given)))
                out->root = i; /* an alias: only its own root is known beneath it */
            if (!rest) continue;
            out->fd = p->roots[out->root].fd;
            out->top = true;
            out->rest = *rest ? rest : ".";
            return 0;
        }
        return -EACCES;
    }
    out->rest = path;
    if (from.fd >= 0) {
        out->fd = from.fd;
        out->root = p->roots[from.root].outer;
        return 0;
    }
    pthread_mutex_lock(&p->lock);
    if ((out->held = p->workdir)) atomic_fetch_add(&out->held->refs, 1);
    pthread_mutex_unlock(&p->lock);
    if (!out->held) return -EACCES;
    out->fd = out->held->fd;
    out->root = p->roots[out->held->root].outer;
    return 0;
}

static int path_of(int fd, char *out, size_t bytes) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, out, bytes);
    if (n < 0) return -errno;
    if ((size_t)n >= bytes) return -ERANGE;
    out[n] = 0;
    return (int)n;
}

/* The place's path seen from its root: needed where ".." or a symlink climbs above the directory that it starts from.
 */
static int from_root(hc_paths *p, const place *at, char out[LONG_PATH]) {
    if (at->top) return snprintf(out, LONG_PATH, "%s", at->rest) < LONG_PATH ? 0 : -ENAMETOOLONG;
    char here[PATH_MAX];
    int rc = path_of(at->fd, here, sizeof here);
    if (rc < 0) return rc;
    const char *rest = below(here, p->roots[at->root].real);
    if (!rest) return -EACCES; /* it was moved out */
    int n = snprintf(out, LONG_PATH, "%s%s%s", rest, *rest ? "/" : "", at->rest);
    return n < LONG_PATH ? 0 : -ENAMETOOLONG;
}

/* ---------------------------------------------------------------------------------------------------- by the kernel */
static int beneath(int fd, const char *path, int flags, mode_t mode) {
    struct open_how_v1 how = {.flags = (uint64_t)(uint32_t)flags, .resolve = BENEATH_RESOLVE};
    /* openat2 refuses what open ignores: a mode without a file to create, and nearly everything beside O_PATH. */
    if (flags & O_PATH) how.flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    else if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) how.mode = mode & 07777;
    for (int tries = 0;;) {
        long r = syscall(SYS_openat2, fd, path, &how, sizeof how);
        if (r >= 0) return (int)r;
        if (errno == EINTR || (errno == EAGAIN && ++tries < RACE_RETRIES)) continue;
        return -errno;
    }
}

/* ---------------------------------------------------------------------------------------------------------- by hand */
/* One component at a time, never through a symlink and never through "..": what was passed is a list of names, and ".."
 * takes the last one off and walks again from the root. So the walk cannot leave the root, whatever is renamed
 * meanwhile. */
typedef struct walk {
    hc_paths *p;
    uint32_t root;
    int fd;        /* where it stands; the root's own descriptor at depth 0 */
    bool writable; /* by the innermost root passed */
    int links;
    char passed[PATH_MAX];
    char todo[LONG_PATH];
} walk;

static void step_off(walk *w) {
    if (w->fd != w->p->roots[w->root].fd) close(w->fd);
}

static void look_at_roots(walk *w, const struct stat *st) {
    if (!atomic_load(&w->p->mixed)) return;
    uint32_t count = atomic_load(&w->p->count);
    for (uint32_t i = 0; i < count; i++)
        if (w->p->roots[i].dev == st->st_dev && w->p->roots[i].ino == st->st_ino) w->writable = w->p->roots[i].writable;
}

static int step_into(walk *w, int fd, const struct stat *st, const char *name) {
    size_t have = strlen(w->passed), more = strlen(name);
    if (have + more + 2 > sizeof w->passed) {
        close(fd);
        return -ENAMETOOLONG;
    }
    memcpy(w->passed + have, name, more);
    memcpy(w->passed + have + more, "/", 2);
    step_off(w);
    w->fd = fd;
    look_at_roots(w, st);
    return 0;
}

static int step_up(walk *w) {
    size_t n = strlen(w->passed);
    if (!n) return -EXDEV;
    for (n--; n && w->passed[n - 1] != '/'; n--) {}
    char names[PATH_MAX];
    memcpy(names, w->passed, n);
    names[n] = 0;
    w->passed[0] = 0;
    step_off(w);
    w->fd = w->p->roots[w->root].fd;
    w->writable = w->p->roots[w->root].writable;
    for (char *at = names, *slash; (slash = strchr(at, '/')); at = slash + 1) {
        struct stat st;
        *slash = 0;
        int fd = openat(w->fd, at, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0) {
            int error = errno;
            if (fd >= 0) close(fd);
            return error == ELOOP || error == ENOTDIR ? -EXDEV : -error; /* swapped since it was passed */
        }
        int rc = step_into(w, fd, &st, at);
        if (rc < 0) return rc;
    }
    return 0;
}

/* Puts the target of the symlink fd in front of what is left to do. */
static int expand(walk *w, int fd, const char *rest) {
    char joined[LONG_PATH];
    if (++w->links > LINK_LIMIT) return -ELOOP;
    ssize_t n = readlinkat(fd, "", joined, PATH_MAX);
    if (n < 0) return -errno;
    if (n == 0) return -ENOENT;
    if (n == PATH_MAX) return -ENAMETOOLONG;
    if (joined[0] == '/') return -EXDEV;
    size_t left = strlen(rest);
    if ((size_t)n + left + 2 > sizeof joined) return -ENAMETOOLONG;
    memcpy(joined + n, rest, left + 1); /* rest begins with its slash, or is empty */
    memcpy(w->todo, joined, (size_t)n + left + 1);
    return 0;
}

/* Walks until the last component is the only thing left, in *name with its trailing slash, or NULL where the path ends
 * in a directory that it already stands on. */
static int walk_to_last(walk *w, char name[NAME_MAX + 3], bool *ended) {
    *ended = false;
    for (;;) {
        char *at = w->todo;
        while (*at == '/') at++;
        size_t n = strcspn(at, "/"), slashes = strspn(at + n, "/");
        const char *rest = at + n;
        bool last = !rest[slashes];
        if (n == 0 || (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.')) {
            if (n == 2) {
                int rc = step_up(w);
                if (rc < 0) return rc;
            }
            if (last) {
                memcpy(name, n == 2 ? ".." : ".", n == 2 ? 3 : 2);
                *ended = true;
                return 0;
            }
            memmove(w->todo, rest, strlen(rest) + 1);
            continue;
        }
        if (n > NAME_MAX) return -ENAMETOOLONG;
        memcpy(name, at, n);
        name[n] = 0;
        if (last) {
            if (slashes) memcpy(name + n, "/", 2);
            return 0;
        }
        int fd = openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), rc;
        struct stat st;
        if (fd < 0) return -errno;
        if (fstat(fd, &st) < 0) {
            rc = -errno;
            close(fd);
        } else if (S_ISLNK(st.st_mode)) {
            rc = expand(w, fd, rest);
            close(fd);
        } else if (!S_ISDIR(st.st_mode)) {
            rc = -ENOTDIR;
            close(fd);
        } else {
            rc = step_into(w, fd, &st, name);
            if (rc == 0) memmove(w->todo, rest, strlen(rest) + 1);
        }
        if (rc < 0) return rc;
    }
}

static walk *walk_start(hc_paths *p, const place *at, int *error) {
    walk *w = malloc(sizeof *w);
    if (!w) {
        *error = -ENOMEM;
        return NULL;
    }
    *error = from_root(p, at, w->todo);
    if (*error < 0) {
        free(w);
        return NULL;
    }
    w->p = p;
    w->root = at->root;
    w->fd = p->roots[at->root].fd;
    w->writable = p->roots[at->root].writable;
    w->links = 0;
    w->passed[0] = 0;
    return w;
}

static int walk_open(walk *w, int flags, mode_t mode, bool write) {
    char name[NAME_MAX + 3];
    for (;;) {
        bool ended;
        int rc = walk_to_last(w, name, &ended);
        if (rc < 0) return rc;
        if (ended) {
            if (flags & O_CREAT) return -EISDIR;
            if (write && !w->writable) return -EROFS;
            int fd = openat(w->fd, ".", (flags & ~O_NOFOLLOW) | O_CLOEXEC, mode);
            return fd < 0 ? -errno : fd;
        }
        size_t n = strlen(name);
        bool slash = name[n - 1] == '/';
        if (slash) name[n - 1] = 0;
        bool follow = slash || !((flags & O_NOFOLLOW) || ((flags & O_CREAT) && (flags & O_EXCL)));
        bool writable = w->writable;
        struct stat st;
        int seen = openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (seen < 0 && errno != ENOENT) return -errno;
        if (seen >= 0) {
            if (fstat(seen, &st) < 0) {
                rc = -errno;
                close(seen);
                return rc;
            }
            if (S_ISLNK(st.st_mode) && follow) {
                rc = expand(w, seen, slash ? "/" : "");
                close(seen);
                if (rc < 0) return rc;
                continue;
            }
            bool outside = w->writable;
            look_at_roots(w, &st); /* a root is itself the first thing that its mode covers */
            writable = w->writable;
            w->writable = outside;
            close(seen);
        }
        if (slash && (flags & O_CREAT)) return -EISDIR;
        if (write && !writable) return -EROFS;
        int fd = openat(w->fd, name, flags | O_NOFOLLOW | O_CLOEXEC | (slash ? O_DIRECTORY : 0), mode);
        if (fd >= 0) return fd;
        if (errno == ELOOP && follow && ++w->links <= LINK_LIMIT)
            continue; /* became a symlink since it was looked at */
        return -errno;
    }
}

/* ------------------------------------------------------------------------------------------------- the two together */
static int leaves(int rc) { return rc == -EXDEV ? -EACCES : rc; }

static int open_place(hc_paths *p, const place *at, int flags, mode_t mode, bool write) {
    int rc;
    if (!must_walk() && !(write && atomic_load(&p->mixed))) {
        if (write && !p->roots[at->root].writable) return -EROFS;
        rc = beneath(at->fd, at->rest, flags, mode);
        if (rc == -EXDEV && !at->top) {
            char path[LONG_PATH];
            rc = from_root(p, at, path);
            if (rc == 0) rc = beneath(p->roots[at->root].fd, *path ? path : ".", flags, mode);
        }
        /* EPERM: seccomp profiles that do not know the call. A real EPERM (O_NOATIME) comes back from the walk. */
        if (rc != -ENOSYS && rc != -EPERM && rc != -EAGAIN) return rc;
        if (rc == -ENOSYS) atomic_store(&kernel_lacks_openat2, 1);
    }
    walk *w = walk_start(p, at, &rc);
    if (!w) return rc;
    rc = walk_open(w, flags, mode, write);
    step_off(w);
    free(w);
    return rc;
}

int hc_paths_open(hc_paths *p, hc_start from, const char *path, int flags, mode_t mode, bool write, uint32_t *root) {
    place at;
    int rc = locate(p, from, path, &at);
    if (rc == 0) {
        rc = open_place(p, &at, flags | O_CLOEXEC, mode, write);
        if (rc >= 0 && (rc = hc_fd_above_stdio(rc)) < 0) rc = -errno;
        if (root) *root = at.root;
    }
    workdir_put(at.held);
    return leaves(rc);
}

static int parent_by_walk(hc_paths *p, const place *at, hc_parent *out) {
    int rc;
    walk *w = walk_start(p, at, &rc);
    if (!w) return rc;
    rc = walk_to_last(w, out->last, &out->dots);
    if (rc == 0 && !w->writable) rc = -EROFS;
    if (rc < 0) {
        step_off(w);
    } else {
        out->fd = w->fd;
        out->owned = w->fd != p->roots[w->root].fd;
    }
    free(w);
    return rc;
}

static int parent_by_kernel(hc_paths *p, const place *at, hc_parent *out) {
    if (!p->roots[at->root].writable) return -EROFS;
    char path[PATH_MAX];
    size_t end = strlen(at->rest), n = end;
    while (n && at->rest[n - 1] == '/') n--;
    bool slash = n < end;
    size_t begin = n;
    while (begin && at->rest[begin - 1] != '/') begin--;
    if (n - begin > NAME_MAX) return -ENAMETOOLONG;
    memcpy(out->last, at->rest + begin, n - begin);
    out->last[n - begin] = 0;
    out->dots = !strcmp(out->last, ".") || !strcmp(out->last, "..");
    if (slash && !out->dots) strcat(out->last, "/");
    if (begin == 0) {
        out->fd = at->fd;
        return 0;
    }
    memcpy(path, at->rest, begin);
    path[begin] = 0;
    place dir = *at;
    dir.rest = path;
    int fd = open_place(p, &dir, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, false);
    if (fd < 0) return fd;
    out->fd = fd;
    out->owned = true;
    return 0;
}

int hc_paths_parent(hc_paths *p, hc_start from, const char *path, hc_parent *out) {
    place at;
    memset(out, 0, sizeof *out);
    int rc = locate(p, from, path, &at);
    out->root = at.root;
    out->held = at.held;
    if (rc == 0)
        rc = must_walk() || atomic_load(&p->mixed) ? parent_by_walk(p, &at, out) : parent_by_kernel(p, &at, out);
    if (rc < 0) hc_paths_parent_release(out);
    return leaves(rc);
}

void hc_paths_parent_release(hc_parent *parent) {
    if (parent->owned) close(parent->fd);
    workdir_put(parent->held);
    parent->owned = false;
    parent->held = NULL;
}

int hc_paths_enter(hc_paths *p, int fd, uint32_t root) {
    int rc = workdir_set(p, fd, root);
    if (rc < 0) close(fd);
    return rc;
}

int hc_paths_current(hc_paths *p, char *out, size_t bytes) {
    char path[PATH_MAX];
    pthread_mutex_lock(&p->lock);
    hc_workdir *held = p->workdir;
    if (held) atomic_fetch_add(&held->refs, 1);
    pthread_mutex_unlock(&p->lock);
    if (!held) return -EACCES;
    struct stat st;
    int rc = fstat(held->fd, &st) < 0 ? -errno : st.st_nlink == 0 ? -ENOENT : path_of(held->fd, path, sizeof path);
    workdir_put(held);
    if (rc < 0) return rc;
    if ((size_t)rc + 1 > bytes) return -ERANGE;
    memcpy(out, path, (size_t)rc + 1);
    return rc + 1;
}

int hc_paths_workdir(hc_paths *p) {
    pthread_mutex_lock(&p->lock);
    int fd = p->workdir ? fcntl(p->workdir->fd, F_DUPFD_CLOEXEC, 3) : -1, rc = fd < 0 ? -errno : fd;
    if (!p->workdir) rc = -EACCES;
    pthread_mutex_unlock(&p->lock);
    return rc;
}
