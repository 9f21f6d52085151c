/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of stdio that take a FILE. Each takes its lock once, so each is atomic: a line is never torn and never mixed with
 * another lane's. Output for stdout and stderr is posted instead (print_client.h) and takes no lock.
 */
#ifndef HC_STREAMS_H
#define HC_STREAMS_H
#include "file_open.h"
#include "print_client.h"

#if defined(HC_CUDA) && defined(__cplusplus) && !defined(HC_NVCC)
/* A type of their own, which is a FILE * where one is wanted: fprintf of it is chosen while compiling, and a kernel that prints to stderr does
 * not contain what formats for a file. */
struct hc_standard {
    hc_u32 fd;
    __device__ __forceinline__ operator hc_file_t *() const { return hc_stream_handle(fd); }
};
HC_FN hc_standard hc_standard_of(hc_u32 fd) {
    hc_standard stream;
    stream.fd = fd;
    return stream;
}
#else
typedef hc_file_t *hc_standard;
HC_FN hc_standard hc_standard_of(hc_u32 fd) { return hc_stream_handle(fd); }
#endif
HC_API hc_standard hc_stdin_stream(void) { HC_SPLIT(hc_standard_of(0), ::stdin) }
HC_API hc_standard hc_stdout_stream(void) { HC_SPLIT(hc_standard_of(HC_STREAM_STDOUT), ::stdout) }
HC_API hc_standard hc_stderr_stream(void) { HC_SPLIT(hc_standard_of(HC_STREAM_STDERR), ::stderr) }

/* What a function that returns a byte makes of a result. */
HC_FN int hc_stream_byte(hc_i64 r) {
    if (r >= 0) return (int)r;
    if (r != HC_FILE_END) hc_errno_set((hc_i32)-r);
    return HC_EOF;
}
/* And one that returns 0 or EOF. */
HC_FN int hc_stream_status(hc_i64 r) { return hc_posix(r) < 0 ? HC_EOF : 0; }

/* A function on one FILE: hc_NAME_any takes the lock around `call`. */
#define HC_DEFINE_STREAM_CALL(name, parameters, call)                                                                                    \
    HC_BODY hc_i64 name parameters {                                                                                                     \
        HC_GLOBAL hc_stream *f = hc_stream_of(stream);                                                                                   \
        hc_i64 r = 0;                                                                                                                    \
        HC_STREAM_LOCKED(f, r, call);                                                                                                    \
        return r;                                                                                                                        \
    }

/* ------------------------------------------------------------------------------------------------------------- opening, closing */
#define HC_DEFINE_FOPEN(SPACE, ATTR, BODY)                                                                                               \
    HC_FN ATTR hc_file_t *hc_fopen_any(SPACE const char *path, HC_CONSTANT const char *mode) {                                           \
        hc_u64 file;                                                                                                                     \
        (void)hc_posix(hc_stream_open(path, mode, &file));                                                                               \
        return (hc_file_t *)(size_t)file;                                                                                                \
    }                                                                                                                                    \
    HC_API ATTR hc_file_t *hc_fopen(SPACE const char *path, HC_CONSTANT const char *mode) {                                              \
        HC_SPLIT(hc_fopen_any(path, mode), ::fopen(path, mode))                                                                          \
    }
HC_FOR_IN(HC_DEFINE_FOPEN)

HC_FN hc_file_t *hc_fdopen_any(int fd, HC_CONSTANT const char *mode) {
    hc_u64 file;
    (void)hc_posix(hc_stream_adopt(fd, mode, &file));
    return (hc_file_t *)(size_t)file;
}
HC_API hc_file_t *hc_fdopen(int fd, HC_CONSTANT const char *mode) { HC_SPLIT(hc_fdopen_any(fd, mode), ::fdopen(fd, mode)) }

#define HC_DEFINE_FREOPEN(SPACE, ATTR, BODY)                                                                                             \
    BODY ATTR hc_file_t *hc_freopen_any(SPACE const char *path, HC_CONSTANT const char *mode, hc_file_t *stream) {                       \
        HC_GLOBAL hc_stream *f = hc_stream_of(stream);                                                                                   \
        hc_i64 r = 0;                                                                                                                    \
        HC_STREAM_LOCKED(f, r, hc_stream_reopen(f, path, mode));                                                                         \
        hc_stream_release(f);                                                                                                            \
        return hc_posix(r) < 0 ? (hc_file_t *)0 : stream;                                                                                \
    }                                                                                                                                    \
    HC_API ATTR hc_file_t *hc_freopen(SPACE const char *path, HC_CONSTANT const char *mode, hc_file_t *stream) {                         \
        HC_SPLIT(hc_freopen_any(path, mode, stream), ::freopen(path, mode, stream))                                                      \
    }                                                                                                                                    \
    HC_FN ATTR hc_file_t *hc_popen_any(SPACE const char *command, HC_CONSTANT const char *type) {                                        \
        hc_u64 file;                                                                                                                     \
        (void)hc_posix(hc_stream_popen(command, type, &file));                                                                           \
        return (hc_file_t *)(size_t)file;                                                                                                \
    }                                                                                                                                    \
    HC_API ATTR hc_file_t *hc_popen(SPACE const char *command, HC_CONSTANT const char *type) {                                           \
        HC_SPLIT(hc_popen_any(command, type), ::popen(command, type))                                                                    \
    }
HC_FOR_IN(HC_DEFINE_FREOPEN)

HC_FN hc_file_t *hc_tmpfile_any(void) {
    hc_u64 file;
    (void)hc_posix(hc_stream_temporary(&file));
    return (hc_file_t *)(size_t)file;
}
HC_API hc_file_t *hc_tmpfile(void) { HC_SPLIT(hc_tmpfile_any(), ::tmpfile()) }

HC_DEFINE_STREAM_CALL(hc_close_stream, (hc_file_t * stream), hc_stream_close(f))
HC_BODY hc_i64 hc_close_any(hc_file_t *stream) {
    hc_i64 r = hc_close_stream(stream);
    hc_stream_release(hc_stream_of(stream));
    return r;
}
HC_API int hc_fclose(hc_file_t *stream) { HC_SPLIT(hc_stream_status(hc_close_any(stream)), ::fclose(stream)) }
HC_API int hc_pclose(hc_file_t *stream) { HC_SPLIT((int)hc_posix(hc_close_any(stream)), ::pclose(stream)) }

/* ------------------------------------------------------------------------------------------------------------------------ bytes */
HC_DEFINE_STREAM_CALL(hc_putc_stream, (int c, hc_file_t *stream), hc_stream_put(f, (hc_u32)c))
HC_FN int hc_put_byte(int fd, int c) { return hc_posix(hc_print_byte(fd, (hc_u32)c)) < 0 ? HC_EOF : (int)(hc_u8)c; }
HC_FN int hc_fputc_any(int c, hc_file_t *stream) {
    int fd = hc_stream_out(stream);
    return fd < 0 ? hc_stream_byte(hc_putc_stream(c, stream)) : hc_put_byte(fd, c);
}
HC_API int hc_fputc(int c, hc_file_t *stream) { HC_SPLIT(hc_fputc_any(c, stream), ::fputc(c, stream)) }
HC_API int hc_putc(int c, hc_file_t *stream) { HC_SPLIT(hc_fputc_any(c, stream), ::fputc(c, stream)) }
HC_API int hc_putchar(int c) { HC_SPLIT(hc_put_byte((int)HC_STREAM_STDOUT, c), ::putchar(c)) }

HC_DEFINE_STREAM_CALL(hc_getc_stream, (hc_file_t * stream), hc_stream_next(f))
HC_API int hc_fgetc(hc_file_t *stream) { HC_SPLIT(hc_stream_byte(hc_getc_stream(stream)), ::fgetc(stream)) }
HC_API int hc_getc(hc_file_t *stream) { HC_SPLIT(hc_stream_byte(hc_getc_stream(stream)), ::fgetc(stream)) }
HC_API int hc_getchar(void) { HC_SPLIT(hc_stream_byte(hc_getc_stream(hc_stream_handle(0))), ::getchar()) }
HC_DEFINE_STREAM_CALL(hc_push_stream, (int c, hc_file_t *stream), hc_stream_push_back(f, c))
HC_API int hc_ungetc(int c, hc_file_t *stream) { HC_SPLIT(hc_stream_byte(hc_push_stream(c, stream)), ::ungetc(c, stream)) }

/* Without the lock, for who has it or shares the stream with nobody. Where there is more to do than to take a byte out of the buffer or to put one
 * in, the usual way does it; so too the first byte, of which the host must be told. */
HC_FN int hc_getc_bare(hc_file_t *stream) {
    HC_GLOBAL hc_stream *f = hc_stream_of(stream);
    if (f && !(f->flags & HC_FILE_WRITING) && f->at < f->end) return HC_AT(const hc_u8, f->buffer)[f->at++];
    return hc_stream_byte(hc_getc_stream(stream));
}
HC_FN int hc_putc_bare(int c, hc_file_t *stream) {
    HC_GLOBAL hc_stream *f;
    if (hc_stream_out(stream) >= 0) return hc_put_byte(hc_stream_out(stream), c);
    f = hc_stream_of(stream);
    if (f && f->owed && (f->flags & (HC_FILE_WRITING | HC_FILE_LINE | HC_FILE_NONE)) == HC_FILE_WRITING && f->at < f->size)
        return (HC_AT(hc_u8, f->buffer)[f->at++] = (hc_u8)c);
    return hc_stream_byte(hc_putc_stream(c, stream));
}
HC_API int hc_getc_unlocked(hc_file_t *stream) { HC_SPLIT(hc_getc_bare(stream), ::getc_unlocked(stream)) }
HC_API int hc_getchar_unlocked(void) { HC_SPLIT(hc_getc_bare(hc_stream_handle(0)), ::getchar_unlocked()) }
HC_API int hc_putc_unlocked(int c, hc_file_t *stream) { HC_SPLIT(hc_putc_bare(c, stream), ::putc_unlocked(c, stream)) }

/* ------------------------------------------------------------------------------------------------------------------- text, blocks */
HC_FN hc_u64 hc_stream_items(hc_u64 bytes, hc_u64 size) { return size == 1u ? bytes : bytes / size; }
/* Bytes of so many items; more than any memory holds where that is no number. */
HC_FN hc_u64 hc_stream_bytes(hc_u64 size, hc_u64 n) { return size && n > HC_SSIZE_MAX / size ? HC_SSIZE_MAX + 1u : size * n; }

#define HC_DEFINE_PUTS(SPACE, ATTR, BODY)                                                                                                \
    BODY ATTR hc_i64 hc_write_stream(SPACE const void *p, hc_u64 n, hc_file_t *stream, HC_PRIVATE hc_u64 *done) {                        \
        HC_GLOBAL hc_stream *f = hc_stream_of(stream);                                                                                   \
        hc_i64 r = 0;                                                                                                                    \
        *done = 0;                                                                                                                       \
        HC_STREAM_LOCKED(f, *done, hc_stream_write(f, p, n, &r));                                                                        \
        if ((hc_i64)*done < 0) { /* there is no such stream */                                                                           \
            r = (hc_i64)*done;                                                                                                           \
            *done = 0;                                                                                                                   \
        }                                                                                                                                \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_FN ATTR int hc_fputs_any(int fd, SPACE const char *text, hc_u32 newline) {                                                        \
        return hc_posix(hc_print_line(fd, text, newline)) < 0 ? HC_EOF : 1;                                                              \
    }                                                                                                                                    \
    BODY ATTR int hc_fputs_file(SPACE const char *text, hc_file_t *stream) {                                                             \
        hc_u64 done;                                                                                                                     \
        return hc_posix(text ? hc_write_stream(text, hc_text_length(text, ~(hc_u64)0), stream, &done) : -HC_EFAULT) < 0 ? HC_EOF : 1;    \
    }                                                                                                                                    \
    HC_FN ATTR int hc_fputs_to(SPACE const char *text, hc_file_t *stream) {                                                              \
        int fd = hc_stream_out(stream);                                                                                                  \
        return fd < 0 ? hc_fputs_file(text, stream) : hc_fputs_any(fd, text, 0);                                                         \
    }                                                                                                                                    \
    /* More than the payload memory holds goes in several writes, which another lane's may come between. */                              \
    BODY ATTR hc_i64 hc_write_pieces(int fd, SPACE const void *p, hc_u64 n, HC_PRIVATE hc_u64 *done) {                                   \
        hc_i64 r = 0;                                                                                                                    \
        HC_ROLLED while (*done < n && r >= 0) {                                                                                          \
            r = hc_write_any(fd, (SPACE const void *)((SPACE const hc_u8 *)p + *done), n - *done);                                       \
            if (r == 0) r = -HC_EIO;                                                                                                     \
            if (r > 0) *done += (hc_u64)r;                                                                                               \
        }                                                                                                                                \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_FN ATTR hc_u64 hc_fwrite_to(SPACE const void *p, hc_u64 size, hc_u64 n, hc_file_t *stream) {                                      \
        int fd = hc_stream_out(stream);                                                                                                  \
        hc_u64 bytes = hc_stream_bytes(size, n), done = 0;                                                                               \
        hc_i64 r = hc_check_buffer(p != 0, bytes);                                                                                       \
        if (!bytes) return 0;                                                                                                            \
        if (r == 0 && fd < 0) r = hc_write_stream(p, bytes, stream, &done);                                                              \
        else if (r == 0) r = hc_print_bytes(fd, (SPACE const char *)p, bytes, 0);                                                        \
        if (r == -HC_EMSGSIZE && fd >= 0) r = hc_write_pieces(fd, p, bytes, &done);                                                      \
        if (r < 0) (void)hc_posix(r);                                                                                                    \
        else done = bytes;                                                                                                               \
        return done == bytes ? n : hc_stream_items(done, size);                                                                          \
    }                                                                                                                                    \
    HC_API ATTR int hc_puts(SPACE const char *text) { HC_SPLIT(hc_fputs_any((int)HC_STREAM_STDOUT, text, 1), ::puts(text)) }             \
    HC_API ATTR int hc_fputs(SPACE const char *text, hc_file_t *stream) { HC_SPLIT(hc_fputs_to(text, stream), ::fputs(text, stream)) }   \
    HC_API ATTR size_t hc_fwrite(SPACE const void *p, size_t size, size_t n, hc_file_t *stream) {                                        \
        HC_SPLIT((size_t)hc_fwrite_to(p, size, n, stream), ::fwrite(p, size, n, stream))                                                 \
    }
HC_FOR_IN(HC_DEFINE_PUTS)

#define HC_DEFINE_GETS(SPACE, ATTR, BODY)                                                                                                \
    BODY ATTR hc_u64 hc_fread_any(SPACE void *p, hc_u64 size, hc_u64 n, hc_file_t *stream) {                                             \
        HC_GLOBAL hc_stream *f = hc_stream_of(stream);                                                                                   \
        hc_u64 bytes = hc_stream_bytes(size, n), done = 0;                                                                               \
        hc_i64 r = hc_check_buffer(p != 0, bytes);                                                                                       \
        if (!bytes) return 0;                                                                                                            \
        if (r == 0) HC_STREAM_LOCKED(f, done, hc_stream_read(f, p, bytes, &r));                                                          \
        if ((hc_i64)done < 0) { /* there is no such stream */                                                                            \
            r = (hc_i64)done;                                                                                                            \
            done = 0;                                                                                                                    \
        }                                                                                                                                \
        if (r < 0 && r != HC_FILE_END) (void)hc_posix(r);                                                                                \
        return done == bytes ? n : hc_stream_items(done, size);                                                                          \
    }                                                                                                                                    \
    BODY ATTR hc_i64 hc_line_stream(SPACE char *to, int size, hc_file_t *stream) {                                                       \
        HC_GLOBAL hc_stream *f = hc_stream_of(stream);                                                                                   \
        hc_i64 r = to ? 0 : -HC_EFAULT;                                                                                                  \
        if (to) HC_STREAM_LOCKED(f, r, hc_stream_line(f, to, size));                                                                     \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_FN ATTR SPACE char *hc_fgets_any(SPACE char *to, int size, hc_file_t *stream) {                                                   \
        return hc_stream_byte(hc_line_stream(to, size, stream)) < 0 ? (SPACE char *)0 : to;                                              \
    }                                                                                                                                    \
    HC_API ATTR size_t hc_fread(SPACE void *p, size_t size, size_t n, hc_file_t *stream) {                                               \
        HC_SPLIT((size_t)hc_fread_any(p, size, n, stream), ::fread(p, size, n, stream))                                                  \
    }                                                                                                                                    \
    HC_API ATTR SPACE char *hc_fgets(SPACE char *to, int size, hc_file_t *stream) {                                                      \
        HC_SPLIT(hc_fgets_any(to, size, stream), ::fgets(to, size, stream))                                                              \
    }
HC_FOR_OUT(HC_DEFINE_GETS)

/* --------------------------------------------------------------------------------------------------------------------- positions */
HC_DEFINE_STREAM_CALL(hc_flush_one, (hc_file_t * stream), hc_stream_flush(f))
/* Every FILE that has something unwritten, and what was posted. */
HC_BODY hc_i64 hc_flush_all(void) {
    hc_u64 c = hc_client_address(), files = c ? HC_C(c)->files : 0, i, top;
    hc_i64 first = hc_do_flush(0, 0, 0), r;
    if (!files) return first;
    top = hc_dev_load64(files + HC_FILES_TOP);
    HC_ROLLED for (i = 3; i < top && i < HC_FILES; i++) {
        HC_GLOBAL hc_stream *f = HC_AT(hc_stream, files + i * sizeof(hc_stream));
        if (hc_dev_load32(hc_stream_state_at(f)) != HC_FILE_OPEN) continue;
        r = 0;
        HC_STREAM_LOCKED(f, r, (f->flags & HC_FILE_WRITING) ? hc_stream_drain(f) : 0);
        if (r < 0 && r != -HC_EBADF && first >= 0) first = r; /* EBADF: closed meanwhile */
    }
    return first;
}
HC_FN int hc_flush_stream(hc_file_t *stream) {
    if (!stream) return hc_stream_status(hc_flush_all());
    return hc_stream_status(hc_stream_out(stream) >= 0 ? hc_do_flush(0, 0, 0) : hc_flush_one(stream));
}
HC_API int hc_fflush(hc_file_t *stream) { HC_SPLIT(hc_flush_stream(stream), ::fflush(stream)) }

HC_DEFINE_STREAM_CALL(hc_seek_stream, (hc_file_t * stream, hc_i64 offset, int whence), hc_stream_seek(f, offset, whence))
HC_DEFINE_STREAM_CALL(hc_tell_stream, (hc_file_t * stream), hc_stream_tell(f))
HC_API int hc_fseek(hc_file_t *stream, hc_long offset, int whence) {
    HC_SPLIT(hc_stream_status(hc_seek_stream(stream, offset, whence)), ::fseek(stream, offset, whence))
}
HC_API int hc_fseeko(hc_file_t *stream, hc_long offset, int whence) {
    HC_SPLIT(hc_stream_status(hc_seek_stream(stream, offset, whence)), ::fseeko(stream, offset, whence))
}
HC_API hc_long hc_ftell(hc_file_t *stream) { HC_SPLIT((hc_long)hc_posix(hc_tell_stream(stream)), ::ftell(stream)) }
HC_API hc_long hc_ftello(hc_file_t *stream) { HC_SPLIT((hc_long)hc_posix(hc_tell_stream(stream)), ::ftello(stream)) }
HC_FN hc_i64 hc_stream_rewind(HC_GLOBAL hc_stream *f) {
    hc_i64 r = hc_stream_seek(f, 0, 0);
    f->flags &= ~HC_FILE_ERROR;
    return r;
}
HC_DEFINE_STREAM_CALL(hc_rewind_stream, (hc_file_t * stream), hc_stream_rewind(f))
HC_API void hc_rewind(hc_file_t *stream) { HC_SPLIT_VOID((void)hc_posix(hc_rewind_stream(stream)), ::rewind(stream)) }

#if defined(HC_NVCC)
typedef fpos_t hc_fpos_t;
HC_FN hc_i64 hc_fpos_of(const hc_fpos_t *p) { return *(const hc_i64 *)p; }
HC_FN void hc_fpos_set(hc_fpos_t *p, hc_i64 value) { *(hc_i64 *)p = value; }
HC_STATIC_ASSERT(sizeof(hc_fpos_t) >= 8, hc_fpos_holds_a_position);
#define HC_DEFINE_FPOS_SPACE(SPACE, ATTR, BODY)
#else
typedef struct hc_fpos {
    hc_i64 at, reserved;
} hc_fpos_t;
#define HC_DEFINE_FPOS_SPACE(SPACE, ATTR, BODY)                                                                                          \
    HC_FN ATTR hc_i64 hc_fpos_of(SPACE const hc_fpos_t *p) { return p->at; }                                                             \
    HC_FN ATTR void hc_fpos_set(SPACE hc_fpos_t *p, hc_i64 value) { p->at = value; }
#endif
#define HC_DEFINE_FPOS(SPACE, ATTR, BODY)                                                                                                \
    HC_DEFINE_FPOS_SPACE(SPACE, ATTR, BODY)                                                                                              \
    HC_FN ATTR int hc_fgetpos_any(hc_file_t *stream, SPACE hc_fpos_t *position) {                                                        \
        hc_i64 r = hc_posix(hc_tell_stream(stream));                                                                                     \
        if (r < 0) return -1;                                                                                                            \
        hc_fpos_set(position, r);                                                                                                        \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_fgetpos(hc_file_t *stream, SPACE hc_fpos_t *position) {                                                           \
        HC_SPLIT(hc_fgetpos_any(stream, position), ::fgetpos(stream, position))                                                          \
    }                                                                                                                                    \
    HC_API ATTR int hc_fsetpos(hc_file_t *stream, SPACE const hc_fpos_t *position) {                                                     \
        HC_SPLIT((int)hc_posix(hc_seek_stream(stream, hc_fpos_of(position), 0)), ::fsetpos(stream, position))                            \
    }
HC_FOR_OUT(HC_DEFINE_FPOS)

/* ------------------------------------------------------------------------------------------------------------------------- state */
HC_DEFINE_STREAM_CALL(hc_flags_of_stream, (const hc_file_t *stream), (hc_i64)f->flags)
HC_FN hc_i64 hc_stream_clear(HC_GLOBAL hc_stream *f) {
    f->flags &= ~(HC_FILE_EOF | HC_FILE_ERROR);
    return 0;
}
HC_DEFINE_STREAM_CALL(hc_clear_stream, (hc_file_t * stream), hc_stream_clear(f))
HC_DEFINE_STREAM_CALL(hc_number_of_stream, (hc_file_t * stream), f->fd)
HC_FN int hc_stream_has(const hc_file_t *stream, hc_u32 flag) {
    hc_i64 flags = hc_posix(hc_flags_of_stream(stream));
    return flags > 0 && ((hc_u32)flags & flag) != 0;
}
HC_API int hc_feof(hc_file_t *stream) { HC_SPLIT(hc_stream_has(stream, HC_FILE_EOF), ::feof(stream)) }
HC_API int hc_ferror(hc_file_t *stream) { HC_SPLIT(hc_stream_has(stream, HC_FILE_ERROR), ::ferror(stream)) }
HC_API void hc_clearerr(hc_file_t *stream) { HC_SPLIT_VOID((void)hc_posix(hc_clear_stream(stream)), ::clearerr(stream)) }
HC_API int hc_fileno(hc_file_t *stream) { HC_SPLIT((int)hc_posix(hc_number_of_stream(stream)), ::fileno(stream)) }

HC_DEFINE_STREAM_CALL(hc_choose_stream, (hc_file_t * stream, int mode, hc_u64 size), hc_stream_choose(f, mode, size))
HC_FN int hc_setvbuf_any(hc_file_t *stream, int mode, hc_u64 size) { return hc_posix(hc_choose_stream(stream, mode, size)) < 0 ? HC_EOF : 0; }
#define HC_DEFINE_SETVBUF(SPACE, ATTR, BODY)                                                                                             \
    HC_API ATTR int hc_setvbuf(hc_file_t *stream, SPACE char *buffer, int mode, size_t size) {                                           \
        HC_SPLIT(hc_setvbuf_any(stream, mode, buffer ? size : 0), ::setvbuf(stream, buffer, mode, size))                                 \
    }                                                                                                                                    \
    HC_API ATTR void hc_setbuf(hc_file_t *stream, SPACE char *buffer) {                                                                  \
        HC_SPLIT_VOID((void)hc_setvbuf_any(stream, buffer ? 0 : 2, 0), ::setbuf(stream, buffer))                                         \
    }
HC_FOR_OUT(HC_DEFINE_SETVBUF)
#if defined(HC_OPENCL)
HC_FN HC_OVERLOAD int hc_setvbuf(hc_file_t *stream, __private void *null, int mode, size_t size) {
    (void)null;
    return hc_setvbuf_any(stream, mode, 0);
}
#endif

HC_API void hc_setlinebuf(hc_file_t *stream) { HC_SPLIT_VOID((void)hc_setvbuf_any(stream, 1, 0), ::setlinebuf(stream)) }
#if !defined(HC_OPENCL)
HC_API void hc_setbuffer(hc_file_t *stream, char *buffer, size_t size) {
    HC_SPLIT_VOID((void)hc_setvbuf_any(stream, buffer ? 0 : 2, size), ::setbuffer(stream, buffer, size))
}
/* A name that nobody has, as of now. */
HC_BODY char *hc_tmpnam_any(char *to) {
    char name[] = "/tmp/fileXXXXXX";
    hc_u32 tries, i;
    if (!to) to = (char *)hc_malloc(sizeof name); /* a lane has no static buffer */
    HC_ROLLED for (tries = 0; to && tries < HC_NAME_TRIES; tries++) {
        if (hc_posix(hc_random_name(name, sizeof name - 1u)) < 0) break;
        if (hc_do_access((const char *)name, HC_AT_FDCWD, 0, 0) != -HC_ENOENT) continue;
        HC_ROLLED for (i = 0; i < sizeof name; i++) to[i] = name[i];
        return to;
    }
    return (char *)0;
}
HC_API char *hc_tmpnam(char *to) { HC_SPLIT(hc_tmpnam_any(to), ::tmpnam(to)) }
#endif

/* The lock, for several calls in a row. Held across a barrier, or by a lane that waits for another lane of its block, it stops both. */
HC_BODY void hc_lock_stream(hc_file_t *stream) {
    HC_GLOBAL hc_stream *f = hc_stream_of(stream);
    hc_stream_wait wait;
    int got;
    hc_stream_wait_begin(&wait);
    do got = hc_stream_enter(f, &wait);
    while (!got);
}
HC_BODY int hc_try_stream(hc_file_t *stream) {
    HC_GLOBAL hc_stream *f = hc_stream_of(stream);
    hc_stream_wait wait;
    hc_stream_wait_begin(&wait);
    return hc_stream_enter(f, &wait) > 0 ? 0 : -1;
}
HC_BODY void hc_unlock_stream(hc_file_t *stream) {
    HC_GLOBAL hc_stream *f = hc_stream_of(stream);
    hc_stream_wait wait;
    hc_stream_wait_begin(&wait);
    if (f && hc_dev_load64((hc_u64)(size_t)f) == wait.me) hc_stream_leave(f); /* only who has it can give it back */
}
HC_API void hc_flockfile(hc_file_t *stream) { HC_SPLIT_VOID(hc_lock_stream(stream), ::flockfile(stream)) }
HC_API int hc_ftrylockfile(hc_file_t *stream) { HC_SPLIT(hc_try_stream(stream), ::ftrylockfile(stream)) }
HC_API void hc_funlockfile(hc_file_t *stream) { HC_SPLIT_VOID(hc_unlock_stream(stream), ::funlockfile(stream)) }

#endif
