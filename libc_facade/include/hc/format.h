/* SPDX-License-Identifier: Apache-2.0
 *
 * The formatting core behind snprintf and printf: a parser of conversion specifications (format_parse.h), an engine that
 * formats one of them with one argument (format_engine.h), and here what C, CUDA and OpenCL call. Lanes run it for
 * snprintf and to learn what a printf record must carry; the server runs the same text over the record. It works on
 * numbers and addresses only: a double is its 64 bits, and no floating-point instruction decides about a digit.
 *
 * Supported: flags - + space # 0 ' (the last without effect, as in the C locale), width and precision with *, lengths
 * hh h l ll j z t, conversions d i u o x X c s p f F e E g G a A %. Refused with -EINVAL: %n, L, wide characters (%lc
 * %ls), positional arguments, and lengths that C gives no meaning to. Results longer than INT_MAX are refused with
 * -EOVERFLOW.
 */
#ifndef HC_FORMAT_H
#define HC_FORMAT_H

#include "format_engine.h"

/* ----------------------------------------------------------------------------------------- making sinks, cursors,
 * arguments */
HC_PURE hc_fmt_arg hc_fmt_arg_of(hc_u32 kind, hc_u64 bits, hc_u32 space) {
    hc_fmt_arg arg;
    arg.kind = kind;
    arg.len = kind == HC_FMT_KIND_STR ? HC_FMT_LEN_UNKNOWN : 0u;
    arg.bits = bits;
    arg.space = space;
    arg.reserved = 0;
    return arg;
}

HC_PURE hc_fmt_cursor hc_fmt_cursor_at(hc_u32 space, hc_u64 at, hc_u64 left) {
    hc_fmt_cursor cursor;
    cursor.at = at;
    cursor.left = left;
    cursor.space = space;
    cursor.reserved = 0;
    return cursor;
}

#if !defined(HC_OPENCL)
HC_PURE hc_fmt_cursor hc_fmt_text(const char *fmt) {
    return hc_fmt_cursor_at(HC_SPACE_FLAT, (hc_u64)(size_t)fmt, HC_FMT_UNBOUNDED);
}

HC_PURE hc_fmt_sink hc_fmt_into(char *out, hc_u64 cap) {
    hc_fmt_sink sink;
    sink.out = out;
    sink.cap = cap;
    sink.total = 0;
    return sink;
}

/* ------------------------------------------------------------------------------------------------- C and CUDA:
 * variadics */
/* NVRTC predeclares the standard names; elsewhere the builtins do without a header. In the linkable library a list is what clang makes of it:
 * the address of the arguments, each at its natural alignment. CUDA C++ has the same bytes, behind an address of another kind. */
#if defined(HC_LIBRARY) && defined(__CUDACC__)
typedef const char *hc_va_packed;
template <class Type> static __device__ __forceinline__ Type hc_va_take(hc_va_packed *list) {
    const char *at = (const char *)(((size_t)*list + alignof(Type) - 1) & ~(alignof(Type) - 1));
    *list = at + sizeof(Type);
    return *(const Type *)at;
}
#define HC_VA_LIST hc_va_packed
#define HC_VA_START(list, last)                                                                                                           \
    do {                                                                                                                                   \
        va_list hc_native;                                                                                                                 \
        va_start(hc_native, last);                                                                                                         \
        (list) = (hc_va_packed)__cvta_local_to_generic(*(size_t *)&hc_native);                                                             \
        va_end(hc_native);                                                                                                                 \
    } while (0)
#define HC_VA_END(list) ((void)(list))
#define HC_VA_ARG(list, type) hc_va_take<type>(&(list))
#define HC_VA_COPY(to, from) ((to) = (from))
#elif defined(__CUDACC_RTC__)
#define HC_VA_LIST va_list
#define HC_VA_START(list, last) va_start(list, last)
#define HC_VA_END(list) va_end(list)
#define HC_VA_ARG(list, type) va_arg(list, type)
#define HC_VA_COPY(to, from) va_copy(to, from)
#else
#define HC_VA_LIST __builtin_va_list
#define HC_VA_START(list, last) __builtin_va_start(list, last)
#define HC_VA_END(list) __builtin_va_end(list)
#define HC_VA_ARG(list, type) __builtin_va_arg(list, type)
#define HC_VA_COPY(to, from) __builtin_va_copy(to, from)
#endif
#define HC_FMT_CHECKED(fmt, first) __attribute__((format(__printf__, fmt, first)))

/* In a struct, because a va_list that is an array cannot be passed on by address once it has been a parameter. */
typedef struct hc_fmt_va {
    HC_VA_LIST list;
} hc_fmt_va;

/* Takes the next argument off the list, in the type that the conversion names. */
HC_PURE_BIG hc_fmt_arg hc_fmt_pull(hc_fmt_va *va, const hc_fmt_spec *spec) {
    const hc_u32 kind = hc_fmt_kind(spec);
    hc_u64 bits = 0;
    if (kind == HC_FMT_KIND_DOUBLE) {
        union {
            double value;
            hc_u64 bits;
        } both;
        both.value = HC_VA_ARG(va->list, double);
        bits = both.bits;
    } else if (kind == HC_FMT_KIND_STR || kind == HC_FMT_KIND_PTR) {
        bits = (hc_u64)(size_t)HC_VA_ARG(va->list, void *);
    } else if (kind == HC_FMT_KIND_INT) {
        if (spec->length <= HC_FMT_LEN_H) bits = (hc_u64)(hc_i64)HC_VA_ARG(va->list, int);
        else if (spec->length == HC_FMT_LEN_L) bits = (hc_u64)(hc_i64)HC_VA_ARG(va->list, long);
        else bits = (hc_u64)HC_VA_ARG(va->list, long long);
    }
    return hc_fmt_arg_of(kind, bits, HC_SPACE_FLAT);
}

/* Settles the stars of a conversion from the list. */
HC_PURE_BIG int hc_fmt_pull_stars(hc_fmt_va *va, hc_fmt_spec *spec) {
    if (spec->flags & HC_FMT_STAR_WIDTH && hc_fmt_set_width(spec, HC_VA_ARG(va->list, int))) return -HC_FMT_EOVERFLOW;
    if (spec->flags & HC_FMT_STAR_PRECISION) hc_fmt_set_precision(spec, HC_VA_ARG(va->list, int));
    return 0;
}

/* hc_format with arguments taken off the list one at a time: their number has no limit. */
HC_PURE_BIG hc_i64 hc_vformat(hc_fmt_sink *sink, hc_fmt_cursor fmt, hc_fmt_va *va) {
    hc_fmt_spec spec;
    hc_fmt_arg arg;
    int rc;
    HC_NO_UNROLL
    for (;;) {
        const int more = hc_fmt_next(&fmt, &spec);
        hc_fmt_copy(sink, spec.space, spec.text, spec.text_len);
        if (more < 0) return more;
        if (!more) return hc_fmt_result(sink);
        if ((rc = hc_fmt_pull_stars(va, &spec)) != 0) return rc;
        arg = hc_fmt_pull(va, &spec);
        if ((rc = hc_fmt_emit(sink, &spec, &arg)) != 0) return rc;
    }
}

/* Pulls typed arguments off a list, stars included, and measures the strings as far as they will be printed. Returns
 * how many the format uses, which may be more than `max`, of which the first `max` are stored; or a negative errno. */
HC_PURE_BIG hc_i32 hc_fmt_scan_args(const char *fmt, HC_VA_LIST list, hc_fmt_arg *args, hc_u32 max) {
    hc_fmt_cursor cursor = hc_fmt_text(fmt);
    hc_fmt_spec spec;
    hc_fmt_va va;
    hc_u32 used = 0;
    int more;
    HC_VA_COPY(va.list, list);
    HC_NO_UNROLL
    while ((more = hc_fmt_next(&cursor, &spec)) > 0) {
        hc_i32 star;
        if (spec.flags & HC_FMT_STAR_WIDTH) {
            star = HC_VA_ARG(va.list, int);
            if (used < max) args[used] = hc_fmt_arg_of(HC_FMT_KIND_INT, (hc_u64)(hc_i64)star, HC_SPACE_FLAT);
            used++;
            more = hc_fmt_set_width(&spec, star);
            if (more) break;
        }
        if (spec.flags & HC_FMT_STAR_PRECISION) {
            star = HC_VA_ARG(va.list, int);
            if (used < max) args[used] = hc_fmt_arg_of(HC_FMT_KIND_INT, (hc_u64)(hc_i64)star, HC_SPACE_FLAT);
            used++;
            hc_fmt_set_precision(&spec, star);
        }
        if (spec.conv != '%') {
            hc_fmt_arg arg = hc_fmt_pull(&va, &spec);
            if (arg.kind == HC_FMT_KIND_STR) {
                const hc_u64 len = arg.bits ? hc_fmt_text_len(&spec, &arg) : 0u;
                arg.len = len < HC_FMT_LEN_UNKNOWN ? (hc_u32)len : HC_FMT_LEN_UNKNOWN - 1u;
            }
            if (used < max) args[used] = arg;
            used++;
        }
    }
    HC_VA_END(va.list);
    return more < 0 ? more : (hc_i32)used;
}

/* Counts only. */
HC_PURE_BIG hc_i64 hc_fmt_length(hc_fmt_cursor fmt, const hc_fmt_arg *args, hc_u32 n) {
    hc_fmt_sink sink = hc_fmt_into(0, 0);
    return hc_format(&sink, fmt, args, n);
}
HC_PURE_BIG hc_i64 hc_fmt_vlength(const char *fmt, HC_VA_LIST list) {
    hc_fmt_sink sink = hc_fmt_into(0, 0);
    hc_fmt_va va;
    hc_i64 total;
    HC_VA_COPY(va.list, list);
    total = hc_vformat(&sink, hc_fmt_text(fmt), &va);
    HC_VA_END(va.list);
    return total;
}

HC_PURE_BIG int hc_vsnprintf(char *out, size_t size, const char *fmt, HC_VA_LIST list) {
    hc_fmt_sink sink = hc_fmt_into(out, size ? size - 1 : 0);
    hc_fmt_va va;
    hc_i64 total;
    HC_VA_COPY(va.list, list);
    total = hc_vformat(&sink, hc_fmt_text(fmt), &va);
    HC_VA_END(va.list);
    if (size) out[sink.total < sink.cap ? sink.total : sink.cap] = 0;
    if (total < 0) {
        HC_SET_ERRNO((int)-total);
        return -1;
    }
    return (int)total;
}

HC_PURE int hc_vsprintf(char *out, const char *fmt, HC_VA_LIST list) {
    return hc_vsnprintf(out, ~(size_t)0 >> 1, fmt, list);
}

HC_FMT_CHECKED(3, 4) HC_PURE_BIG int hc_snprintf(char *out, size_t size, const char *fmt, ...) {
    HC_VA_LIST list;
    int total;
    HC_VA_START(list, fmt);
    total = hc_vsnprintf(out, size, fmt, list);
    HC_VA_END(list);
    return total;
}

HC_FMT_CHECKED(2, 3) HC_PURE_BIG int hc_sprintf(char *out, const char *fmt, ...) {
    HC_VA_LIST list;
    int total;
    HC_VA_START(list, fmt);
    total = hc_vsprintf(out, fmt, list);
    HC_VA_END(list);
    return total;
}

#else
/* ------------------------------------------------------------------------------------------- OpenCL C: macros and
 * packers */
HC_PURE_INLINE HC_OVERLOAD hc_fmt_cursor hc_fmt_text(const __private char *fmt) {
    return hc_fmt_cursor_at(HC_SPACE_PRIVATE, (hc_u64)(size_t)fmt, HC_FMT_UNBOUNDED);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_cursor hc_fmt_text(const __global char *fmt) {
    return hc_fmt_cursor_at(HC_SPACE_GLOBAL, (hc_u64)(size_t)fmt, HC_FMT_UNBOUNDED);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_cursor hc_fmt_text(const __constant char *fmt) {
    return hc_fmt_cursor_at(HC_SPACE_CONSTANT, (hc_u64)(size_t)fmt, HC_FMT_UNBOUNDED);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_cursor hc_fmt_text(const __local char *fmt) {
    return hc_fmt_cursor_at(HC_SPACE_LOCAL, hc_hide_local(fmt), HC_FMT_UNBOUNDED);
}

HC_PURE hc_fmt_sink hc_fmt_sink_at(hc_u32 space, hc_u64 out, hc_u64 cap) {
    hc_fmt_sink sink;
    sink.out = out;
    sink.space = space;
    sink.reserved = 0;
    sink.cap = cap;
    sink.total = 0;
    return sink;
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_sink hc_fmt_into(__private char *out, hc_u64 cap) {
    return hc_fmt_sink_at(HC_SPACE_PRIVATE, (hc_u64)(size_t)out, cap);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_sink hc_fmt_into(__global char *out, hc_u64 cap) {
    return hc_fmt_sink_at(HC_SPACE_GLOBAL, (hc_u64)(size_t)out, cap);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_sink hc_fmt_into(__local char *out, hc_u64 cap) {
    return hc_fmt_sink_at(HC_SPACE_LOCAL, hc_hide_local(out), cap);
}
/* NULL, as in snprintf(NULL, 0, ...), is a pointer to void. */
HC_PURE_INLINE HC_OVERLOAD hc_fmt_sink hc_fmt_into(__private void *out, hc_u64 cap) {
    return hc_fmt_sink_at(HC_SPACE_PRIVATE, (hc_u64)(size_t)out, cap);
}

/* Packers are not inlined: a printf has many, and what is inlined into a kernel is compiled again for every kernel. */
#define HC_FMT_PACKER(type, kind, bits) \
    HC_PURE_BIG HC_OVERLOAD hc_fmt_arg hc_fmt_pack(type x) { return hc_fmt_arg_of(kind, bits, HC_SPACE_FLAT); }
HC_FMT_PACKER(char, HC_FMT_KIND_INT, (hc_u64)(hc_i64)x)
HC_FMT_PACKER(uchar, HC_FMT_KIND_INT, (hc_u64)x)
HC_FMT_PACKER(short, HC_FMT_KIND_INT, (hc_u64)(hc_i64)x)
HC_FMT_PACKER(ushort, HC_FMT_KIND_INT, (hc_u64)x)
HC_FMT_PACKER(int, HC_FMT_KIND_INT, (hc_u64)(hc_i64)x)
HC_FMT_PACKER(uint, HC_FMT_KIND_INT, (hc_u64)x)
HC_FMT_PACKER(long, HC_FMT_KIND_INT, (hc_u64)x)
HC_FMT_PACKER(ulong, HC_FMT_KIND_INT, (hc_u64)x)
/* clang has long long as a 64-bit type apart from long, and literals such as 1LL are of it. */
HC_FMT_PACKER(long long, HC_FMT_KIND_INT, (hc_u64)x)
HC_FMT_PACKER(unsigned long long, HC_FMT_KIND_INT, (hc_u64)x)

/* The bits of a float as those of the double that it is promoted to: not every device has doubles. */
HC_PURE_BIG hc_u64 hc_fmt_widen(hc_u32 bits) {
    const hc_u64 sign = (hc_u64)(bits >> 31) << 63;
    hc_u32 biased = (bits >> 23) & 255u, mant = bits & 0x7fffffu;
    if (biased == 255u) return sign | (hc_u64)0x7ff << 52 | (hc_u64)mant << 29;
    if (!biased) {
        if (!mant) return sign;
        HC_NO_UNROLL
        for (biased = 1; !(mant & 0x800000u); biased--) mant <<= 1;
        mant &= 0x7fffffu;
    }
    return sign | (hc_u64)(biased + (1023u - 127u)) << 52 | (hc_u64)mant << 29;
}
HC_FMT_PACKER(float, HC_FMT_KIND_DOUBLE, hc_fmt_widen(as_uint(x)))
#if defined(cl_khr_fp64) || defined(__opencl_c_fp64)
HC_FMT_PACKER(double, HC_FMT_KIND_DOUBLE, as_ulong(x))
#endif
#undef HC_FMT_PACKER

#define HC_FMT_POINTER_PACKER(fn, type, kind, space, bits) \
    fn HC_OVERLOAD hc_fmt_arg hc_fmt_pack(const type *p) { return hc_fmt_arg_of(kind, bits, space); }
#define HC_FMT_POINTER_PACKERS(fn, in, space, bits)                       \
    HC_FMT_POINTER_PACKER(fn, in char, HC_FMT_KIND_STR, space, bits)      \
    HC_FMT_POINTER_PACKER(fn, in uchar, HC_FMT_KIND_STR, space, bits)     \
    HC_FMT_POINTER_PACKER(fn, in void, HC_FMT_KIND_PTR, space, bits)
HC_FMT_POINTER_PACKERS(HC_PURE_BIG, __private, HC_SPACE_PRIVATE, (hc_u64)(size_t)p)
HC_FMT_POINTER_PACKERS(HC_PURE_BIG, __global, HC_SPACE_GLOBAL, (hc_u64)(size_t)p)
HC_FMT_POINTER_PACKERS(HC_PURE_BIG, __constant, HC_SPACE_CONSTANT, (hc_u64)(size_t)p)
HC_FMT_POINTER_PACKERS(HC_PURE_INLINE, __local, HC_SPACE_LOCAL, hc_hide_local(p))

/* NULL as an argument: a type of its own, or every pointer packer would do. */
HC_PURE_BIG HC_OVERLOAD hc_fmt_arg hc_fmt_pack(__private void *p) {
    return hc_fmt_arg_of(HC_FMT_KIND_PTR, (hc_u64)(size_t)p, HC_SPACE_PRIVATE);
}

#if defined(HC_HAS_GENERIC_SPACE)
HC_PURE_BIG HC_OVERLOAD hc_fmt_arg hc_fmt_pack(__generic void *p) {
    return hc_fmt_arg_of(HC_FMT_KIND_PTR, (hc_u64)(size_t)p, HC_SPACE_FLAT);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_cursor hc_fmt_text(const __generic char *fmt) {
    return hc_fmt_cursor_at(HC_SPACE_FLAT, (hc_u64)(size_t)fmt, HC_FMT_UNBOUNDED);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_sink hc_fmt_into(__generic char *out, hc_u64 cap) {
    return hc_fmt_sink_at(HC_SPACE_FLAT, (hc_u64)(size_t)out, cap);
}
HC_PURE_INLINE HC_OVERLOAD hc_fmt_sink hc_fmt_into(__generic void *out, hc_u64 cap) {
    return hc_fmt_sink_at(HC_SPACE_FLAT, (hc_u64)(size_t)out, cap);
}
HC_FMT_POINTER_PACKERS(HC_PURE_INLINE, __generic, HC_SPACE_FLAT, (hc_u64)(size_t)p)
#endif
#undef HC_FMT_POINTER_PACKERS
#undef HC_FMT_POINTER_PACKER

HC_PURE_BIG hc_i64 hc_fmt_length(hc_fmt_cursor fmt, const hc_fmt_arg *args, hc_u32 n) {
    hc_fmt_sink sink = hc_fmt_sink_at(HC_SPACE_PRIVATE, 0, 0);
    return hc_format(&sink, fmt, args, n);
}

HC_PURE_BIG int hc_fmt_snprintf(hc_fmt_sink sink, hc_fmt_cursor fmt, const hc_fmt_arg *args, hc_u32 n) {
    const int room = sink.cap != 0;
    hc_i64 total;
    if (room) sink.cap--;
    total = hc_format(&sink, fmt, args, n);
    if (room) hc_fmt_poke(&sink, sink.total < sink.cap ? sink.total : sink.cap, 0);
    if (total < 0) {
        HC_SET_ERRNO((int)-total);
        return -1;
    }
    return (int)total;
}

#define HC_FMT_JOIN(a, b) HC_FMT_JOIN_(a, b)
#define HC_FMT_JOIN_(a, b) a##b
#define HC_FMT_FIRST(first, ...) first
#define HC_FMT_PICK(f, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, n, ...) n
#define HC_FMT_ARGS_0(f) ((HC_PRIVATE hc_fmt_arg[1]){hc_fmt_arg_of(HC_FMT_KIND_NONE, 0, HC_SPACE_FLAT)})
#define HC_FMT_L_1(a) hc_fmt_pack(a)
#define HC_FMT_L_2(a, ...) hc_fmt_pack(a), HC_FMT_L_1(__VA_ARGS__)
#define HC_FMT_L_3(a, ...) hc_fmt_pack(a), HC_FMT_L_2(__VA_ARGS__)
#define HC_FMT_L_4(a, ...) hc_fmt_pack(a), HC_FMT_L_3(__VA_ARGS__)
#define HC_FMT_L_5(a, ...) hc_fmt_pack(a), HC_FMT_L_4(__VA_ARGS__)
#define HC_FMT_L_6(a, ...) hc_fmt_pack(a), HC_FMT_L_5(__VA_ARGS__)
#define HC_FMT_L_7(a, ...) hc_fmt_pack(a), HC_FMT_L_6(__VA_ARGS__)
#define HC_FMT_L_8(a, ...) hc_fmt_pack(a), HC_FMT_L_7(__VA_ARGS__)
#define HC_FMT_L_9(a, ...) hc_fmt_pack(a), HC_FMT_L_8(__VA_ARGS__)
#define HC_FMT_L_10(a, ...) hc_fmt_pack(a), HC_FMT_L_9(__VA_ARGS__)
#define HC_FMT_L_11(a, ...) hc_fmt_pack(a), HC_FMT_L_10(__VA_ARGS__)
#define HC_FMT_L_12(a, ...) hc_fmt_pack(a), HC_FMT_L_11(__VA_ARGS__)
#define HC_FMT_L_13(a, ...) hc_fmt_pack(a), HC_FMT_L_12(__VA_ARGS__)
#define HC_FMT_L_14(a, ...) hc_fmt_pack(a), HC_FMT_L_13(__VA_ARGS__)
#define HC_FMT_L_15(a, ...) hc_fmt_pack(a), HC_FMT_L_14(__VA_ARGS__)
#define HC_FMT_L_16(a, ...) hc_fmt_pack(a), HC_FMT_L_15(__VA_ARGS__)
#define HC_FMT_ARGS_1(f, ...) ((HC_PRIVATE hc_fmt_arg[1]){HC_FMT_L_1(__VA_ARGS__)})
#define HC_FMT_ARGS_2(f, ...) ((HC_PRIVATE hc_fmt_arg[2]){HC_FMT_L_2(__VA_ARGS__)})
#define HC_FMT_ARGS_3(f, ...) ((HC_PRIVATE hc_fmt_arg[3]){HC_FMT_L_3(__VA_ARGS__)})
#define HC_FMT_ARGS_4(f, ...) ((HC_PRIVATE hc_fmt_arg[4]){HC_FMT_L_4(__VA_ARGS__)})
#define HC_FMT_ARGS_5(f, ...) ((HC_PRIVATE hc_fmt_arg[5]){HC_FMT_L_5(__VA_ARGS__)})
#define HC_FMT_ARGS_6(f, ...) ((HC_PRIVATE hc_fmt_arg[6]){HC_FMT_L_6(__VA_ARGS__)})
#define HC_FMT_ARGS_7(f, ...) ((HC_PRIVATE hc_fmt_arg[7]){HC_FMT_L_7(__VA_ARGS__)})
#define HC_FMT_ARGS_8(f, ...) ((HC_PRIVATE hc_fmt_arg[8]){HC_FMT_L_8(__VA_ARGS__)})
#define HC_FMT_ARGS_9(f, ...) ((HC_PRIVATE hc_fmt_arg[9]){HC_FMT_L_9(__VA_ARGS__)})
#define HC_FMT_ARGS_10(f, ...) ((HC_PRIVATE hc_fmt_arg[10]){HC_FMT_L_10(__VA_ARGS__)})
#define HC_FMT_ARGS_11(f, ...) ((HC_PRIVATE hc_fmt_arg[11]){HC_FMT_L_11(__VA_ARGS__)})
#define HC_FMT_ARGS_12(f, ...) ((HC_PRIVATE hc_fmt_arg[12]){HC_FMT_L_12(__VA_ARGS__)})
#define HC_FMT_ARGS_13(f, ...) ((HC_PRIVATE hc_fmt_arg[13]){HC_FMT_L_13(__VA_ARGS__)})
#define HC_FMT_ARGS_14(f, ...) ((HC_PRIVATE hc_fmt_arg[14]){HC_FMT_L_14(__VA_ARGS__)})
#define HC_FMT_ARGS_15(f, ...) ((HC_PRIVATE hc_fmt_arg[15]){HC_FMT_L_15(__VA_ARGS__)})
#define HC_FMT_ARGS_16(f, ...) ((HC_PRIVATE hc_fmt_arg[16]){HC_FMT_L_16(__VA_ARGS__)})
/* These take a format and its arguments together: HC_FMT_COUNT their number without the format (0 to 16), HC_FMT_ARGS
 * the packed array, HC_FMT_TEXT the format as a cursor. */
#define HC_FMT_COUNT(...) HC_FMT_PICK(__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0)
#define HC_FMT_ARGS(...) HC_FMT_JOIN(HC_FMT_ARGS_, HC_FMT_COUNT(__VA_ARGS__))(__VA_ARGS__)
#define HC_FMT_TEXT(...) hc_fmt_text(HC_FMT_FIRST(__VA_ARGS__, 0))

#define hc_snprintf(out, size, ...) \
    hc_fmt_snprintf(hc_fmt_into(out, size), HC_FMT_TEXT(__VA_ARGS__), HC_FMT_ARGS(__VA_ARGS__), \
                    HC_FMT_COUNT(__VA_ARGS__))
#define hc_sprintf(out, ...) hc_snprintf(out, (~(size_t)0 >> 1), __VA_ARGS__)
#endif

#endif
