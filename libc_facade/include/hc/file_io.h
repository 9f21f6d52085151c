/* SPDX-License-Identifier: Apache-2.0
 *
 * What the functions of stdio do with a FILE whose lock they hold: bytes in and out, and positions. Results are values or
 * negative errno, HC_FILE_END at the end of a file.
 */
#ifndef HC_FILE_IO_H
#define HC_FILE_IO_H
#include "file.h"

HC_DEFINE_WORDS_CALL(hc_do_flush, HC_OP_FLUSH, 0)

/* ----------------------------------------------------------------------------------------------------------------- bytes in, out */
#if defined(HC_HOST)
HC_FN void hc_stream_copy_in(HC_GLOBAL hc_u8 *to, const hc_u8 *from, hc_u64 n) { __builtin_memcpy(to, from, n); }
HC_FN void hc_stream_copy_out(hc_u8 *to, HC_GLOBAL const hc_u8 *from, hc_u64 n) { __builtin_memcpy(to, from, n); }
#else
/* Eight bytes at once where both sides are aligned to them. */
#define HC_DEFINE_STREAM_COPY(name, TO, FROM, ATTR)                                                                                      \
    HC_FN ATTR void name(TO hc_u8 *to, FROM const hc_u8 *from, hc_u64 n) {                                                               \
        hc_u64 i = 0;                                                                                                                    \
        if ((((hc_size)to | (hc_size)from) & 7u) == 0) {                                                                                 \
            HC_ROLLED for (; i + 8u <= n; i += 8u) *(TO hc_u64 *)(to + i) = *(FROM const hc_u64 *)(from + i);                            \
        }                                                                                                                                \
        HC_ROLLED for (; i < n; i++) to[i] = from[i];                                                                                    \
    }
#define HC_DEFINE_STREAM_COPY_IN(SPACE, ATTR, BODY) HC_DEFINE_STREAM_COPY(hc_stream_copy_in, HC_GLOBAL, SPACE, ATTR)
#define HC_DEFINE_STREAM_COPY_OUT(SPACE, ATTR, BODY) HC_DEFINE_STREAM_COPY(hc_stream_copy_out, SPACE, HC_GLOBAL, ATTR)
HC_FOR_IN(HC_DEFINE_STREAM_COPY_IN)
HC_FOR_OUT(HC_DEFINE_STREAM_COPY_OUT)
#endif

#define HC_DEFINE_STREAM_WRITE(SPACE, ATTR, BODY)                                                                                        \
    /* Length of a text up to its last newline. */                                                                                       \
    HC_FN ATTR hc_u64 hc_stream_lines(SPACE const hc_u8 *p, hc_u64 n) {                                                                  \
        HC_ROLLED while (n && p[n - 1u] != '\n') n--;                                                                                    \
        return n;                                                                                                                        \
    }                                                                                                                                    \
    /* Straight to the descriptor. Bytes written; *rc says why not all. */                                                               \
    BODY ATTR hc_u64 hc_stream_write_through(HC_GLOBAL hc_stream *f, SPACE const hc_u8 *p, hc_u64 n, HC_PRIVATE hc_i64 *rc) {            \
        hc_u64 done = 0;                                                                                                                 \
        hc_i64 r = f->at ? hc_stream_drain(f) : 0;                                                                                       \
        HC_ROLLED while (r >= 0 && done < n) {                                                                                           \
            r = hc_behind_write(f, (SPACE const void *)(p + done), n - done);                                                           \
            if (r == 0) r = -HC_EIO;                                                                                                     \
            if (r > 0) done += (hc_u64)r;                                                                                                \
        }                                                                                                                                \
        if (r < 0) {                                                                                                                     \
            f->flags |= HC_FILE_ERROR;                                                                                                   \
            *rc = r;                                                                                                                     \
        }                                                                                                                                \
        return done;                                                                                                                     \
    }                                                                                                                                    \
    /* Into the buffer, which is written when it is full. */                                                                             \
    BODY ATTR hc_u64 hc_stream_write_full(HC_GLOBAL hc_stream *f, SPACE const hc_u8 *p, hc_u64 n, HC_PRIVATE hc_i64 *rc) {               \
        hc_u64 done = 0;                                                                                                                 \
        HC_ROLLED while (done < n) {                                                                                                     \
            hc_u64 room = f->size - f->at, part = n - done < room ? n - done : room;                                                     \
            if (!f->at && n - done >= f->size) return done + hc_stream_write_through(f, p + done, n - done, rc);                         \
            hc_stream_copy_in(HC_AT(hc_u8, f->buffer) + f->at, p + done, part);                                                          \
            f->at += (hc_u32)part;                                                                                                       \
            done += part;                                                                                                                \
            if (f->at < f->size || done == n) continue;                                                                                  \
            *rc = hc_stream_drain(f);                                                                                                    \
            if (*rc < 0) return done;                                                                                                    \
        }                                                                                                                                \
        return done;                                                                                                                     \
    }                                                                                                                                    \
    /* Bytes taken; *rc is negative where those are not all. */                                                                          \
    BODY ATTR hc_u64 hc_stream_write(HC_GLOBAL hc_stream *f, SPACE const void *from, hc_u64 n, HC_PRIVATE hc_i64 *rc) {                  \
        SPACE const hc_u8 *p = (SPACE const hc_u8 *)from;                                                                                \
        hc_u64 head, done;                                                                                                               \
        *rc = hc_stream_to_write(f);                                                                                                     \
        if (*rc < 0 || !n) return 0;                                                                                                     \
        if (f->flags & HC_FILE_NONE) return hc_stream_write_through(f, p, n, rc);                                                        \
        head = (f->flags & HC_FILE_LINE) ? hc_stream_lines(p, n) : 0;                                                                    \
        done = hc_stream_write_full(f, p, head ? head : n, rc);                                                                          \
        if (*rc < 0 || !head) return done;                                                                                               \
        *rc = hc_stream_drain(f);                                                                                                        \
        if (*rc < 0) return done;                                                                                                        \
        return done + hc_stream_write_full(f, p + done, n - done, rc);                                                                   \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_stream_write_all(HC_GLOBAL hc_stream *f, SPACE const void *from, hc_u64 n) {                                    \
        hc_i64 rc;                                                                                                                       \
        hc_u64 done = hc_stream_write(f, from, n, &rc);                                                                                  \
        return rc < 0 && (done < n || !n) ? rc : (hc_i64)done;                                                                           \
    }
HC_FOR_IN(HC_DEFINE_STREAM_WRITE)

HC_BODY hc_i64 hc_stream_put(HC_GLOBAL hc_stream *f, hc_u32 byte) {
    hc_i64 r;
    hc_u8 one;
    if ((f->flags & (HC_FILE_WRITING | HC_FILE_LINE | HC_FILE_NONE)) == HC_FILE_WRITING && f->at < f->size) {
        HC_AT(hc_u8, f->buffer)[f->at++] = (hc_u8)byte;
        return (hc_i64)(byte & 255u);
    }
    one = (hc_u8)byte;
    r = hc_stream_write_all(f, (HC_PRIVATE const void *)&one, 1);
    return r < 0 ? r : (hc_i64)(byte & 255u);
}

#define HC_DEFINE_STREAM_READ(SPACE, ATTR, BODY)                                                                                         \
    /* Bytes read; *rc is negative where those are not all. */                                                                           \
    BODY ATTR hc_u64 hc_stream_read(HC_GLOBAL hc_stream *f, SPACE void *to, hc_u64 n, HC_PRIVATE hc_i64 *rc) {                           \
        SPACE hc_u8 *p = (SPACE hc_u8 *)to;                                                                                              \
        hc_u64 done = 0;                                                                                                                 \
        *rc = hc_stream_to_read(f);                                                                                                      \
        if (*rc < 0) return 0;                                                                                                           \
        HC_ROLLED while (done < n) {                                                                                                     \
            if (f->at < f->end) {                                                                                                        \
                hc_u64 part = n - done < f->end - f->at ? n - done : f->end - f->at;                                                     \
                hc_stream_copy_out(p + done, HC_AT(const hc_u8, f->buffer) + f->at, part);                                               \
                f->at += (hc_u32)part;                                                                                                   \
                done += part;                                                                                                            \
                continue;                                                                                                                \
            }                                                                                                                            \
            if (n - done >= f->size && !(f->flags & (HC_FILE_EOF | HC_FILE_NONE))) {                                                     \
                hc_i64 r = hc_behind_read(f, (SPACE void *)(p + done), n - done);                                                       \
                *rc = hc_stream_note(f, r);                                                                                              \
                if (r > 0) done += (hc_u64)r;                                                                                            \
                f->at = HC_FILE_BACK;                                                                                                    \
                f->end = HC_FILE_BACK;                                                                                                   \
            } else {                                                                                                                     \
                *rc = hc_stream_fill(f);                                                                                                 \
            }                                                                                                                            \
            if (*rc < 0) return done;                                                                                                    \
        }                                                                                                                                \
        *rc = 0;                                                                                                                         \
        return done;                                                                                                                     \
    }                                                                                                                                    \
    /* A line with its newline, as far as it fits. Its length, HC_FILE_END if there was nothing, or a negative errno. */                 \
    BODY ATTR hc_i64 hc_stream_line(HC_GLOBAL hc_stream *f, SPACE char *to, int size) {                                                  \
        hc_i64 n = 0, r = 0;                                                                                                             \
        if (size <= 0) return -HC_EINVAL;                                                                                                \
        HC_ROLLED while (n < size - 1) {                                                                                                 \
            r = hc_stream_next(f);                                                                                                       \
            if (r < 0) break;                                                                                                            \
            to[n++] = (char)r;                                                                                                           \
            if (r == '\n') break;                                                                                                        \
        }                                                                                                                                \
        if (r < 0 && (n == 0 || r != HC_FILE_END)) return r;                                                                             \
        to[n] = 0;                                                                                                                       \
        return n;                                                                                                                        \
    }
HC_FOR_OUT(HC_DEFINE_STREAM_READ)

HC_BODY hc_i64 hc_stream_push_back(HC_GLOBAL hc_stream *f, int c) {
    hc_i64 r;
    if (c == HC_EOF) return HC_FILE_END;
    r = hc_stream_to_read(f);
    if (r < 0) return r;
    if (f->at == 0) return -HC_ENOMEM;
    HC_AT(hc_u8, f->buffer)[--f->at] = (hc_u8)c;
    f->flags &= ~HC_FILE_EOF;
    return (hc_i64)(hc_u8)c;
}

/* --------------------------------------------------------------------------------------------------------------------- positions */
/* Unwritten bytes are written, unread ones given back. */
HC_BODY hc_i64 hc_stream_flush(HC_GLOBAL hc_stream *f) {
    hc_i64 r;
    if (f->flags & HC_FILE_POSTED) return hc_do_flush(0, 0, 0);
    if (f->flags & HC_FILE_WRITING) return hc_stream_drain(f);
    r = hc_stream_unread(f);
    return r == -HC_ESPIPE ? 0 : r;
}
HC_BODY hc_i64 hc_stream_seek(HC_GLOBAL hc_stream *f, hc_i64 offset, int whence) {
    hc_i64 r = 0;
    if (whence < 0 || whence > 2) return -HC_EINVAL;
    if (f->flags & HC_FILE_POSTED) r = hc_do_flush(0, 0, 0);
    else if (f->flags & HC_FILE_WRITING) r = hc_stream_drain(f);
    else if (whence == 1) offset -= (hc_i64)(f->end - f->at);
    if (r < 0) return r;
    r = hc_behind_seek(f, offset, whence);
    if (r < 0) return r;
    f->flags &= ~(HC_FILE_EOF | HC_FILE_WRITING);
    f->at = HC_FILE_BACK;
    f->end = HC_FILE_BACK;
    return 0;
}
HC_BODY hc_i64 hc_stream_tell(HC_GLOBAL hc_stream *f) {
    int writing = (f->flags & HC_FILE_WRITING) != 0;
    hc_i64 r;
    if (f->flags & HC_FILE_POSTED) (void)hc_do_flush(0, 0, 0);
    r = hc_behind_seek(f, 0, writing && f->at && (f->flags & HC_FILE_APPENDS) ? 2 : 1);
    if (r < 0) return r;
    return writing ? r + (hc_i64)f->at : r - (hc_i64)(f->end - f->at);
}
/* How it is buffered, from now on: 0 full, 1 lines, 2 not. A buffer of the caller's is not used, its size is. */
HC_BODY hc_i64 hc_stream_choose(HC_GLOBAL hc_stream *f, int mode, hc_u64 size) {
    hc_i64 r;
    if (mode < 0 || mode > 2) return -HC_EINVAL;
    if (f->flags & HC_FILE_POSTED) return 0;
    r = hc_stream_flush(f);
    if (r < 0) return r;
    if (f->flags & HC_FILE_WRITING || f->at == f->end) { /* nothing in it: the next one is as it is asked for */
        hc_stream_no_buffer(f);
        f->flags &= ~HC_FILE_WRITING;
        f->at = HC_FILE_BACK;
        f->end = HC_FILE_BACK;
        if (size > 0x40000000u) size = 0x40000000u;
        f->size = mode == 2 ? 0 : (hc_u32)size;
    }
    f->flags = (f->flags & ~(HC_FILE_LINE | HC_FILE_NONE)) | HC_FILE_CHOSEN | (mode == 1 ? HC_FILE_LINE : mode == 2 ? HC_FILE_NONE : 0);
    return 0;
}

#endif
