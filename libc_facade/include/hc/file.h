/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of FILEs: which entry a handle means, its lock, its buffer, and how bytes go between the buffer and the descriptor. The
 * entries lie in device state, the buffers on the device's heap; what a kernel leaves unwritten is written by the host when it has ended.
 *
 * stdin, stdout and stderr are the handles 1, 2 and 3, so that a compiler sees at once that bytes for stdout and stderr are posted and need
 * none of this; every other handle is the address of its entry.
 *
 * The lock of a FILE is held while its buffer is filled or written, across the hostcall: that is what makes a call of stdio atomic. It names
 * its owner and the epoch, so what a kernel left locked is free in the next one; and who waits for it watches the server, so exit, abort
 * and Ctrl-C end the wait.
 */
#ifndef HC_FILE_H
#define HC_FILE_H
#include "file_memory.h"

#if defined(HC_NVCC)
typedef FILE hc_file_t;
#else
typedef HC_GLOBAL hc_stream hc_file_t;
#endif

#define HC_EOF (-1)
#define HC_EMFILE 24
#define HC_ESPIPE 29
#define HC_FILE_BUFFER 4096u /* BUFSIZ */
#define HC_FILE_BACK 64u     /* what can be pushed back in front of what was read */

/* state: who is in an entry; above bit 1 the epoch of the one that opens it */
#define HC_FILE_FREE 0u /* stdin, stdout and stderr: as they are at the start */
#define HC_FILE_OPENING 1u
#define HC_FILE_OPEN 2u
#define HC_FILE_CLOSED 3u /* one of the three */

#define HC_FILE_READS 1u
#define HC_FILE_WRITES 2u
#define HC_FILE_APPENDS 4u
#define HC_FILE_EOF 8u
#define HC_FILE_ERROR 16u
#define HC_FILE_LINE 32u    /* written at the end of each line */
#define HC_FILE_NONE 64u    /* written at once, read byte by byte */
#define HC_FILE_CHOSEN 128u /* somebody said how it is buffered, or looked */
#define HC_FILE_WRITING 256u
#define HC_FILE_POSTED 512u /* device stdout or stderr: bytes are posted, there is no buffer */
#define HC_FILE_HEAP 1024u  /* the buffer is from the heap */
#define HC_FILE_PROCESS 2048u

/* What functions below return at the end of the file: no errno. */
#define HC_FILE_END (-4096)

HC_FN hc_file_t *hc_stream_handle(hc_u32 fd) { return (hc_file_t *)(size_t)(fd + 1u); }
/* The descriptor of a stream whose bytes are posted, or -1. A constant where the stream is. */
HC_FN int hc_stream_out(const hc_file_t *stream) {
    size_t fd = (size_t)stream - 1u;
    return fd == HC_STREAM_STDOUT || fd == HC_STREAM_STDERR ? (int)fd : -1;
}
/* The entry of a handle; null where there is none. */
HC_FN HC_GLOBAL hc_stream *hc_stream_of(const hc_file_t *stream) {
    hc_u64 at = (hc_u64)(size_t)stream, c = hc_client_address(), files = c ? HC_C(c)->files : 0;
    if (!files) return (HC_GLOBAL hc_stream *)0;
    if (at - 1u < 3u) return HC_AT(hc_stream, files + (at - 1u) * sizeof(hc_stream));
    at -= files;
    return at % sizeof(hc_stream) || at / sizeof(hc_stream) >= HC_FILES ? (HC_GLOBAL hc_stream *)0 : HC_AT(hc_stream, files + at);
}
HC_FN hc_u32 hc_stream_index(HC_GLOBAL const hc_stream *f) {
    return (hc_u32)(((hc_u64)(size_t)f - HC_C(hc_client_address())->files) / sizeof(hc_stream));
}
HC_FN hc_file_t *hc_stream_file(HC_GLOBAL hc_stream *f) {
    hc_u32 index = hc_stream_index(f);
    return index < 3u ? hc_stream_handle(index) : (hc_file_t *)f;
}
HC_FN hc_u64 hc_stream_state_at(HC_GLOBAL const hc_stream *f) { return (hc_u64)(size_t)f + 12u; }
#if defined(HC_HOST)
HC_STATIC_ASSERT(__builtin_offsetof(hc_stream, owner) == 0 && __builtin_offsetof(hc_stream, state) == 12, hc_stream_offsets);
#endif
HC_FN hc_u32 hc_stream_epoch(hc_u64 c) { return hc_dev_load32(c + HC_CLIENT_EPOCH) & 0xfffu; }

/* --------------------------------------------------------------------------------------------------------------------- the lock */
typedef struct hc_stream_wait {
    hc_watch watch;
    hc_u64 c, me;
    hc_u32 round;
} hc_stream_wait;
HC_BODY void hc_stream_wait_begin(HC_PRIVATE hc_stream_wait *w) {
    hc_watch_begin(&w->watch);
    w->c = hc_client_address();
    w->me = w->c ? ((hc_u64)hc_stream_epoch(w->c) << 52) | ((hc_grid_token() & 0xfffffull) << 32) | ((hc_u64)(hc_u32)hc_thread_id() + 1u) : 0;
    w->round = 0;
}
/* One try. 1: this lane has it. 0: another one has. */
HC_FN int hc_stream_grab(HC_GLOBAL hc_stream *f, hc_u64 me) {
    hc_u64 at = (hc_u64)(size_t)f, seen = hc_dev_load64(at);
    if (seen == me) {
        f->depth++;
        return 1;
    }
    if (seen && ((seen ^ me) >> 52) == 0) return 0; /* of another epoch: whoever had it is gone */
    if (hc_dev_cas64(at, seen, me) != seen) return 0;
    hc_fence_dev(); /* the lock before what it guards: without it this lane could see the buffer as it was before the last owner's stores */
    f->depth = 1;
    return 1;
}
HC_BODY void hc_stream_leave(HC_GLOBAL hc_stream *f) {
    hc_u32 owes = (f->flags & (HC_FILE_WRITING | HC_FILE_MEMORY)) == HC_FILE_WRITING ? f->at : 0; /* memory is nobody's but the kernel's */
    if (owes != f->owed) {
        f->owed = owes;
        hc_bus_store32(HC_C(hc_client_address())->files_owed + 4u * (hc_u64)hc_stream_index(f), owes);
    }
    if (--f->depth) return;
    hc_fence_dev(); /* this lane's stores before the lock is free */
    hc_dev_store64((hc_u64)(size_t)f, 0);
}
/* The three have their meaning before anybody opened them. */
HC_FN void hc_stream_standard(HC_GLOBAL hc_stream *f) {
    hc_u32 fd = hc_stream_index(f);
    f->fd = (hc_i32)fd;
    f->flags = fd ? HC_FILE_WRITES | HC_FILE_POSTED : HC_FILE_READS;
    f->at = HC_FILE_BACK;
    f->end = HC_FILE_BACK;
    hc_dev_store32(hc_stream_state_at(f), HC_FILE_OPEN);
}
/* 1: this lane has the lock. 0: not yet, come again. Negative: there is no such stream, or nobody serves it any more. */
HC_BODY int hc_stream_enter(HC_GLOBAL hc_stream *f, HC_PRIVATE hc_stream_wait *w) {
    hc_u32 state;
    if (!f) return w->c ? -HC_EBADF : -HC_ENODEV;
    if (!hc_stream_grab(f, w->me)) {
        hc_i32 stop;
        if ((++w->round & (HC_POLLS_PER_LOOK - 1u)) == 0 && (stop = hc_watch_server(w->c, 0, &w->watch)) != 0) return stop;
        hc_relax(w->round);
        return 0;
    }
    state = hc_dev_load32(hc_stream_state_at(f));
    if (state == HC_FILE_OPEN) return 1;
    if (state == HC_FILE_FREE && hc_stream_index(f) < 3u) {
        hc_stream_standard(f);
        return 1;
    }
    hc_stream_leave(f);
    return -HC_EBADF;
}
/* Runs `call` with the lock of f held; lanes that want the same stream take turns. Nothing brings the lanes together again behind it: one of
 * them may be waiting for what another does next. */
#define HC_STREAM_LOCKED(f, result, call)                                                                                                 \
    do {                                                                                                                                  \
        hc_stream_wait wait_;                                                                                                             \
        int got_;                                                                                                                         \
        hc_stream_wait_begin(&wait_);                                                                                                     \
        do {                                                                                                                              \
            got_ = hc_stream_enter(f, &wait_);                                                                                            \
            if (got_ > 0) {                                                                                                               \
                result = call;                                                                                                            \
                hc_stream_leave(f);                                                                                                       \
            } else if (got_ < 0) {                                                                                                        \
                result = got_;                                                                                                            \
            }                                                                                                                             \
        } while (!got_);                                                                                                                  \
    } while (0)

/* ------------------------------------------------------------------------------------------------------------------- the entries */
/* An entry for a file that is about to be opened, so that a full table fails before anything was created. Null: none is free. */
HC_BODY HC_GLOBAL hc_stream *hc_stream_reserve(void) {
    hc_u64 c = hc_client_address(), files = c ? HC_C(c)->files : 0;
    hc_u32 mark, start, i;
    if (!files) return (HC_GLOBAL hc_stream *)0;
    mark = HC_FILE_OPENING | (hc_stream_epoch(c) << 2);
    start = (hc_u32)hc_thread_id() % (HC_FILES - 3u);
    HC_ROLLED for (i = 0; i < HC_FILES - 3u; i++) {
        hc_u32 index = 3u + (start + i) % (HC_FILES - 3u);
        HC_GLOBAL hc_stream *f = HC_AT(hc_stream, files + (hc_u64)index * sizeof(hc_stream));
        hc_u32 seen = hc_dev_load32(hc_stream_state_at(f));
        if (seen == HC_FILE_OPEN || seen == mark) continue; /* one that an older epoch left half open is free */
        if (hc_dev_cas32(hc_stream_state_at(f), seen, mark) != seen) continue;
        (void)hc_dev_max64(files + HC_FILES_TOP, (hc_u64)index + 1u);
        return f;
    }
    return (HC_GLOBAL hc_stream *)0;
}
/* Closed, but not free before its lock is. */
HC_FN void hc_stream_retire(HC_GLOBAL hc_stream *f) {
    hc_u32 mark = HC_FILE_OPENING | (hc_stream_epoch(hc_client_address()) << 2);
    hc_dev_store32(hc_stream_state_at(f), hc_stream_index(f) < 3u ? HC_FILE_CLOSED : mark);
}
HC_FN void hc_stream_release(HC_GLOBAL hc_stream *f) {
    hc_u32 mark;
    if (!f || hc_stream_index(f) < 3u) return;
    mark = HC_FILE_OPENING | (hc_stream_epoch(hc_client_address()) << 2);
    (void)hc_dev_cas32(hc_stream_state_at(f), mark, HC_FILE_FREE); /* its lock is free, or of an older epoch */
}
HC_FN void hc_stream_cancel(HC_GLOBAL hc_stream *f) { hc_dev_store32(hc_stream_state_at(f), HC_FILE_FREE); }
HC_BODY void hc_stream_install(HC_GLOBAL hc_stream *f, int fd, hc_u32 flags) {
    f->flags = flags;
    f->fd = fd;
    f->at = HC_FILE_BACK;
    f->end = HC_FILE_BACK;
    f->size = 0;
    f->buffer = 0;
    f->process = 0;
    hc_fence_dev(); /* all of it before the state: another lane may get the handle from this one at once */
    hc_dev_store32(hc_stream_state_at(f), HC_FILE_OPEN);
}

/* -------------------------------------------------------------------------------------------------------- buffer and descriptor */
HC_BODY hc_i64 hc_stream_put_out(HC_GLOBAL hc_stream *f, hc_u64 at, hc_u64 n) { return hc_behind_write(f, HC_AT(const void, at), n); }
HC_BODY hc_i64 hc_stream_get_in(HC_GLOBAL hc_stream *f, hc_u64 at, hc_u64 n) { return hc_behind_read(f, HC_AT(void, at), n); }

/* Sees to a buffer. A terminal is written by lines, unless somebody said otherwise; only a copy of the three can be one. */
HC_BODY void hc_stream_room(HC_GLOBAL hc_stream *f) {
    hc_u64 at = 0;
    hc_u32 size = f->size ? f->size : HC_FILE_BUFFER;
    if (f->buffer) return;
    if (!(f->flags & HC_FILE_CHOSEN)) {
        if ((f->flags & HC_FILE_WRITES) && hc_do_isatty(f->fd, 0, 0) == 1) f->flags |= HC_FILE_LINE;
        f->flags |= HC_FILE_CHOSEN;
    }
    if (!(f->flags & HC_FILE_NONE)) at = hc_heap_get_block((hc_u64)size + HC_FILE_BACK, 16u);
    if (at) {
        f->flags |= HC_FILE_HEAP;
    } else {
        at = (hc_u64)(size_t)f + sizeof(hc_stream) - HC_STREAM_OWN;
        size = HC_STREAM_OWN - HC_FILE_BACK;
    }
    f->buffer = at;
    f->size = size;
}
HC_FN void hc_stream_no_buffer(HC_GLOBAL hc_stream *f) {
    if (f->flags & HC_FILE_HEAP) hc_free(HC_AT(void, f->buffer));
    f->flags &= ~HC_FILE_HEAP;
    f->buffer = 0;
    f->size = 0;
}

/* Writes what is unwritten. 0 or a negative errno; what could not be written stays, as in any libc whose write failed. */
HC_BODY hc_i64 hc_stream_drain(HC_GLOBAL hc_stream *f) {
    hc_u32 done = 0, n = f->at, i;
    hc_i64 r = 0;
    HC_ROLLED while (done < n) {
        r = hc_stream_put_out(f, f->buffer + done, n - done);
        if (r == 0) r = -HC_EIO;
        if (r < 0) break;
        done += (hc_u32)r;
    }
    if (r >= 0) {
        f->at = 0;
        return 0;
    }
    if (done) {
        HC_GLOBAL hc_u8 *p = HC_AT(hc_u8, f->buffer);
        HC_ROLLED for (i = done; i < n; i++) p[i - done] = p[i];
        f->at = n - done;
    }
    f->flags |= HC_FILE_ERROR;
    return r;
}
/* Gives back what was read ahead: the descriptor then stands where the stream does. What can't be given back stays. */
HC_BODY hc_i64 hc_stream_unread(HC_GLOBAL hc_stream *f) {
    if (f->end != f->at) {
        hc_i64 r = hc_behind_seek(f, -(hc_i64)(f->end - f->at), 1);
        if (r < 0) return r;
    }
    f->at = HC_FILE_BACK;
    f->end = HC_FILE_BACK;
    return 0;
}
/* The stream turns to writing. 0 or a negative errno. */
HC_BODY hc_i64 hc_stream_to_write(HC_GLOBAL hc_stream *f) {
    if (!(f->flags & HC_FILE_WRITES)) {
        f->flags |= HC_FILE_ERROR;
        return -HC_EBADF;
    }
    hc_stream_room(f);
    if (f->flags & HC_FILE_WRITING) return 0;
    (void)hc_stream_unread(f); /* of a pipe or terminal it is gone */
    f->at = 0;
    f->end = 0;
    f->flags |= HC_FILE_WRITING;
    return 0;
}
/* The stream turns to reading: nothing is unwritten then. 0 or a negative errno. */
HC_BODY hc_i64 hc_stream_to_read(HC_GLOBAL hc_stream *f) {
    hc_i64 r;
    if (!(f->flags & HC_FILE_READS)) {
        f->flags |= HC_FILE_ERROR;
        return -HC_EBADF;
    }
    hc_stream_room(f);
    if (!(f->flags & HC_FILE_WRITING)) return 0;
    r = hc_stream_drain(f);
    if (r < 0) return r;
    f->flags &= ~HC_FILE_WRITING;
    f->at = HC_FILE_BACK;
    f->end = HC_FILE_BACK;
    return 0;
}
/* Notes what a read said: at its end a file stays at its end until somebody seeks, clears or pushes back. */
HC_FN hc_i64 hc_stream_note(HC_GLOBAL hc_stream *f, hc_i64 r) {
    if (r < 0) f->flags |= HC_FILE_ERROR;
    else if (r == 0) f->flags |= HC_FILE_EOF;
    return r ? r : HC_FILE_END;
}
/* Something to read, now: the number of bytes, HC_FILE_END or a negative errno. */
HC_BODY hc_i64 hc_stream_fill(HC_GLOBAL hc_stream *f) {
    hc_i64 r = hc_stream_to_read(f);
    if (r < 0) return r;
    if (f->at < f->end) return (hc_i64)(f->end - f->at);
    if (f->flags & HC_FILE_EOF) return HC_FILE_END;
    r = hc_stream_get_in(f, f->buffer + HC_FILE_BACK, (f->flags & HC_FILE_NONE) ? 1u : f->size);
    f->at = HC_FILE_BACK;
    f->end = HC_FILE_BACK + (r > 0 ? (hc_u32)r : 0);
    return hc_stream_note(f, r);
}
/* The next byte, HC_FILE_END or a negative errno. */
HC_FN hc_i64 hc_stream_next(HC_GLOBAL hc_stream *f) {
    if ((f->flags & HC_FILE_WRITING) || f->at >= f->end) {
        hc_i64 r = hc_stream_fill(f);
        if (r < 0) return r;
    }
    return HC_AT(const hc_u8, f->buffer)[f->at++];
}

#endif
