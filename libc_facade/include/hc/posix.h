/* SPDX-License-Identifier: Apache-2.0
 *
 * What the POSIX headers share: types, and the ways in which a lane's bytes travel. Nothing here knows what a call means.
 */
#ifndef HC_POSIX_H
#define HC_POSIX_H
#include "errno.h"
#include "format.h"

/* Under nvcc these are the host's own types: one translation unit holds both sides. */
#if defined(HC_NVCC)
typedef struct timespec hc_timespec_t;
typedef struct timeval hc_timeval_t;
typedef struct timezone hc_timezone_t;
typedef struct dirent hc_dirent_t;
typedef struct iovec hc_iovec_t;
struct hc_stat : public stat {};
#else
typedef struct hc_timespec {
    hc_long tv_sec, tv_nsec;
} hc_timespec_t;
typedef struct hc_timeval {
    hc_long tv_sec, tv_usec;
} hc_timeval_t;
typedef struct hc_timezone {
    int tz_minuteswest, tz_dsttime;
} hc_timezone_t;
typedef struct hc_dirent {
    hc_u64 d_ino;
    hc_i64 d_off;
    hc_u16 d_reclen;
    hc_u8 d_type;
    char d_name[256];
} hc_dirent_t;
typedef struct hc_iovec {
    HC_GLOBAL void *iov_base;
    size_t iov_len;
} hc_iovec_t;
struct hc_stat {
    hc_u64 st_dev, st_ino, st_nlink;
    hc_u32 st_mode, st_uid, st_gid;
    hc_u64 st_rdev;
    hc_long st_size, st_blksize, st_blocks;
    hc_timespec_t st_atim, st_mtim, st_ctim;
};
#endif

#define HC_AT_FDCWD (-100)
#define HC_AT_SYMLINK_NOFOLLOW 0x100
#define HC_AT_REMOVEDIR 0x200
#define HC_O_DIRECTORY 0200000
#define HC_O_CLOEXEC 02000000
#define HC_O_CREAT 0100
#define HC_O_TMPFILE 020200000
#define HC_PATH_MAX 4096u
#define HC_IOV_MAX 1024

/* A buffer of this size and up crosses by its address where the host can reach it: below, a copy is cheaper than the look-up. */
#define HC_BYREF_MIN 4096u

/* ----------------------------------------------------------------------------------------------------------------- transactions
 * One copy of the machinery for the whole facade: it is large, and a kernel uses many functions. Lanes that enter together stay
 * together, so the packet is that of the facade function's caller. */
HC_BODY void hc_posix_begin(HC_PRIVATE hc_txn *t, hc_u32 op, hc_u32 nargs, hc_u64 bytes, hc_u32 flags) { hc_begin(t, op, nargs, bytes, flags); }
HC_BODY hc_i64 hc_posix_send(HC_PRIVATE hc_txn *t, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3) {
    return hc_send(t, a0, a1, a2, a3, 0, 0);
}
HC_BODY void hc_posix_end(HC_PRIVATE hc_txn *t) { hc_end(t); }

/* ---------------------------------------------------------------------------------------------------------- calls without bytes */
#define HC_DEFINE_WORDS_CALL(name, op, nargs)                                                                                            \
    HC_BODY hc_i64 name(hc_i64 a0, hc_i64 a1, hc_i64 a2) {                                                                               \
        hc_txn t;                                                                                                                        \
        hc_posix_begin(&t, op, nargs, 0, 0);                                                                                                 \
        return hc_posix_send(&t, a0, a1, a2, 0);                                                                                     \
    }

#define HC_DEFINE_WORDS_CALL_4(name, op)                                                                                                 \
    HC_BODY hc_i64 name(hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3) {                                                                    \
        hc_txn t;                                                                                                                        \
        hc_posix_begin(&t, op, 4, 0, 0);                                                                                                 \
        return hc_posix_send(&t, a0, a1, a2, a3);                                                                                        \
    }

/* ---------------------------------------------------------------------------------------------------------------------- strings */
/* Length of a string; no further than `most`. */
#define HC_DEFINE_TEXT(SPACE, ATTR, BODY)                                                                                                \
    HC_FN ATTR hc_u64 hc_text_length(SPACE const char *text, hc_u64 most) {                                                              \
        hc_u64 n = 0;                                                                                                                    \
        HC_ROLLED while (n < most && text[n]) n++;                                                                                       \
        return n;                                                                                                                        \
    }                                                                                                                                    \
    /* Length of a path without its NUL, or what is wrong with it. */                                                                    \
    HC_FN ATTR hc_i64 hc_path_length(SPACE const char *path) {                                                                           \
        hc_u64 n;                                                                                                                        \
        if (!path) return -HC_EFAULT;                                                                                                    \
        n = hc_text_length(path, HC_PATH_MAX);                                                                                           \
        return n == HC_PATH_MAX ? -HC_ENAMETOOLONG : (hc_i64)n;                                                                          \
    }
HC_FOR_IN(HC_DEFINE_TEXT)

/* A call with a path: argument 0 is its length. Lengths differ between lanes, so they meet again before the packet is made. */
#define HC_PATH_BODY(name, op, nargs, SPACE, ATTR, BODY)                                                                                 \
    BODY ATTR hc_i64 name(SPACE const char *path, hc_i64 a1, hc_i64 a2, hc_i64 a3) {                                                     \
        hc_txn t;                                                                                                                        \
        hc_mask here = hc_active_mask();                                                                                                 \
        hc_i64 n = hc_path_length(path), r;                                                                                              \
        hc_warp_sync(here);                                                                                                              \
        if (n < 0) return n;                                                                                                             \
        hc_posix_begin(&t, op, nargs, (hc_u64)n, HC_IN);                                                                                     \
        if (!t.err) hc_put(&t, 0, path, (hc_u64)n);                                                                                      \
        r = hc_posix_send(&t, n, a1, a2, a3);                                                                                        \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }

/* A call with two texts, the second at the next multiple of 16: argument 0 is the bytes of both, argument 3 those of the first. */
#define HC_TWO_PATHS_BODY(name, op, words, FIRST, SECOND, ATTR, BODY)                                                                    \
    BODY ATTR hc_i64 name(FIRST const char *first, SECOND const char *last, hc_i64 a1, hc_i64 a2, hc_i64 a4) {                           \
        hc_txn t;                                                                                                                        \
        hc_mask here = hc_active_mask();                                                                                                 \
        hc_i64 n = hc_path_length(first), m = hc_path_length(last), r;                                                                   \
        hc_u64 second;                                                                                                                   \
        hc_warp_sync(here);                                                                                                              \
        if (n < 0) return n;                                                                                                             \
        if (m < 0) return m;                                                                                                             \
        second = hc_round16((hc_u64)n);                                                                                                  \
        hc_posix_begin(&t, op, words, second + (hc_u64)m, HC_IN);                                                                        \
        if (!t.err) {                                                                                                                    \
            hc_put(&t, 0, first, (hc_u64)n);                                                                                             \
            hc_put(&t, second, last, (hc_u64)m);                                                                                         \
            /* Inline words are awaited by their tags: the gap between the texts is one too. */                                          \
            if (t.kind == HC_PAY_INLINE && second - (hc_u64)n >= 8u)                                                                     \
                hc_put_word(hc_tail_at(&t, t.nargs * t.lanes + (hc_u32)((t.offset + second) / 8u) - 1u), 0, t.seq);                      \
        }                                                                                                                                \
        r = hc_send(&t, (hc_i64)second + m, a1, a2, n, a4, 0);                                                                           \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }
#if defined(HC_OPENCL)
#define HC_FOR_TWO_FIRST(X, SPACE, ATTR, BODY)                                                                                           \
    X(SPACE, __private, ATTR, BODY) X(SPACE, __global, ATTR, BODY) X(SPACE, __constant, ATTR, BODY) X(SPACE, __local, ATTR, HC_LOCAL_BODY)
#define HC_FOR_TWO_OUT(X, SPACE, ATTR, BODY) X(SPACE, __private, ATTR, BODY) X(SPACE, __global, ATTR, BODY) X(SPACE, __local, ATTR, HC_LOCAL_BODY)
/* X(space, space of another parameter, attributes, body qualifier): what is read and read, or read and written. */
#define HC_FOR_IN_IN(X)                                                                                                                  \
    HC_FOR_TWO_FIRST(X, __private, HC_OVERLOAD, HC_BODY) HC_FOR_TWO_FIRST(X, __global, HC_OVERLOAD, HC_BODY)                             \
    HC_FOR_TWO_FIRST(X, __constant, HC_OVERLOAD, HC_BODY) HC_FOR_TWO_FIRST(X, __local, HC_OVERLOAD, HC_LOCAL_BODY)
#define HC_FOR_IN_OUT(X)                                                                                                                 \
    HC_FOR_TWO_OUT(X, __private, HC_OVERLOAD, HC_BODY) HC_FOR_TWO_OUT(X, __global, HC_OVERLOAD, HC_BODY)                                 \
    HC_FOR_TWO_OUT(X, __constant, HC_OVERLOAD, HC_BODY) HC_FOR_TWO_OUT(X, __local, HC_OVERLOAD, HC_LOCAL_BODY)
#else
#define HC_FOR_IN_IN(X) X(, , , HC_BODY)
#define HC_FOR_IN_OUT(X) X(, , , HC_BODY)
#endif

/* A call with a path that is answered by bytes: argument 0 is the room, argument 3 the length of the path. */
#define HC_PATH_REPLY_BODY(name, op, IN, OUT, ATTR, BODY)                                                                                \
    BODY ATTR hc_i64 name(IN const char *path, OUT void *to, hc_u64 room, hc_i64 a1, hc_i64 a2) {                                        \
        hc_txn t;                                                                                                                        \
        hc_mask here = hc_active_mask();                                                                                                 \
        hc_i64 n = hc_path_length(path), r;                                                                                              \
        hc_u64 bytes;                                                                                                                    \
        hc_warp_sync(here);                                                                                                              \
        if (n < 0) return n;                                                                                                             \
        bytes = (hc_u64)n > room ? (hc_u64)n : room;                                                                                     \
        hc_posix_begin(&t, op, 4, bytes, HC_IN | HC_OUT);                                                                                \
        if (!t.err) hc_put(&t, 0, path, (hc_u64)n);                                                                                      \
        r = hc_posix_send(&t, (hc_i64)bytes, a1, a2, n);                                                                                 \
        if (!t.err) hc_get(&t, 0, to, r < 0 ? 0 : (hc_u64)r < room ? (hc_u64)r : room);                                                  \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }
/* A call whose bytes go there and come back: argument 0 is their number. Where the answer is not their number, all of them count. */
#define HC_EXCHANGE_BODY(name, op, nargs)                                                                                                \
    HC_BODY hc_i64 name(HC_PRIVATE void *bytes, hc_u64 n, hc_i64 a1, hc_i64 a2) {                                                        \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_posix_begin(&t, op, nargs, n, HC_IN | HC_OUT);                                                                                \
        if (!t.err) hc_put(&t, 0, bytes, n);                                                                                             \
        r = hc_posix_send(&t, (hc_i64)n, a1, a2, 0);                                                                                     \
        if (!t.err) hc_get(&t, 0, bytes, r < 0 ? 0 : r > 0 && (hc_u64)r < n ? (hc_u64)r : n);                                            \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }

/* ----------------------------------------------------------------------------------------------------------------------- buffers */
/* A buffer that both sides reach is a side buffer like the arena. BEFORE: without it the host could read what lay there before this lane's
 * stores, or its own bytes be overwritten by a store that was still on its way. AFTER (of a read): without it the lane could use bytes that
 * it had loaded before the host stored its own. */
#define HC_REF_BODY(name, op, nargs, AFTER)                                                                                              \
    HC_BODY hc_i64 name(hc_u64 address, hc_u64 n, hc_i64 fd, hc_i64 offset) {                                                            \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_posix_begin(&t, op, nargs, 0, HC_REF);                                                                                        \
        t.kind = HC_PAY_BYREF;                                                                                                           \
        hc_fence_to_host();                                                                                                              \
        hc_warp_sync(t.mask); /* all lanes' fences before the first word of the packet */                                                \
        r = hc_posix_send(&t, (hc_i64)n, (hc_i64)address, fd, offset);                                                                   \
        AFTER;                                                                                                                           \
        return r;                                                                                                                        \
    }
#define HC_PUT_BODY(name, op, nargs, SPACE, ATTR, BODY)                                                                                  \
    BODY ATTR hc_i64 name(SPACE const void *p, hc_u64 n, hc_i64 fd, hc_i64 offset) {                                                     \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_posix_begin(&t, op, nargs, n, HC_IN | HC_SHRINK);                                                                                 \
        if (!t.err) hc_put(&t, 0, p, t.bytes);                                                                                           \
        r = hc_posix_send(&t, (hc_i64)t.bytes, 0, fd, offset);                                                                       \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }
#define HC_GET_BODY(name, op, nargs, SPACE, ATTR, BODY)                                                                                  \
    BODY ATTR hc_i64 name(SPACE void *p, hc_u64 n, hc_i64 a2, hc_i64 a3) {                                                               \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_posix_begin(&t, op, nargs, n, HC_OUT | HC_SHRINK);                                                                                \
        r = hc_posix_send(&t, (hc_i64)t.bytes, 0, a2, a3);                                                                           \
        if (!t.err) hc_get(&t, 0, p, r > 0 ? (hc_u64)r : 0);                                                                             \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }

/* 1 where the address can cross instead of the bytes. The look-up is a loop: the lanes meet again behind it. */
HC_FN int hc_goes_by_reference(hc_u64 address, hc_u64 n) {
    hc_mask here = hc_active_mask();
    int yes = n >= HC_BYREF_MIN && hc_is_shared_range(address, n);
    hc_warp_sync(here);
    return yes;
}
/* 0, or why a buffer is refused before anybody is asked. */
HC_FN hc_i64 hc_check_buffer(int there, hc_u64 n) {
    if (n > HC_SSIZE_MAX) return -HC_EINVAL;
    return there || n == 0 ? 0 : -HC_EFAULT;
}

/* ------------------------------------------------------------------------------------------------------------- bytes one by one */
/* Writes a lane's payload part from its start, wherever the bytes come from: 8 at a time go to where the part lies. */
typedef struct hc_payload_writer {
    const hc_txn *t;
    hc_u64 off, word;
} hc_payload_writer;
HC_FN void hc_payload_begin(hc_payload_writer *w, const hc_txn *t) {
    w->t = t;
    w->off = 0;
    w->word = 0;
}
HC_FN void hc_payload_flush(hc_payload_writer *w, hc_u64 at) {
    if (w->t->kind == HC_PAY_INLINE) hc_put_word(hc_tail_at(w->t, w->t->nargs * w->t->lanes + (hc_u32)((w->t->offset + at) / 8u)), w->word, w->t->seq);
    else *HC_AT(hc_u64, hc_part_at(w->t) + at) = w->word;
    w->word = 0;
}
HC_FN void hc_payload_byte(hc_payload_writer *w, hc_u32 byte) {
    w->word |= (hc_u64)(byte & 255u) << (8u * (hc_u32)(w->off & 7u));
    w->off++;
    if ((w->off & 7u) == 0) hc_payload_flush(w, w->off - 8u);
}
HC_FN void hc_payload_end(hc_payload_writer *w) {
    if (w->off & 7u) hc_payload_flush(w, w->off & ~(hc_u64)7u);
}

#endif
