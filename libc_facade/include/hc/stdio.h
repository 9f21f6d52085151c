/* SPDX-License-Identifier: Apache-2.0
 *
 * Printed output and the three standard streams. Output is posted: these functions return once the record is in the ring, and fflush is
 * what waits for the host. Streams are handles without state.
 */
#ifndef HC_STDIO_H
#define HC_STDIO_H
#include "print_client.h"
#include "string.h"

#if defined(HC_NVCC)
typedef FILE hc_file_t;
#else
typedef HC_GLOBAL struct hc_stream hc_file_t; /* never defined: a standard stream's address is its descriptor plus one */
#endif
#define HC_EOF (-1)
HC_FN hc_file_t *hc_stream_handle(hc_u32 fd) { return (hc_file_t *)(size_t)(fd + 1u); }
HC_API hc_file_t *hc_stdin_stream(void) { HC_SPLIT(hc_stream_handle(0), ::stdin) }
HC_API hc_file_t *hc_stdout_stream(void) { HC_SPLIT(hc_stream_handle(HC_STREAM_STDOUT), ::stdout) }
HC_API hc_file_t *hc_stderr_stream(void) { HC_SPLIT(hc_stream_handle(HC_STREAM_STDERR), ::stderr) }
/* The descriptor of a stream that can be written to, or -1. */
HC_FN int hc_stream_out(const hc_file_t *stream) {
    size_t fd = (size_t)stream - 1u;
    return fd == HC_STREAM_STDOUT || fd == HC_STREAM_STDERR ? (int)fd : -1;
}

/* ----------------------------------------------------------------------------------------------------------------- plain text */
#define HC_DEFINE_PUTS(SPACE, ATTR, BODY)                                                                                                \
    HC_FN ATTR int hc_fputs_any(int fd, SPACE const char *text, hc_u32 newline) {                                                        \
        return hc_posix(fd < 0 ? -HC_EBADF : hc_print_line(fd, text, newline)) < 0 ? HC_EOF : 1;                                         \
    }                                                                                                                                    \
    HC_API ATTR int hc_puts(SPACE const char *text) { HC_SPLIT(hc_fputs_any((int)HC_STREAM_STDOUT, text, 1), ::puts(text)) }             \
    HC_API ATTR int hc_fputs(SPACE const char *text, hc_file_t *stream) {                                                                \
        HC_SPLIT(hc_fputs_any(hc_stream_out(stream), text, 0), ::fputs(text, stream))                                                    \
    }
HC_FOR_IN(HC_DEFINE_PUTS)

HC_FN int hc_put_byte(int fd, int c) { return hc_posix(fd < 0 ? -HC_EBADF : hc_print_byte(fd, (hc_u32)c)) < 0 ? HC_EOF : (int)(hc_u8)c; }
HC_API int hc_fputc(int c, hc_file_t *stream) { HC_SPLIT(hc_put_byte(hc_stream_out(stream), c), ::fputc(c, stream)) }
HC_API int hc_putc(int c, hc_file_t *stream) { HC_SPLIT(hc_put_byte(hc_stream_out(stream), c), ::fputc(c, stream)) }
HC_API int hc_putchar(int c) { HC_SPLIT(hc_put_byte((int)HC_STREAM_STDOUT, c), ::putchar(c)) }

/* Returns once the sinks have written what this lane posted before. A null stream means both. */
HC_DEFINE_WORDS_CALL(hc_do_flush, HC_OP_FLUSH, 0)
HC_FN int hc_flush_stream(hc_file_t *stream) {
    return hc_posix(stream && hc_stream_out(stream) < 0 ? -HC_EBADF : hc_do_flush(0, 0, 0)) < 0 ? HC_EOF : 0;
}
HC_API int hc_fflush(hc_file_t *stream) { HC_SPLIT(hc_flush_stream(stream), ::fflush(stream)) }

/* -------------------------------------------------------------------------------------------------------------- formatted text
 * How much was printed is a computation of its own, without effects: where nobody uses the result the compiler leaves it out. */
#if defined(HC_OPENCL)
HC_BODY __attribute__((pure)) int hc_print_count(hc_fmt_cursor fmt, HC_PRIVATE const hc_fmt_arg *args, hc_u32 n) {
    return (int)hc_fmt_length(fmt, args, n);
}
/* Two entries, because a kernel that prints to streams only must not contain what formats for a file. */
#define HC_DEFINE_PRINT_ARGS(name, to)                                                                                                   \
    HC_FN int name(int fd, hc_fmt_cursor fmt, HC_PRIVATE const hc_fmt_arg *args, hc_u32 n) {                                             \
        hc_print_source source;                                                                                                          \
        source.fmt = fmt;                                                                                                                \
        source.args = args;                                                                                                              \
        source.n = n;                                                                                                                    \
        source.used = 0;                                                                                                                 \
        if (hc_posix(fd < 0 ? -HC_EBADF : to(fd, &source)) < 0) return -1;                                                               \
        return hc_print_count(fmt, args, n);                                                                                             \
    }
HC_DEFINE_PRINT_ARGS(hc_print_args, hc_print_to_stream)
HC_DEFINE_PRINT_ARGS(hc_print_args_any, hc_print_any)
#define HC_PRINT_ARGS(print, fd, ...) print(fd, HC_FMT_TEXT(__VA_ARGS__), HC_FMT_ARGS(__VA_ARGS__), HC_FMT_COUNT(__VA_ARGS__))
#define hc_dprintf(fd, ...) HC_PRINT_ARGS(hc_print_args_any, fd, __VA_ARGS__)
#define hc_fprintf(stream, ...) HC_PRINT_ARGS(hc_print_args, hc_stream_out(stream), __VA_ARGS__)
#define hc_printf(...) HC_PRINT_ARGS(hc_print_args, (int)HC_STREAM_STDOUT, __VA_ARGS__)
#else
HC_BODY __attribute__((pure)) int hc_print_count(const char *fmt, HC_VA_LIST list) { return (int)hc_fmt_vlength(fmt, list); }
/* Two entries, because a kernel that prints to streams only must not contain what formats for a file. */
#define HC_DEFINE_PRINT_LIST(name, to)                                                                                                   \
    HC_FN int name(int fd, const char *fmt, HC_VA_LIST list) {                                                                           \
        hc_print_source source;                                                                                                          \
        int rc;                                                                                                                          \
        source.fmt = hc_fmt_text(fmt);                                                                                                   \
        HC_VA_COPY(source.va.list, list);                                                                                                \
        rc = fd < 0 ? -HC_EBADF : to(fd, &source);                                                                                       \
        HC_VA_END(source.va.list);                                                                                                       \
        if (hc_posix(rc) < 0) return -1;                                                                                                 \
        return hc_print_count(fmt, list);                                                                                                \
    }
HC_DEFINE_PRINT_LIST(hc_print_list, hc_print_to_stream)
HC_DEFINE_PRINT_LIST(hc_print_list_any, hc_print_any)
HC_API int hc_vprintf(const char *fmt, HC_VA_LIST list) { HC_SPLIT(hc_print_list((int)HC_STREAM_STDOUT, fmt, list), ::vprintf(fmt, list)) }
HC_API int hc_vfprintf(hc_file_t *stream, const char *fmt, HC_VA_LIST list) {
    HC_SPLIT(hc_print_list(hc_stream_out(stream), fmt, list), ::vfprintf(stream, fmt, list))
}
HC_API int hc_vdprintf(int fd, const char *fmt, HC_VA_LIST list) {
    HC_SPLIT(hc_print_list_any(fd < 0 ? -1 : fd, fmt, list), ::vdprintf(fd, fmt, list))
}
HC_FMT_CHECKED(1, 2) HC_VARIADIC int hc_printf(const char *fmt, ...) {
    HC_VA_LIST list;
    int n;
    HC_VA_START(list, fmt);
    n = hc_vprintf(fmt, list);
    HC_VA_END(list);
    return n;
}
HC_FMT_CHECKED(2, 3) HC_VARIADIC int hc_fprintf(hc_file_t *stream, const char *fmt, ...) {
    HC_VA_LIST list;
    int n;
    HC_VA_START(list, fmt);
    n = hc_vfprintf(stream, fmt, list);
    HC_VA_END(list);
    return n;
}
HC_FMT_CHECKED(2, 3) HC_VARIADIC int hc_dprintf(int fd, const char *fmt, ...) {
    HC_VA_LIST list;
    int n;
    HC_VA_START(list, fmt);
    n = hc_vdprintf(fd, fmt, list);
    HC_VA_END(list);
    return n;
}
#endif

/* -------------------------------------------------------------------------------------------------------------------- perror */
#if defined(HC_OPENCL)
#define HC_DEFINE_PERROR(SPACE, ATTR, BODY)                                                                                              \
    BODY ATTR void hc_perror(SPACE const char *text) {                                                                                   \
        int e = *hc_errno_place();                                                                                                       \
        if (text && *text) (void)hc_fprintf(hc_stderr_stream(), "%s: %s\n", text, hc_strerror(e));                                       \
        else (void)hc_fprintf(hc_stderr_stream(), "%s\n", hc_strerror(e));                                                               \
    }
HC_FOR_IN(HC_DEFINE_PERROR)
HC_FN HC_OVERLOAD void hc_perror(__private void *null) {
    (void)null;
    hc_perror((__constant char *)0);
}
#else
HC_FN void hc_perror_any(const char *text) {
    int e = *hc_errno_place();
    if (text && *text) (void)hc_fprintf(hc_stderr_stream(), "%s: %s\n", text, hc_strerror(e));
    else (void)hc_fprintf(hc_stderr_stream(), "%s\n", hc_strerror(e));
}
HC_API void hc_perror(const char *text) { HC_SPLIT_VOID(hc_perror_any(text), ::perror(text)) }
#endif

#endif
