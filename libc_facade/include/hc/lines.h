/* SPDX-License-Identifier: Apache-2.0
 *
 * Text of any length in memory that grows: getline, getdelim, asprintf. Their results are for free(). Not in OpenCL C.
 */
#ifndef HC_LINES_H
#define HC_LINES_H
#include "stdio.h"

#if !defined(HC_OPENCL)
/* Room for n more bytes behind the first `used`. 0 or -ENOMEM; what is there stays. */
HC_BODY hc_i64 hc_line_room(char **line, size_t *size, hc_u64 used, hc_u64 n) {
    hc_u64 want = used + n, twice = (hc_u64)*size * 2u;
    void *more;
    if (*line && want <= *size) return 0;
    if (want < 128u) want = 128u;
    if (want < twice) want = twice;
    more = hc_realloc(*line, want);
    if (!more) return -HC_ENOMEM;
    *line = (char *)more;
    *size = (size_t)want;
    return 0;
}
/* Up to and with the delimiter. Its length, HC_FILE_END where there was nothing, or a negative errno. */
HC_BODY hc_i64 hc_stream_delimited(hc_stream *f, char **line, size_t *size, int delimiter) {
    hc_u64 n = 0;
    for (;;) {
        hc_i64 r = hc_stream_fill(f), room;
        hc_u32 have, i;
        const hc_u8 *p;
        int found;
        if (r < 0) {
            if (r != HC_FILE_END || n == 0) return r;
            (*line)[n] = 0;
            return (hc_i64)n;
        }
        p = HC_AT(const hc_u8, f->buffer) + f->at;
        have = f->end - f->at;
        HC_ROLLED for (i = 0; i < have && p[i] != (hc_u8)delimiter; i++) {
        }
        found = i < have;
        if (found) i++;
        room = hc_line_room(line, size, n, (hc_u64)i + 1u);
        if (room < 0) {
            f->flags |= HC_FILE_ERROR;
            return room;
        }
        hc_stream_copy_out((hc_u8 *)*line + n, p, i);
        n += i;
        f->at += i;
        if (found) {
            (*line)[n] = 0;
            return (hc_i64)n;
        }
    }
}
HC_BODY hc_long hc_getdelim_any(char **line, size_t *size, int delimiter, hc_file_t *stream) {
    HC_GLOBAL hc_stream *f = hc_stream_of(stream);
    hc_i64 r = 0;
    if (!line || !size) return (hc_long)hc_posix(-HC_EINVAL);
    HC_STREAM_LOCKED(f, r, hc_stream_delimited(f, line, size, delimiter));
    return r == HC_FILE_END ? -1 : (hc_long)hc_posix(r);
}
HC_API hc_long hc_getdelim(char **line, size_t *size, int delimiter, hc_file_t *stream) {
    HC_SPLIT(hc_getdelim_any(line, size, delimiter, stream), ::getdelim(line, size, delimiter, stream))
}
HC_API hc_long hc_getline(char **line, size_t *size, hc_file_t *stream) {
    HC_SPLIT(hc_getdelim_any(line, size, '\n', stream), ::getline(line, size, stream))
}

/* ---------------------------------------------------------------------------------------------------------------------- asprintf */
HC_BODY int hc_vasprintf_any(char **to, const char *fmt, HC_VA_LIST list) {
    hc_print_source source;
    hc_i64 n;
    source.fmt = hc_fmt_text(fmt);
    HC_VA_COPY(source.va.list, list);
    n = fmt ? hc_print_text(&source, to) : -HC_EFAULT;
    HC_VA_END(source.va.list);
    if (n >= 0) (*to)[n] = 0;
    return (int)hc_posix(n);
}
HC_API int hc_vasprintf(char **to, const char *fmt, HC_VA_LIST list) { HC_SPLIT(hc_vasprintf_any(to, fmt, list), ::vasprintf(to, fmt, list)) }
HC_FMT_CHECKED(2, 3) HC_VARIADIC int hc_asprintf(char **to, const char *fmt, ...) {
    HC_VA_LIST list;
    int n;
    HC_VA_START(list, fmt);
    n = hc_vasprintf(to, fmt, list);
    HC_VA_END(list);
    return n;
}
#endif

#endif
