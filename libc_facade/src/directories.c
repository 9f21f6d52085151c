/* SPDX-License-Identifier: Apache-2.0
 *
 * <dirent.h>, <ftw.h>, and what <unistd.h> and <sys/stat.h> say of directories.
 */
#include "library.h"
#include "hc/fs.h"
#include "hc/sort.h"
#include "hc/string.h"

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
HC_EXPORT void seekdir(hc_dir_t *d, hc_long place) { hc_seekdir(d, place); }
HC_EXPORT hc_long telldir(hc_dir_t *d) { return hc_telldir(d); }
HC_EXPORT int readdir_r(hc_dir_t *d, hc_dirent_t *entry, hc_dirent_t **result) {
    hc_i32 before = *hc_errno_location();
    hc_dirent_t *next;
    hc_errno_set(0);
    next = hc_readdir(d);
    if (next) *entry = *next;
    *result = next ? entry : (hc_dirent_t *)0;
    if (!next && *hc_errno_location()) return *hc_errno_location();
    hc_errno_set(before);
    return 0;
}
HC_EXPORT char *get_current_dir_name(void) { return hc_getcwd((char *)0, 0); }

/* ---------------------------------------------------------------------------------------------------------------- whole directories */
HC_EXPORT int alphasort(const hc_dirent_t **left, const hc_dirent_t **right) { return hc_strcmp((*left)->d_name, (*right)->d_name); }
/* Entries are cut behind their names: a directory of many would fill the heap otherwise. */
HC_FN hc_dirent_t *hc_entry_copy(const hc_dirent_t *entry) {
    size_t bytes = (size_t)((const char *)entry->d_name - (const char *)entry) + hc_strlen(entry->d_name) + 1u, i;
    char *to = (char *)hc_malloc(bytes);
    for (i = 0; to && i < bytes; i++) to[i] = ((const char *)entry)[i];
    return (hc_dirent_t *)(void *)to;
}
HC_BODY int hc_scan_directory(hc_dir_t *d, hc_dirent_t ***list, int (*wanted)(const hc_dirent_t *)) {
    hc_dirent_t **all = (hc_dirent_t **)0, *entry;
    int n = 0, room = 0;
    while ((entry = hc_readdir(d)) != 0) {
        hc_dirent_t **more = all;
        if (wanted && !wanted(entry)) continue;
        if (n == room) {
            room = room ? 2 * room : 32;
            more = (hc_dirent_t **)hc_realloc(all, (size_t)room * sizeof *all);
        }
        if (more) all = more;
        if (!more || !(all[n] = hc_entry_copy(entry))) {
            while (n) hc_free(all[--n]);
            hc_free(all);
            hc_errno_set(HC_ENOMEM);
            return -1;
        }
        n++;
    }
    *list = all;
    return n;
}
HC_EXPORT int scandir(const char *path, hc_dirent_t ***list, int (*wanted)(const hc_dirent_t *),
                      int (*compare)(const hc_dirent_t **, const hc_dirent_t **)) {
    hc_dir_t *d = hc_opendir(path);
    hc_i32 error, before = *hc_errno_location();
    int n;
    if (!d) return -1;
    hc_errno_set(0);
    n = hc_scan_directory(d, list, wanted);
    error = *hc_errno_location();
    (void)hc_closedir(d);
    if (n >= 0 && error) { /* reading stopped half-way */
        while (n) hc_free((*list)[--n]);
        hc_free(*list);
        n = -1;
    }
    hc_errno_set(n < 0 ? error : before);
    if (n > 1 && compare) hc_qsort(*list, (size_t)n, sizeof **list, (hc_compare)(void *)compare);
    return n;
}

/* ------------------------------------------------------------------------------------------------------------------ walks of trees
 * Depth first, one stream at a time: of a directory all names are read before it is entered, so that no depth uses up descriptors. */
#define HC_FTW_PHYS 1
#define HC_FTW_MOUNT 2
#define HC_FTW_CHDIR 4
#define HC_FTW_DEPTH 8
enum { HC_FTW_F, HC_FTW_D, HC_FTW_DNR, HC_FTW_NS, HC_FTW_SL, HC_FTW_DP, HC_FTW_SLN };
typedef struct hc_walk_place {
    int base, level;
} hc_walk_place;
typedef struct hc_walk {
    int (*visit)(const char *, const struct hc_stat *, int, hc_walk_place *);
    int (*visit_plain)(const char *, const struct hc_stat *, int); /* of ftw */
    int flags;
    hc_u64 device;
    char path[HC_PATH_MAX];
} hc_walk;
typedef struct hc_walk_dir { /* a directory on the way from the top: its names, one behind the other, and how long its path is */
    char *names;
    size_t bytes, at, length;
    struct hc_stat st;
} hc_walk_dir;
#define HC_WALK_DEPTH 256

HC_BODY int hc_walk_visit(hc_walk *w, const struct hc_stat *st, int type, int level) {
    hc_walk_place place;
    size_t n = hc_strlen(w->path);
    if (w->visit_plain) return w->visit_plain(w->path, st, type == HC_FTW_SLN ? HC_FTW_NS : type == HC_FTW_DP ? HC_FTW_D : type);
    place.level = level;
    while (n && w->path[n - 1u] == '/') n--;
    while (n && w->path[n - 1u] != '/') n--;
    place.base = (int)n;
    return w->visit(w->path, st, type, &place);
}
/* 0, or ENOMEM; the names of what cannot be read are none, and *readable says so. */
HC_BODY int hc_walk_names(hc_walk_dir *d, const char *path, int *readable) {
    hc_dir_t *stream = hc_opendir(path);
    hc_dirent_t *entry;
    size_t room = 0;
    d->names = (char *)0;
    d->bytes = d->at = 0;
    *readable = stream != 0;
    while (stream && (entry = hc_readdir(stream)) != 0) {
        size_t n = hc_strlen(entry->d_name) + 1u, i;
        if (hc_strcmp(entry->d_name, ".") == 0 || hc_strcmp(entry->d_name, "..") == 0) continue;
        if (d->bytes + n > room) {
            char *more = (char *)hc_realloc(d->names, room = 2u * room + n + 256u);
            if (!more) {
                hc_free(d->names);
                (void)hc_closedir(stream);
                return HC_ENOMEM;
            }
            d->names = more;
        }
        for (i = 0; i < n; i++) d->names[d->bytes + i] = entry->d_name[i];
        d->bytes += n;
    }
    if (stream) (void)hc_closedir(stream);
    return 0;
}
/* What the path is: its type for the visitor, or -1 for an error that ends the walk. */
HC_BODY int hc_walk_look(hc_walk *w, struct hc_stat *st) {
    int physical = w->flags & HC_FTW_PHYS, type;
    hc_u8 *bytes = (hc_u8 *)st;
    size_t i;
    for (i = 0; i < sizeof *st; i++) bytes[i] = 0;
    if ((physical ? hc_lstat(w->path, st) : hc_stat(w->path, st)) == 0) {
        type = (st->st_mode & 0170000u) == 0040000u ? HC_FTW_D : (st->st_mode & 0170000u) == 0120000u ? HC_FTW_SL : HC_FTW_F;
        return type;
    }
    if (!physical && hc_lstat(w->path, st) == 0 && (st->st_mode & 0170000u) == 0120000u) return HC_FTW_SLN;
    return *hc_errno_location() == 13 /* EACCES */ ? HC_FTW_NS : -1;
}
HC_BODY int hc_walk_tree(hc_walk *w) {
    hc_walk_dir *stack = (hc_walk_dir *)hc_calloc(HC_WALK_DEPTH, sizeof *stack);
    int depth = 0, result = 0, first = 1;
    if (!stack) {
        hc_errno_set(HC_ENOMEM);
        return -1;
    }
    while (result == 0 && (first || depth)) {
        struct hc_stat st;
        int type, readable = 1, error, i, seen = 0;
        if (!first) {
            hc_walk_dir *d = &stack[depth - 1];
            size_t k;
            w->path[d->length] = 0;
            if (d->at >= d->bytes) { /* all of it was visited */
                if (w->flags & HC_FTW_DEPTH) result = hc_walk_visit(w, &d->st, HC_FTW_DP, depth - 1);
                hc_free(d->names);
                depth--;
                continue;
            }
            k = hc_strlen(d->names + d->at) + 1u;
            if (d->length + 1u + k > HC_PATH_MAX) {
                hc_errno_set(HC_ENAMETOOLONG);
                result = -1;
                break;
            }
            if (d->length && w->path[d->length - 1u] == '/') {
                hc_strcpy(w->path + d->length, d->names + d->at);
            } else {
                w->path[d->length] = '/';
                hc_strcpy(w->path + d->length + 1u, d->names + d->at);
            }
            d->at += k;
        }
        type = hc_walk_look(w, &st);
        if (type < 0) { /* what vanished meanwhile is left out; the top must be there */
            if (first || *hc_errno_location() != HC_ENOENT) result = -1;
            first = 0;
            continue;
        }
        if (first) w->device = st.st_dev;
        first = 0;
        if ((w->flags & HC_FTW_MOUNT) && type != HC_FTW_NS && st.st_dev != w->device) continue;
        for (i = 0; type == HC_FTW_D && !(w->flags & HC_FTW_PHYS) && i < depth; i++)
            seen |= stack[i].st.st_ino == st.st_ino && stack[i].st.st_dev == st.st_dev;
        if (seen) continue; /* a link that leads back up */
        if (type != HC_FTW_D) {
            result = hc_walk_visit(w, &st, type, depth);
            continue;
        }
        if (depth == HC_WALK_DEPTH) {
            hc_errno_set(HC_EMFILE);
            result = -1;
            continue;
        }
        error = hc_walk_names(&stack[depth], w->path, &readable);
        if (error) {
            hc_errno_set(error);
            result = -1;
            continue;
        }
        if (!readable || !(w->flags & HC_FTW_DEPTH)) result = hc_walk_visit(w, &st, readable ? HC_FTW_D : HC_FTW_DNR, depth);
        if (!readable || result) {
            hc_free(stack[depth].names);
            continue;
        }
        stack[depth].st = st;
        stack[depth].length = hc_strlen(w->path);
        depth++;
    }
    while (depth) hc_free(stack[--depth].names);
    hc_free(stack);
    return result;
}
HC_BODY int hc_walk_from(const char *path, hc_walk *w) {
    hc_i64 n = hc_path_length(path);
    int result;
    if (n < 0) return (int)hc_posix(n);
    if (n == 0) return (int)hc_posix(-HC_ENOENT);
    hc_strcpy(w->path, path);
    while (n > 1 && w->path[n - 1] == '/') w->path[--n] = 0;
    result = hc_walk_tree(w);
    return result;
}
HC_FN hc_walk *hc_walk_new(int flags) {
    hc_walk *w = (hc_walk *)hc_calloc(1, sizeof *w);
    if (!w) hc_errno_set(HC_ENOMEM);
    else w->flags = flags;
    return w;
}
HC_EXPORT int nftw(const char *path, int (*visit)(const char *, const struct hc_stat *, int, hc_walk_place *), int most, int flags) {
    hc_walk *w;
    int result;
    (void)most;
    if (flags & ~(HC_FTW_PHYS | HC_FTW_MOUNT | HC_FTW_CHDIR | HC_FTW_DEPTH)) return (int)hc_posix(-HC_EINVAL);
    if (flags & HC_FTW_CHDIR) return (int)hc_posix(-HC_ENOTSUP); /* the working directory is every lane's */
    if (!(w = hc_walk_new(flags))) return -1;
    w->visit = visit;
    result = hc_walk_from(path, w);
    hc_free(w);
    return result;
}
HC_EXPORT int ftw(const char *path, int (*visit)(const char *, const struct hc_stat *, int), int most) {
    hc_walk *w = hc_walk_new(0);
    int result;
    (void)most;
    if (!w) return -1;
    w->visit_plain = visit;
    result = hc_walk_from(path, w);
    hc_free(w);
    return result;
}
