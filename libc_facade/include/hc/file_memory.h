/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands behind a FILE: a descriptor, or memory (fmemopen, open_memstream). The functions that move a FILE's bytes ask here. Not in OpenCL
 * C, where every FILE has a descriptor.
 */
#ifndef HC_FILE_MEMORY_H
#define HC_FILE_MEMORY_H
#include "fs.h"

#define HC_FILE_MEMORY 4096u
#define HC_ENOSPC 28

#if defined(HC_OPENCL)
#define hc_behind_write(f, p, n) hc_write_any((f)->fd, p, n)
#define hc_behind_read(f, p, n) hc_read_any((f)->fd, p, n)
#define hc_behind_seek(f, offset, whence) hc_do_lseek((f)->fd, offset, whence)
#define hc_behind_close(f) hc_do_close((f)->fd, 0, 0)
#else
typedef struct hc_memory { /* on the heap; hc_stream.process has its address */
    hc_u8 *base;
    hc_u64 room, length, at;
    char **text; /* open_memstream: where base and length are told; null: a buffer of fixed size */
    size_t *bytes;
    hc_u32 appends, own; /* own: the buffer came from here */
} hc_memory;
#define HC_MEMORY(f) HC_AT(hc_memory, (f)->process)

/* A NUL stands behind what was written, where there is room for one. */
HC_BODY hc_i64 hc_memory_write(hc_memory *m, const hc_u8 *from, hc_u64 n) {
    hc_u64 i;
    if (m->appends) m->at = m->length;
    if (m->text && m->at + n + 1u > m->room) {
        hc_u64 room = m->at + n + 1u > 2u * m->room ? m->at + n + 1u : 2u * m->room;
        hc_u8 *more = (hc_u8 *)hc_realloc(m->base, room);
        if (!more) return -HC_ENOMEM;
        m->base = more;
        m->room = room;
    }
    if (m->at >= m->room) return -HC_ENOSPC;
    if (n > m->room - m->at) n = m->room - m->at;
    if (m->text) { /* what was skipped; a buffer of the caller keeps what it has there */
        HC_ROLLED for (i = m->length; i < m->at; i++) m->base[i] = 0;
    }
    HC_ROLLED for (i = 0; i < n; i++) m->base[m->at + i] = from[i];
    m->at += n;
    if (m->at > m->length) {
        m->length = m->at;
        if (m->length < m->room) m->base[m->length] = 0;
    }
    if (m->text) {
        *m->text = (char *)m->base;
        *m->bytes = (size_t)m->at;
    }
    return (hc_i64)n;
}
HC_BODY hc_i64 hc_memory_read(hc_memory *m, hc_u8 *to, hc_u64 n) {
    hc_u64 i;
    if (m->at >= m->length) return 0;
    if (n > m->length - m->at) n = m->length - m->at;
    HC_ROLLED for (i = 0; i < n; i++) to[i] = m->base[m->at + i];
    m->at += n;
    return (hc_i64)n;
}
HC_BODY hc_i64 hc_memory_seek(hc_memory *m, hc_i64 offset, int whence) {
    hc_i64 from = whence == 1 ? (hc_i64)m->at : whence == 2 ? (hc_i64)m->length : 0;
    if (offset < -from || (!m->text && offset > (hc_i64)m->room - from)) return -HC_EINVAL;
    m->at = (hc_u64)(from + offset);
    if (m->text) *m->bytes = (size_t)(m->at < m->length ? m->at : m->length);
    return from + offset;
}
HC_BODY hc_i64 hc_memory_close(hc_memory *m) {
    if (m->text) { /* also if nothing was ever written */
        *m->text = (char *)m->base;
        *m->bytes = (size_t)(m->at < m->length ? m->at : m->length);
    }
    if (m->own) hc_free(m->base);
    hc_free(m);
    return 0;
}
HC_FN hc_i64 hc_behind_write(hc_stream *f, const void *p, hc_u64 n) {
    return (f->flags & HC_FILE_MEMORY) ? hc_memory_write(HC_MEMORY(f), (const hc_u8 *)p, n) : hc_write_any(f->fd, p, n);
}
HC_FN hc_i64 hc_behind_read(hc_stream *f, void *p, hc_u64 n) {
    return (f->flags & HC_FILE_MEMORY) ? hc_memory_read(HC_MEMORY(f), (hc_u8 *)p, n) : hc_read_any(f->fd, p, n);
}
HC_FN hc_i64 hc_behind_seek(hc_stream *f, hc_i64 offset, int whence) {
    return (f->flags & HC_FILE_MEMORY) ? hc_memory_seek(HC_MEMORY(f), offset, whence) : hc_do_lseek(f->fd, offset, whence);
}
HC_FN hc_i64 hc_behind_close(hc_stream *f) { return (f->flags & HC_FILE_MEMORY) ? hc_memory_close(HC_MEMORY(f)) : hc_do_close(f->fd, 0, 0); }
#endif

#endif
