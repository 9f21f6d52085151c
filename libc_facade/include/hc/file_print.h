/* SPDX-License-Identifier: Apache-2.0
 *
 * Formatted text into the buffer of a FILE whose lock is held. What fits goes there at once; what does not is formatted once more, into the
 * emptied buffer or, longer than that, into memory from the heap.
 */
#ifndef HC_FILE_PRINT_H
#define HC_FILE_PRINT_H
#include "file_io.h"
#include "print_client.h"

/* Formats at an address with room for n bytes; the length of the whole text or a negative errno. */
HC_BODY hc_i64 hc_print_into(HC_PRIVATE hc_print_source *source, hc_u64 at, hc_u64 n) {
    hc_fmt_sink sink = hc_fmt_into(HC_AT(char, at), n);
#if defined(HC_OPENCL)
    return hc_format(&sink, source->fmt, source->args, source->n);
#else
    hc_fmt_va va;
    hc_i64 r;
    HC_VA_COPY(va.list, source->va.list);
    r = hc_vformat(&sink, source->fmt, &va);
    HC_VA_END(va.list);
    return r;
#endif
}
/* Through memory of its own, so that it is written in one piece. */
HC_BODY hc_i64 hc_stream_print_apart(HC_GLOBAL hc_stream *f, HC_PRIVATE hc_print_source *source) {
    HC_GLOBAL char *text;
    hc_i64 n = hc_print_text(source, &text), r = n;
    if (n > 0) r = hc_stream_write_all(f, (HC_GLOBAL const void *)text, (hc_u64)n);
    hc_free(text);
    return r < 0 ? r : n;
}
/* The length of the text, or a negative errno. */
HC_BODY hc_i64 hc_stream_print(HC_GLOBAL hc_stream *f, HC_PRIVATE hc_print_source *source) {
    hc_i64 r = hc_stream_to_write(f), n;
    hc_u32 from;
    if (r < 0) return r;
    if (!source->fmt.at) return -HC_EFAULT;
    if (f->flags & HC_FILE_NONE) return hc_stream_print_apart(f, source);
    from = f->at;
    n = hc_print_into(source, f->buffer + from, f->size - from);
    if (n > (hc_i64)(f->size - from)) {
        if (n > (hc_i64)f->size) return hc_stream_print_apart(f, source);
        r = hc_stream_drain(f);
        if (r < 0) return r;
        from = 0;
        n = hc_print_into(source, f->buffer, f->size);
    }
    if (n < 0) return n;
    f->at = from + (hc_u32)n;
    if (f->flags & HC_FILE_LINE) {
        HC_GLOBAL hc_u8 *p = HC_AT(hc_u8, f->buffer);
        hc_u32 head = from + (hc_u32)hc_stream_lines((HC_GLOBAL const hc_u8 *)p + from, (hc_u64)n), end = f->at;
        if (head == from) return n;
        f->at = head; /* whole lines go, what follows them stays */
        r = hc_stream_drain(f);
        HC_ROLLED for (; head < end; head++) p[f->at++] = p[head];
        if (r < 0) return r;
    }
    return n;
}
HC_BODY hc_i64 hc_print_to_open(HC_GLOBAL hc_stream *f, HC_PRIVATE hc_print_source *source) {
    hc_i64 r = 0;
    HC_STREAM_LOCKED(f, r, hc_stream_print(f, source));
    return r;
}

#endif
