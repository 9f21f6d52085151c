/* SPDX-License-Identifier: Apache-2.0
 *
 * How a FILE comes to its descriptor and how it leaves it: fopen, fdopen, freopen, tmpfile, popen, fclose.
 */
#ifndef HC_FILE_OPEN_H
#define HC_FILE_OPEN_H
#include "env.h"
#include "file_io.h"

HC_DEFINE_WORDS_CALL(hc_do_file_flags, HC_OP_FCNTL, 3)
HC_DEFINE_WORDS_CALL(hc_do_pclose, HC_OP_PCLOSE, 1)
#define HC_F_GETFL 3
#define HC_F_SETFL 4

#define HC_O_RDWR 02
#define HC_O_WRONLY 01
#define HC_O_EXCL 0200
#define HC_O_TRUNC 01000
#define HC_O_APPEND 02000
/* Flags of open for a mode as in fopen, or -EINVAL. Letters that mean nothing here are passed over. */
HC_BODY int hc_stream_mode(HC_CONSTANT const char *mode) {
    int flags, i;
    if (!mode) return -HC_EFAULT;
    if (mode[0] == 'r') flags = 0;
    else if (mode[0] == 'w') flags = HC_O_WRONLY | HC_O_CREAT | HC_O_TRUNC;
    else if (mode[0] == 'a') flags = HC_O_WRONLY | HC_O_CREAT | HC_O_APPEND;
    else return -HC_EINVAL;
    HC_ROLLED for (i = 1; i < 8 && mode[i] && mode[i] != ','; i++) {
        if (mode[i] == '+') flags = (flags & ~HC_O_WRONLY) | HC_O_RDWR;
        if (mode[i] == 'x') flags |= HC_O_EXCL;
        if (mode[i] == 'e') flags |= HC_O_CLOEXEC;
    }
    return flags;
}
HC_FN hc_u32 hc_stream_ways(int flags) {
    hc_u32 ways = (flags & HC_O_RDWR) ? HC_FILE_READS | HC_FILE_WRITES : (flags & HC_O_WRONLY) ? HC_FILE_WRITES : HC_FILE_READS;
    return (flags & HC_O_APPEND) ? ways | HC_FILE_APPENDS : ways;
}
HC_FN void hc_stream_opened(HC_GLOBAL hc_stream *f, int fd, int flags) {
    /* What fopen opens is never a terminal: nobody has to be asked. */
    hc_stream_install(f, fd, hc_stream_ways(flags) | HC_FILE_CHOSEN);
    if ((flags & HC_O_APPEND) && !(flags & HC_O_RDWR)) (void)hc_do_lseek(fd, 0, 2);
}
#define HC_DEFINE_STREAM_OPEN(SPACE, ATTR, BODY)                                                                                         \
    BODY ATTR hc_i64 hc_stream_open(SPACE const char *path, HC_CONSTANT const char *mode, HC_PRIVATE hc_u64 *file) {                     \
        hc_mask here = hc_active_mask();                                                                                                 \
        HC_GLOBAL hc_stream *f;                                                                                                          \
        int flags = hc_stream_mode(mode);                                                                                                \
        hc_i64 fd;                                                                                                                       \
        *file = 0;                                                                                                                       \
        f = flags < 0 ? (HC_GLOBAL hc_stream *)0 : hc_stream_reserve();                                                                  \
        hc_warp_sync(here);                                                                                                              \
        if (flags < 0) return flags;                                                                                                     \
        if (!f) return hc_client_address() ? -HC_EMFILE : -HC_ENODEV;                                                                    \
        fd = hc_do_open(path, HC_AT_FDCWD, flags, 0666);                                                                                 \
        if (fd < 0) hc_stream_cancel(f);                                                                                                 \
        else {                                                                                                                           \
            hc_stream_opened(f, (int)fd, flags);                                                                                         \
            *file = (hc_u64)(size_t)f;                                                                                                   \
        }                                                                                                                                \
        return fd < 0 ? fd : 0;                                                                                                          \
    }
HC_FOR_IN(HC_DEFINE_STREAM_OPEN)

HC_BODY hc_i64 hc_stream_adopt(int fd, HC_CONSTANT const char *mode, HC_PRIVATE hc_u64 *file) {
    HC_GLOBAL hc_stream *f;
    int flags = hc_stream_mode(mode);
    hc_i64 r;
    *file = 0;
    if (flags < 0) return flags;
    r = fd < 0 ? -HC_EBADF : hc_do_file_flags(fd, HC_F_GETFL, 0);
    if (r < 0) return r;
    if ((r & 3) != HC_O_RDWR && ((r & 3) == HC_O_WRONLY) != ((flags & (HC_O_WRONLY | HC_O_RDWR)) == HC_O_WRONLY)) return -HC_EINVAL;
    if ((flags & HC_O_RDWR) && (r & 3) != HC_O_RDWR) return -HC_EINVAL;
    if ((flags & HC_O_APPEND) && !(r & HC_O_APPEND)) (void)hc_do_file_flags(fd, HC_F_SETFL, r | HC_O_APPEND);
    f = hc_stream_reserve();
    if (!f) return -HC_EMFILE;
    hc_stream_install(f, fd, hc_stream_ways(flags));
    *file = (hc_u64)(size_t)f;
    return 0;
}
/* Everything but the entry itself: what is unwritten, the descriptor, the buffer. The first thing that went wrong, or 0. */
HC_BODY hc_i64 hc_stream_shut(HC_GLOBAL hc_stream *f, int keep_descriptor) {
    hc_i64 r = hc_stream_flush(f), closed = keep_descriptor ? 0 : hc_behind_close(f);
    hc_stream_no_buffer(f);
    f->flags = 0;
    f->at = HC_FILE_BACK;
    f->end = HC_FILE_BACK;
    return r < 0 ? r : closed;
}
/* 0, of popen the status of its process, or a negative errno. */
HC_BODY hc_i64 hc_stream_close(HC_GLOBAL hc_stream *f) {
    int process = (f->flags & HC_FILE_PROCESS) != 0;
    hc_i64 r = hc_stream_shut(f, 0), status = process ? hc_do_pclose((hc_i64)f->process, 0, 0) : 0;
    hc_stream_retire(f);
    f->depth = 1; /* who has it locked besides has nothing more to unlock */
    return process ? status : r;
}

/* What a descriptor that is now called `fd` is for the stream. Of stdout and stderr the bytes are still posted: the server sends what is
 * posted where their descriptor goes. */
HC_BODY hc_i64 hc_stream_take_over(HC_GLOBAL hc_stream *f, hc_i64 fd, int flags) {
    hc_u32 index = hc_stream_index(f), ways = hc_stream_ways(flags) | HC_FILE_CHOSEN;
    if (index < 3u && fd != (hc_i64)index) {
        hc_i64 r = hc_do_dup(fd, index, 0);
        (void)hc_do_close(fd, 0, 0);
        if (r < 0) return r;
        fd = index;
    }
    if (index && index < 3u && (ways & HC_FILE_WRITES)) ways |= HC_FILE_POSTED;
    f->fd = (hc_i32)fd;
    f->flags = ways;
    if ((ways & HC_FILE_APPENDS) && !(ways & HC_FILE_READS)) (void)hc_do_lseek(fd, 0, 2);
    return 0;
}
/* Closes what the stream has, whatever that says, and opens the path for it. Without a path only the way is another, as far as the
 * descriptor allows it. */
#define HC_DEFINE_STREAM_REOPEN(SPACE, ATTR, BODY)                                                                                       \
    BODY ATTR hc_i64 hc_stream_reopen(HC_GLOBAL hc_stream *f, SPACE const char *path, HC_CONSTANT const char *mode) {                    \
        int flags = hc_stream_mode(mode);                                                                                                \
        hc_i64 r;                                                                                                                        \
        (void)hc_stream_shut(f, !path || flags < 0 || hc_stream_index(f) < 3u); /* the three keep their number, so that nobody else gets it */ \
        if (flags < 0) r = flags;                                                                                                        \
        else if (path) r = hc_do_open(path, HC_AT_FDCWD, flags, 0666);                                                                   \
        else {                                                                                                                           \
            r = hc_do_file_flags(f->fd, HC_F_GETFL, 0);                                                                                  \
            if (r >= 0 && (r & 3) != HC_O_RDWR && (r & 3) != (flags & 3)) r = -HC_EBADF;                                                 \
            if (r >= 0) r = f->fd;                                                                                                       \
        }                                                                                                                                \
        if (r >= 0) r = hc_stream_take_over(f, r, flags);                                                                                \
        if (r >= 0) return 0;                                                                                                            \
        if (!path || flags < 0 || hc_stream_index(f) < 3u) (void)hc_do_close(f->fd, 0, 0);                                               \
        hc_stream_retire(f);                                                                                                             \
        f->depth = 1;                                                                                                                    \
        return r;                                                                                                                        \
    }
HC_FOR_IN(HC_DEFINE_STREAM_REOPEN)

/* -------------------------------------------------------------------------------------------------------- files without a name */
#define HC_NAME_TRIES 100u
/* "…XXXXXX": letters and digits for the last six of n characters. */
HC_BODY hc_i64 hc_random_name(HC_PRIVATE char *to, hc_u32 n) {
    hc_u64 bits = 0;
    hc_i64 r = hc_do_getrandom((HC_PRIVATE void *)&bits, 8, 0);
    hc_u32 i;
    if (r != 8) return r < 0 ? r : -HC_EIO;
    HC_ROLLED for (i = n - 6u; i < n; i++, bits /= 62u) {
        hc_u32 digit = (hc_u32)(bits % 62u);
        to[i] = (char)(digit < 10u ? '0' + digit : digit < 36u ? 'a' + digit - 10u : 'A' + digit - 36u);
    }
    return 0;
}
/* A file in a folder, gone when it is closed: without a name where the file system can, else with one for a moment. */
HC_BODY hc_i64 hc_temporary_in(HC_CONSTANT const char *folder, hc_u32 length) {
    char path[20];
    hc_u32 i, tries;
    hc_i64 fd = hc_do_open(folder, HC_AT_FDCWD, HC_O_TMPFILE | HC_O_RDWR | HC_O_EXCL, 0600);
    if (fd >= 0) return fd;
    HC_ROLLED for (i = 0; i < length; i++) path[i] = folder[i];
    path[i++] = '/';
    HC_ROLLED for (; i < length + 5u; i++) path[i] = "/hct"[i - length];
    path[i + 6u] = 0;
    HC_ROLLED for (tries = 0; tries < HC_NAME_TRIES; tries++) {
        hc_i64 r = hc_random_name(path, i + 6u);
        if (r < 0) return r;
        fd = hc_do_open((HC_PRIVATE const char *)path, HC_AT_FDCWD, HC_O_RDWR | HC_O_CREAT | HC_O_EXCL, 0600);
        if (fd == -17) continue; /* EEXIST */
        if (fd >= 0) (void)hc_do_unlink((HC_PRIVATE const char *)path, HC_AT_FDCWD, 0, 0);
        return fd;
    }
    return fd;
}
HC_BODY hc_i64 hc_stream_temporary(HC_PRIVATE hc_u64 *file) {
    HC_GLOBAL hc_stream *f = hc_stream_reserve();
    hc_i64 fd;
    *file = 0;
    if (!f) return hc_client_address() ? -HC_EMFILE : -HC_ENODEV;
    fd = hc_temporary_in("/tmp", 4);
    if (fd < 0) fd = hc_temporary_in(".", 1); /* outside the roots there is no /tmp */
    if (fd < 0) {
        hc_stream_cancel(f);
        return fd;
    }
    hc_stream_opened(f, (int)fd, HC_O_RDWR);
    *file = (hc_u64)(size_t)f;
    return 0;
}

/* ------------------------------------------------------------------------------------------------------------------------ memory */
#if !defined(HC_OPENCL)
HC_BODY hc_i64 hc_stream_memory(hc_memory **memory, hc_u32 ways, hc_u64 *file) {
    hc_stream *f = hc_stream_reserve();
    hc_u32 i;
    *file = 0;
    if (!f) return hc_client_address() ? -HC_EMFILE : -HC_ENODEV;
    *memory = (hc_memory *)hc_malloc(sizeof(hc_memory));
    if (!*memory) {
        hc_stream_cancel(f);
        return -HC_ENOMEM;
    }
    HC_ROLLED for (i = 0; i < sizeof(hc_memory) / 8u; i++) ((hc_u64 *)*memory)[i] = 0;
    hc_stream_install(f, -1, ways | HC_FILE_CHOSEN | HC_FILE_MEMORY);
    f->process = (hc_u64)(size_t)*memory;
    *file = (hc_u64)(size_t)f;
    return 0;
}
HC_BODY hc_i64 hc_stream_of_buffer(void *buffer, hc_u64 size, const char *mode, hc_u64 *file) {
    hc_memory *m;
    int flags = hc_stream_mode(mode);
    hc_u8 *base = (hc_u8 *)buffer;
    hc_i64 r;
    *file = 0;
    if (flags < 0) return flags;
    if (!base) base = (hc_u8 *)hc_calloc(size ? size : 1u, 1u);
    if (!base) return -HC_ENOMEM;
    r = hc_stream_memory(&m, hc_stream_ways(flags), file);
    if (r < 0) {
        if (!buffer) hc_free(base);
        return r;
    }
    m->base = base;
    m->room = size;
    m->own = !buffer;
    m->appends = (flags & HC_O_APPEND) != 0;
    if ((flags & HC_O_TRUNC) && (flags & HC_O_RDWR) && size) base[0] = 0; /* as glibc: w alone leaves what is there */
    if (!(flags & HC_O_TRUNC)) m->length = (flags & (HC_O_RDWR | HC_O_WRONLY)) ? hc_text_length((const char *)base, size) : size;
    if (m->appends) m->at = m->length;
    return 0;
}
HC_BODY hc_i64 hc_stream_of_growing(char **text, size_t *bytes, hc_u64 *file) {
    hc_memory *m;
    hc_i64 r;
    *file = 0;
    if (!text || !bytes) return -HC_EINVAL;
    r = hc_stream_memory(&m, HC_FILE_WRITES, file);
    if (r < 0) return r;
    m->text = text;
    m->bytes = bytes;
    m->room = 128;
    m->base = (hc_u8 *)hc_calloc(m->room, 1u);
    if (!m->base) m->room = 0; /* the first write tries again, and says so */
    return 0;
}
#endif

/* --------------------------------------------------------------------------------------------------------------------- processes */
#define HC_DEFINE_STREAM_POPEN(SPACE, ATTR, BODY)                                                                                        \
    HC_PATH_BODY(hc_do_popen, HC_OP_POPEN, 2, SPACE, ATTR, BODY)                                                                         \
    BODY ATTR hc_i64 hc_stream_popen(SPACE const char *command, HC_CONSTANT const char *type, HC_PRIVATE hc_u64 *file) {                 \
        HC_GLOBAL hc_stream *f;                                                                                                          \
        int writes = type && type[0] == 'w';                                                                                             \
        hc_i64 r;                                                                                                                        \
        *file = 0;                                                                                                                       \
        if (!type || (type[0] != 'r' && type[0] != 'w') || (type[1] && (type[1] != 'e' || type[2]))) return -HC_EINVAL;                  \
        f = hc_stream_reserve();                                                                                                         \
        if (!f) return hc_client_address() ? -HC_EMFILE : -HC_ENODEV;                                                                    \
        r = hc_do_popen(command, writes, 0, 0);                                                                                          \
        if (r < 0) {                                                                                                                     \
            hc_stream_cancel(f);                                                                                                         \
            return r;                                                                                                                    \
        }                                                                                                                                \
        hc_stream_install(f, (int)(hc_u32)r, (writes ? HC_FILE_WRITES : HC_FILE_READS) | HC_FILE_CHOSEN | HC_FILE_PROCESS);              \
        f->process = (hc_u64)r >> 32;                                                                                                    \
        *file = (hc_u64)(size_t)f;                                                                                                       \
        return 0;                                                                                                                        \
    }
HC_FOR_IN(HC_DEFINE_STREAM_POPEN)

#endif
