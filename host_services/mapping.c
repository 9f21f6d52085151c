/* SPDX-License-Identifier: Apache-2.0
 *
 * mmap, munmap and msync. A file is mapped here and made known to the device's driver, so that lanes read the page cache itself; where the
 * driver refuses (a shared writable mapping on most file systems), where pages would have no file behind them, or where lanes are threads of
 * this process, they get a copy, and what changed in it is written back. This process never touches a mapped file by an address, only by
 * pread and pwrite: a file that shrinks is an error here, never a signal; and pages that the driver holds stay while lanes read them.
 *
 * The driver may keep a call waiting until the kernels have ended, for instance while another thread frees memory. So its calls are made by a
 * thread of their own, and whoever needs one waits for a bounded time and then goes on without. Undoing a registration waits for the kernels
 * in any case: it is put off until none runs (hc_mapping_collect).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "mapping.h"
#include "fs.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_BYTES (1ull << 46)

/* ------------------------------------------------------------------------------------------------------------ the driver */
#define REGISTER_PORTABLE 1u /* CU_MEMHOSTREGISTER_* of the driver's interface */
#define REGISTER_DEVICEMAP 2u
#define REGISTER_READ_ONLY 8u

static void *driver_main(void *arg) {
    hc_mapper *m = arg;
    (void)m->set_current(m->context);
    pthread_mutex_lock(&m->lock);
    for (;;) {
        while (!m->closing && m->state != HC_ASK_MADE) pthread_cond_wait(&m->changed, &m->lock);
        if (m->state != HC_ASK_MADE) break;
        m->state = HC_ASK_RUNS;
        uint8_t *host = m->ask_host;
        uint64_t bytes = m->ask_bytes;
        unsigned flags = m->ask_flags;
        pthread_mutex_unlock(&m->lock);
        unsigned long long device = 0;
        bool registered = m->register_host(host, bytes, flags) == 0;
        bool reached = registered && m->device_pointer(&device, host, 0) == 0;
        pthread_mutex_lock(&m->lock);
        if (m->state == HC_ASK_GIVEN_UP) { /* nobody waits any more: the memory is this thread's to give back, once no kernel runs */
            hc_orphan *o = malloc(sizeof *o);
            if (o) {
                *o = (hc_orphan){m->orphans, host, bytes, registered};
                m->orphans = o;
            }
            m->state = HC_ASK_NONE;
        } else {
            m->answer = reached ? 0 : -ENOTSUP;
            m->answer_registered = registered;
            m->answer_device = device;
            m->state = HC_ASK_DONE;
        }
        pthread_cond_broadcast(&m->changed);
    }
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

/* Makes host memory reachable for lanes. -ENOTSUP: the driver refuses. -EBUSY: it does not answer; the memory is no longer the caller's. */
static int reach(hc_mapper *m, uint8_t *host, uint64_t bytes, bool read_only, uint64_t *device) {
    if (m->identity) {
        *device = (uint64_t)(uintptr_t)host;
        return 0;
    }
    pthread_mutex_lock(&m->lock);
    if (m->state != HC_ASK_NONE) { /* still at what somebody gave up */
        pthread_mutex_unlock(&m->lock);
        return -ENOTSUP;
    }
    if (!m->started) {
        sigset_t every, old;
        sigfillset(&every);
        pthread_sigmask(SIG_SETMASK, &every, &old); /* signals are for the embedding program's threads */
        m->started = pthread_create(&m->thread, NULL, driver_main, m) == 0;
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    }
    if (!m->started) {
        pthread_mutex_unlock(&m->lock);
        return -ENOTSUP;
    }
    m->ask_host = host;
    m->ask_bytes = bytes;
    m->ask_flags = REGISTER_PORTABLE | REGISTER_DEVICEMAP | (read_only ? REGISTER_READ_ONLY : 0);
    m->state = HC_ASK_MADE;
    pthread_cond_broadcast(&m->changed);
    uint64_t until = hc_now_ns() + m->patience_ns + bytes; /* a nanosecond a byte: ten times what registering takes */
    struct timespec t = {.tv_sec = (time_t)(until / 1000000000u), .tv_nsec = (long)(until % 1000000000u)};
    int rc = 0;
    while (m->state != HC_ASK_DONE && rc == 0) rc = pthread_cond_timedwait(&m->changed, &m->lock, &t);
    if (m->state != HC_ASK_DONE) {
        if (m->state == HC_ASK_MADE) { /* not begun: taken back */
            m->state = HC_ASK_NONE;
            rc = -ENOTSUP;
        } else {
            m->state = HC_ASK_GIVEN_UP;
            rc = -EBUSY;
        }
    } else {
        m->state = HC_ASK_NONE;
        rc = m->answer;
        *device = m->answer_device;
        if (rc && m->answer_registered) { /* registered, yet without an address: undone when no kernel runs */
            hc_orphan *o = malloc(sizeof *o);
            if (o) {
                *o = (hc_orphan){m->orphans, host, bytes, true};
                m->orphans = o;
            }
            rc = -EBUSY;
        }
    }
    pthread_mutex_unlock(&m->lock);
    return rc;
}

int hc_mapping_driver(hc_server *s, const char *library, uint64_t context) {
    hc_mapper *m = hc_server_part(s, HC_PART_MAPPING);
    if (!library || !*library) {
        m->identity = m->present = true;
        return 0;
    }
    /* Never linked: on a machine without a device the library is not there. */
    if (!m->library && !(m->library = dlopen(library, RTLD_NOW | RTLD_LOCAL))) return -ENOENT;
    m->identity = false;
    m->context = (void *)(uintptr_t)context;
    *(void **)&m->set_current = dlsym(m->library, "cuCtxSetCurrent");
    *(void **)&m->register_host = dlsym(m->library, "cuMemHostRegister_v2");
    *(void **)&m->unregister_host = dlsym(m->library, "cuMemHostUnregister");
    *(void **)&m->device_pointer = dlsym(m->library, "cuMemHostGetDevicePointer_v2");
    m->present = m->set_current && m->register_host && m->unregister_host && m->device_pointer;
    return m->present ? 0 : -ENOSYS;
}

void hc_mapping_patience(hc_server *s, uint64_t ns) {
    hc_mapper *m = hc_server_part(s, HC_PART_MAPPING);
    m->patience_ns = ns;
}

/* -------------------------------------------------------------------------------------------------------------- mappings */
static uint64_t pages(uint64_t n) { return (n + HC_PAGE - 1) / HC_PAGE * HC_PAGE; }

static void *anonymous(uint64_t bytes) {
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void discard(hc_mapper *m, hc_mapping *p) {
    for (hc_mapping **at = &m->all; *at; at = &(*at)->next)
        if (*at == p) {
            *at = p->next;
            break;
        }
    m->count--;
    if (p->copy) m->copied -= p->bytes;
    if (p->shadow) munmap(p->shadow, p->bytes);
    munmap(p->host, p->bytes);
    if (p->fd >= 0) close(p->fd);
    free(p);
}

/* Reads the file's part into a copy; -EIO if the file has become shorter than it was. */
static int fill(const hc_mapping *p, uint8_t *to) {
    for (uint64_t done = 0; done < p->extent;) {
        ssize_t r = pread(p->fd, to + done, p->extent - done, (off_t)(p->offset + done));
        if (r < 0 && errno == EINTR) continue;
        if (r < 0) return -errno;
        if (r == 0) return -EIO;
        done += (uint64_t)r;
    }
    return 0;
}

static int shrunk(const hc_mapping *p) {
    struct stat st;
    if (fstat(p->fd, &st) < 0) return -errno;
    return (uint64_t)st.st_size < p->offset + p->extent ? -EIO : 0;
}

/* Writes what differs from what was read or written last: bytes that no lane changed may have been changed by others in the file. */
static int write_back(const hc_mapping *p) {
    uint8_t page[HC_PAGE];
    int rc = shrunk(p); /* a file that became shorter is not made longer again */
    for (uint64_t at = 0; rc == 0 && at < p->extent; at += HC_PAGE) {
        uint64_t n = p->extent - at < HC_PAGE ? p->extent - at : HC_PAGE, first = 0, last = n;
        memcpy(page, p->host + at, n); /* lanes may still store: what is compared is what is written */
        while (first < n && page[first] == p->shadow[at + first]) first++;
        if (first == n) continue;
        while (page[last - 1] == p->shadow[at + last - 1]) last--;
        for (uint64_t done = first; rc == 0 && done < last;) {
            ssize_t r = pwrite(p->fd, page + done, last - done, (off_t)(p->offset + at + done));
            if (r < 0 && errno != EINTR) rc = -errno;
            if (r > 0) done += (uint64_t)r;
        }
        if (rc == 0) memcpy(p->shadow + at, page, n);
    }
    return rc;
}

/* A descriptor of our own, good for positioned writes also where the device's was opened to append. */
static int own_descriptor(int host, bool writes) {
    int flags = fcntl(host, F_GETFL);
    if (!writes || (flags >= 0 && !(flags & O_APPEND))) {
        int fd = fcntl(host, F_DUPFD_CLOEXEC, 3);
        return fd < 0 ? -errno : fd;
    }
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", host);
    int fd = hc_fd_above_stdio(open(link, O_RDWR | O_CLOEXEC));
    return fd < 0 ? -errno : fd;
}

static bool same_time(struct timespec a, struct timespec b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

/* A live mapping that serves the request as well: of the page cache or a copy nobody stores into, if the file has not been touched since (a
 * file that was cut and filled again has other pages); or the one copy that all who write to this part share. */
static hc_mapping *find(hc_mapper *m, const hc_mapping *w, const struct stat *st, bool copy) {
    for (hc_mapping *p = m->all; p; p = p->next) {
        if (p->copy != copy || p->dev != w->dev || p->ino != w->ino || p->writes != w->writes) continue;
        bool fresh = p->size == (uint64_t)st->st_size && same_time(p->changed, st->st_ctim);
        if (copy) {
            if (w->private || p->private || !p->refs || !(w->writes || fresh)) continue;
            if (p->offset == w->offset && p->bytes == w->bytes) return p;
        } else if (fresh && p->offset <= w->offset && w->offset + w->bytes <= p->offset + p->bytes) {
            return p;
        }
    }
    return NULL;
}

static int64_t enter(hc_mapper *m, const hc_mapping *wanted) {
    hc_mapping *p = malloc(sizeof *p);
    if (!p) return -ENOMEM;
    *p = *wanted;
    p->refs = 1;
    p->next = m->all;
    m->all = p;
    m->count++;
    if (p->copy) m->copied += p->bytes;
    return (int64_t)p->device;
}

/* The page cache itself. -ENOTSUP: a copy may still do. */
static int64_t map_file(hc_mapper *m, hc_mapping *w, const struct stat *st) {
    if (m->identity || pages(w->extent) != w->bytes) return -ENOTSUP;
    hc_mapping *p = find(m, w, st, false);
    if (p) {
        p->refs++;
        return (int64_t)(p->device + (w->offset - p->offset));
    }
    void *at = mmap(NULL, w->bytes, PROT_READ | (w->writes ? PROT_WRITE : 0), MAP_SHARED, w->fd, (off_t)w->offset);
    if (at == MAP_FAILED) return -ENOTSUP;
    w->host = at;
    int64_t rc = reach(m, w->host, w->bytes, !w->writes, &w->device);
    if (rc == 0) rc = enter(m, w);
    if (rc < 0 && rc != -EBUSY) munmap(at, w->bytes);
    return rc;
}

static int64_t map_copy(hc_mapper *m, hc_mapping *w, const struct stat *st) {
    hc_mapping *p = find(m, w, st, true);
    if (p) {
        p->refs++;
        return (int64_t)p->device;
    }
    if (w->bytes > HC_MOST_COPIED - m->copied) return -ENOMEM;
    w->copy = true;
    w->host = anonymous(w->bytes);
    w->shadow = w->host && w->writes ? anonymous(w->bytes) : NULL;
    int64_t rc = !w->host || (w->writes && !w->shadow) ? -ENOMEM : fill(w, w->host);
    if (rc == 0 && w->shadow) memcpy(w->shadow, w->host, w->extent);
    if (rc == 0) rc = reach(m, w->host, w->bytes, false, &w->device);
    if (rc == 0) rc = enter(m, w);
    if (rc < 0 && w->host && rc != -EBUSY) munmap(w->host, w->bytes);
    if (rc < 0 && w->shadow) munmap(w->shadow, w->bytes);
    return rc;
}

/* Maps [offset, offset + length) of a host descriptor; `changes`: lanes may store, `writes`: and the file gets it. */
static int64_t map(hc_mapper *m, int host, uint64_t length, uint64_t offset, bool changes, bool writes) {
    struct stat st;
    if (fstat(host, &st) < 0) return -errno;
    if (!S_ISREG(st.st_mode)) return -ENODEV;
    uint64_t size = (uint64_t)st.st_size, left = size > offset ? size - offset : 0;
    hc_mapping w = {.dev = st.st_dev, .ino = st.st_ino, .size = size, .changed = st.st_ctim, .offset = offset, .bytes = pages(length),
                    .extent = left < pages(length) ? left : pages(length), .writes = writes, .private = changes && !writes};
    if (m->count >= HC_MOST_MAPPINGS) return -ENOMEM;
    if ((w.fd = own_descriptor(host, writes)) < 0) return w.fd;
    int64_t known = m->count, r = w.private ? -ENOTSUP : map_file(m, &w, &st);
    if (r == -ENOTSUP) r = map_copy(m, &w, &st);
    if (m->count == known) close(w.fd); /* found among those that were there, or failed */
    return r == -EBUSY ? -ENOTSUP : r;
}

static hc_mapping *containing(hc_mapper *m, uint64_t address, uint64_t length) {
    for (hc_mapping *p = m->all; p; p = p->next)
        if (p->refs && address >= p->device && length <= p->bytes && address - p->device <= p->bytes - length) return p;
    return NULL;
}

/* -------------------------------------------------------------------------------------------------------------- services */
static int64_t mmap_lane(hc_call *c, uint32_t rank, hc_mapper *m) {
    int64_t length = c->arg[0][rank], offset = c->arg[3][rank];
    uint32_t prot = (uint32_t)c->arg[1][rank], flags = (uint32_t)((uint64_t)c->arg[1][rank] >> 32);
    bool changes = prot & HC_WIRE_PROT_WRITE, shared = flags == HC_WIRE_MAP_SHARED;
    if (length <= 0 || (uint64_t)length > MOST_BYTES || offset < 0 || offset % HC_PAGE || (uint64_t)offset > MOST_BYTES) return -EINVAL;
    if ((prot & ~(HC_WIRE_PROT_READ | HC_WIRE_PROT_WRITE)) || (!shared && flags != HC_WIRE_MAP_PRIVATE)) return -EINVAL;
    hc_file *file = hc_descriptor_get(&hc_fs_of(c)->descriptors, c->arg[2][rank]);
    if (!file) return -EBADF;
    int64_t r = file->kind != HC_FILE_PLAIN                              ? -ENODEV
                : !file->reads || (shared && changes && !file->writes) ? -EACCES
                : !m->present                                            ? -ENOTSUP
                                                                         : map(m, file->host, (uint64_t)length, (uint64_t)offset, changes, shared && changes);
    hc_file_put(file);
    return r;
}

static int64_t munmap_lane(hc_call *c, uint32_t rank, hc_mapper *m) {
    uint64_t address = (uint64_t)c->arg[0][rank], length = (uint64_t)c->arg[1][rank];
    hc_mapping *p = address % HC_PAGE || length == 0 || length > MOST_BYTES ? NULL : containing(m, address, pages(length));
    if (!p) return -EINVAL;
    int rc = p->copy && !p->writes ? 0 : p->copy ? write_back(p) : shrunk(p);
    if (--p->refs == 0 && m->identity) discard(m, p);
    return rc;
}

static int64_t msync_lane(hc_call *c, uint32_t rank, hc_mapper *m) {
    uint64_t address = (uint64_t)c->arg[0][rank], length = (uint64_t)c->arg[1][rank], flags = (uint64_t)c->arg[2][rank];
    if (address % HC_PAGE || length > MOST_BYTES || (flags & ~7ull) || (flags & (HC_WIRE_MS_ASYNC | HC_WIRE_MS_SYNC)) == (HC_WIRE_MS_ASYNC | HC_WIRE_MS_SYNC))
        return -EINVAL;
    hc_mapping *p = containing(m, address, pages(length));
    if (!p) return -ENOMEM;
    int rc = p->copy && p->writes ? write_back(p) : shrunk(p);
    if (rc == 0 && p->copy && (flags & HC_WIRE_MS_INVALIDATE)) { /* and what others have written since */
        rc = fill(p, p->host);
        if (rc == 0 && p->shadow) memcpy(p->shadow, p->host, p->extent);
    }
    if (rc == 0 && p->writes && (flags & HC_WIRE_MS_SYNC) && fdatasync(p->fd) < 0) rc = -errno;
    return rc;
}

static int each(hc_call *c, int64_t (*lane)(hc_call *c, uint32_t rank, hc_mapper *m)) {
    if (!hc_on_worker()) return HC_WORKER;
    hc_mapper *m = hc_server_part(c->server, HC_PART_MAPPING);
    hc_quiet quiet; /* a write beyond the file size limit is an error, not a signal */
    hc_quiet_begin(&quiet);
    pthread_mutex_lock(&m->table);
    for (uint32_t rank = 0; rank < c->lanes; rank++) c->result[rank] = lane(c, rank, m);
    pthread_mutex_unlock(&m->table);
    hc_quiet_end(&quiet);
    return HC_SERVED;
}
static int serve_mmap(hc_call *c) { return each(c, mmap_lane); }
static int serve_munmap(hc_call *c) { return each(c, munmap_lane); }
static int serve_msync(hc_call *c) { return each(c, msync_lane); }

/* ---------------------------------------------------------------------------------------------------- beside the kernels */
int64_t hc_mapping_preload(hc_server *s, const char *path) {
    hc_mapper *m = hc_server_part(s, HC_PART_MAPPING);
    hc_fs *fs = hc_server_part(s, HC_PART_FS);
    struct stat st;
    int fd = hc_paths_open(&fs->paths, (hc_start){.fd = -1}, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, false, NULL);
    if (fd < 0) return fd;
    int64_t r = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? st.st_size : -ENODEV;
    if (r > 0 && m->present && !m->identity) {
        pthread_mutex_lock(&m->table);
        hc_mapping w = {.dev = st.st_dev, .ino = st.st_ino, .size = (uint64_t)r, .changed = st.st_ctim, .bytes = pages((uint64_t)r),
                        .extent = (uint64_t)r, .fd = fd};
        uint32_t known = m->count;
        int64_t rc = known < HC_MOST_MAPPINGS ? map_file(m, &w, &st) : -ENOMEM;
        if (rc > 0) {
            hc_mapping *p = containing(m, (uint64_t)rc, w.bytes);
            p->refs--;
            p->keep = true; /* apart from the count, so that no munmap of a lane undoes it */
            if (m->count > known) fd = -1;
        } else {
            r = rc == -EBUSY ? -ETIMEDOUT : rc;
        }
        pthread_mutex_unlock(&m->table);
    }
    if (fd >= 0) close(fd);
    return r;
}

static void collect(hc_mapper *m, bool all) {
    bool current = false;
    for (hc_mapping *p = m->all, *next; p; p = next) {
        next = p->next;
        if (!all && (p->refs || p->keep)) continue;
        if (!m->identity && !current) current = m->set_current(m->context) == 0;
        if (all && p->copy && p->writes && p->refs) (void)write_back(p); /* as the end of a process does */
        if (!m->identity) (void)m->unregister_host(p->host);
        discard(m, p);
    }
    pthread_mutex_lock(&m->lock);
    while (m->orphans) {
        hc_orphan *o = m->orphans;
        m->orphans = o->next;
        if (!current) current = m->set_current(m->context) == 0;
        if (o->registered) (void)m->unregister_host(o->host);
        munmap(o->host, o->bytes);
        free(o);
    }
    pthread_mutex_unlock(&m->lock);
}

void hc_mapping_collect(hc_server *s) {
    hc_mapper *m = hc_server_part(s, HC_PART_MAPPING);
    pthread_mutex_lock(&m->table);
    if (m->present) collect(m, false);
    pthread_mutex_unlock(&m->table);
}

uint32_t hc_mapping_count(hc_server *s) {
    hc_mapper *m = hc_server_part(s, HC_PART_MAPPING);
    pthread_mutex_lock(&m->table);
    uint32_t n = m->count;
    pthread_mutex_unlock(&m->table);
    return n;
}

/* -------------------------------------------------------------------------------------------------------------- the family */
static void *mapping_create(hc_server *s) {
    (void)s;
    hc_mapper *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    m->patience_ns = HC_DRIVER_NS;
    pthread_mutex_init(&m->table, NULL);
    pthread_mutex_init(&m->lock, NULL);
    pthread_condattr_t a;
    pthread_condattr_init(&a);
    pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    pthread_cond_init(&m->changed, &a);
    pthread_condattr_destroy(&a);
    return m;
}

static void mapping_destroy(hc_server *s, void *part) {
    hc_mapper *m = part;
    (void)s;
    pthread_mutex_lock(&m->lock);
    m->closing = true;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
    if (m->started) pthread_join(m->thread, NULL);
    if (m->present) collect(m, true);
    /* The library stays loaded: the driver keeps threads of its own in it. */
    pthread_cond_destroy(&m->changed);
    pthread_mutex_destroy(&m->lock);
    pthread_mutex_destroy(&m->table);
    free(m);
}

static const struct hc_family_op OPS[] = {
    {HC_OP_MMAP, serve_mmap, "mmap", 4}, {HC_OP_MUNMAP, serve_munmap, "munmap", 2}, {HC_OP_MSYNC, serve_msync, "msync", 3}};

const hc_family hc_family_mapping = {
    .name = "mapping",
    .part = HC_PART_MAPPING,
    .create = mapping_create,
    .destroy = mapping_destroy,
    .ops = OPS,
    .nops = sizeof OPS / sizeof OPS[0],
};
