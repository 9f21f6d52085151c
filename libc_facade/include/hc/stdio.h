/* SPDX-License-Identifier: Apache-2.0
 *
 * Formatted output to any stream, and perror. What goes to stdout and stderr is posted: these functions return once the record is in the
 * ring, and fflush is what waits for the host.
 */
#ifndef HC_STDIO_H
#define HC_STDIO_H
#include "file_print.h"
#include "streams.h"
#include "string.h"

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
/* Into the buffer of a FILE, where the count comes by itself. */
HC_BODY int hc_print_args_file(const hc_file_t *stream, hc_fmt_cursor fmt, HC_PRIVATE const hc_fmt_arg *args, hc_u32 n) {
    hc_print_source source;
    source.fmt = fmt;
    source.args = args;
    source.n = n;
    source.used = 0;
    return (int)hc_posix(hc_print_to_open(hc_stream_of(stream), &source));
}
HC_FN int hc_print_args_stream(const hc_file_t *stream, hc_fmt_cursor fmt, HC_PRIVATE const hc_fmt_arg *args, hc_u32 n) {
    int fd = hc_stream_out(stream);
    return fd < 0 ? hc_print_args_file(stream, fmt, args, n) : hc_print_args(fd, fmt, args, n);
}
#define HC_PRINT_ARGS(print, fd, ...) print(fd, HC_FMT_TEXT(__VA_ARGS__), HC_FMT_ARGS(__VA_ARGS__), HC_FMT_COUNT(__VA_ARGS__))
#define hc_dprintf(fd, ...) HC_PRINT_ARGS(hc_print_args_any, fd, __VA_ARGS__)
#define hc_fprintf(stream, ...) HC_PRINT_ARGS(hc_print_args_stream, stream, __VA_ARGS__)
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
/* Into the buffer of a FILE, where the count comes by itself. */
HC_BODY int hc_print_list_file(const hc_file_t *stream, const char *fmt, HC_VA_LIST list) {
    hc_print_source source;
    hc_i64 r;
    source.fmt = hc_fmt_text(fmt);
    HC_VA_COPY(source.va.list, list);
    r = hc_print_to_open(hc_stream_of(stream), &source);
    HC_VA_END(source.va.list);
    return (int)hc_posix(r);
}
HC_FN int hc_print_list_stream(const hc_file_t *stream, const char *fmt, HC_VA_LIST list) {
    int fd = hc_stream_out(stream);
    return fd < 0 ? hc_print_list_file(stream, fmt, list) : hc_print_list(fd, fmt, list);
}
HC_API int hc_vprintf(const char *fmt, HC_VA_LIST list) { HC_SPLIT(hc_print_list((int)HC_STREAM_STDOUT, fmt, list), ::vprintf(fmt, list)) }
HC_API int hc_vfprintf(hc_file_t *stream, const char *fmt, HC_VA_LIST list) {
    HC_SPLIT(hc_print_list_stream(stream, fmt, list), ::vfprintf(stream, fmt, list))
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
#if defined(HC_CUDA) && defined(__cplusplus) && !defined(HC_NVCC)
HC_FMT_CHECKED(2, 3) HC_VARIADIC int hc_fprintf(hc_standard stream, const char *fmt, ...) {
    HC_VA_LIST list;
    int n;
    HC_VA_START(list, fmt);
    n = hc_print_list(stream.fd ? (int)stream.fd : -1, fmt, list);
    HC_VA_END(list);
    return n;
}
#endif
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
/* Under nvcc too it is the device's alone. */
#if defined(HC_CUDA)
#define HC_DEVICE_VARIADIC static __device__ __attribute__((unused))
#else
#define HC_DEVICE_VARIADIC static __attribute__((unused))
#endif
HC_FMT_CHECKED(1, 2) HC_DEVICE_VARIADIC int hc_print_error(const char *fmt, ...) {
    HC_VA_LIST list;
    int n;
    HC_VA_START(list, fmt);
    n = hc_print_list((int)HC_STREAM_STDERR, fmt, list);
    HC_VA_END(list);
    return n;
}
HC_FN void hc_perror_any(const char *text) {
    int e = *hc_errno_place();
    if (text && *text) (void)hc_print_error("%s: %s\n", text, hc_strerror(e));
    else (void)hc_print_error("%s\n", hc_strerror(e));
}
HC_API void hc_perror(const char *text) { HC_SPLIT_VOID(hc_perror_any(text), ::perror(text)) }
#endif

#endif
