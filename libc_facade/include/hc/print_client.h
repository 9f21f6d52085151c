/* SPDX-License-Identifier: Apache-2.0
 *
 * How a warp prints: the format and the arguments go into the posted ring (print.h has the words), nobody waits, and the host formats.
 * Converged lanes with the same format share one record, one copy of its text and one of every argument that is the same for all of them.
 * What is too long for a record travels as a call. Only output for other descriptors is formatted here. Nothing is split, cut or left out silently.
 */
#ifndef HC_PRINT_CLIENT_H
#define HC_PRINT_CLIENT_H
#include "fs.h"
#include "print.h"

/* Where the arguments of a conversion come from: a list in C, an array of packed ones in OpenCL C. */
typedef struct hc_print_source {
    hc_fmt_cursor fmt;
#if defined(HC_OPENCL)
    HC_PRIVATE const hc_fmt_arg *args;
    hc_u32 n, used;
#else
    hc_fmt_va va;
#endif
} hc_print_source;

/* Takes the next argument, which has to suit the conversion: the host reads the words by the format alone. 0 or -EINVAL. */
#if defined(HC_OPENCL)
HC_FN int hc_print_take_int(hc_print_source *s, hc_i32 *value) {
    if (s->used >= s->n || s->args[s->used].kind != HC_FMT_KIND_INT) return -HC_EINVAL;
    *value = (hc_i32)(hc_u32)s->args[s->used++].bits;
    return 0;
}
HC_FN int hc_print_take(hc_print_source *s, const hc_fmt_spec *spec, hc_fmt_arg *arg) {
    hc_u32 kind = hc_fmt_kind(spec);
    if (s->used >= s->n) return -HC_EINVAL;
    *arg = s->args[s->used++];
    if (arg->kind == kind) return 0;
    if (kind == HC_FMT_KIND_STR && arg->kind == HC_FMT_KIND_PTR && !arg->bits) return 0;
    if (kind == HC_FMT_KIND_INT && arg->kind == HC_FMT_KIND_PTR) return 0;
    if (kind == HC_FMT_KIND_PTR && (arg->kind == HC_FMT_KIND_STR || arg->kind == HC_FMT_KIND_INT)) return 0;
    return -HC_EINVAL;
}
#else
HC_FN int hc_print_take_int(hc_print_source *s, hc_i32 *value) {
    *value = HC_VA_ARG(s->va.list, int);
    return 0;
}
HC_FN int hc_print_take(hc_print_source *s, const hc_fmt_spec *spec, hc_fmt_arg *arg) {
    *arg = hc_fmt_pull(&s->va, spec);
    return 0;
}
#endif

/* What a lane's part of a record needs. */
typedef struct hc_print_need {
    hc_u64 format_bytes, nargs;
    hc_u64 words; /* of arguments and strings */
    int too_long; /* for a record: goes as a call */
} hc_print_need;

HC_FN hc_u64 hc_print_string_bytes(const hc_fmt_spec *spec, const hc_fmt_arg *arg) { return arg->bits ? hc_fmt_text_len(spec, arg) : 0; }

/* One word of a lane's payload part. */
HC_BODY void hc_print_part_word(HC_PRIVATE const hc_txn *t, hc_u64 index, hc_u64 value) {
    hc_u64 off = t->offset + 8u * index;
    if (8u * index >= t->bytes) return;
    if (t->kind == HC_PAY_INLINE) hc_put_word(hc_tail_at(t, t->nargs * t->lanes + (hc_u32)(off / 8u)), value, t->seq);
    else *HC_AT(hc_u64, hc_part_at(t) + 8u * index) = value;
}
/* A word of a record at a position in the ring, or, with a transaction, at an index in the lane's part. */
HC_FN void hc_print_word(hc_u64 c, HC_PRIVATE const hc_txn *t, hc_u64 at, hc_u64 value) {
    if (t) hc_print_part_word(t, at, value);
    else hc_posted_word(c, at, value);
}
HC_FN hc_u64 hc_print_gather(hc_u32 space, hc_u64 from, hc_u64 n) {
    hc_u64 word = 0;
    hc_u32 i;
    HC_ROLLED for (i = 0; i < 8u && i < n; i++) word |= (hc_u64)hc_peek(space, from + i) << (8u * i);
    return word;
}

/* One walk over the format with its arguments. `at` is 0 to measure, or 1 + where the lane's first argument word goes, to write.
 * 0 or a negative errno. */
HC_BODY int hc_print_walk(hc_print_source *s, hc_print_need *need, hc_u64 c, HC_PRIVATE const hc_txn *t, hc_u64 at) {
    hc_fmt_spec spec;
    hc_u64 start = s->fmt.at, strings = at ? at - 1u + need->nargs : 0, argument = at ? at - 1u : 0, words = 0, nargs = 0;
    hc_u64 room = at ? need->words - need->nargs : 0; /* a string that has grown since it was measured is cut */
    int more, rc, wide = 0;
    HC_ROLLED while ((more = hc_fmt_next(&s->fmt, &spec)) > 0) {
        hc_fmt_arg arg;
        hc_u64 value;
        hc_i32 star;
        if (spec.flags & HC_FMT_STAR_WIDTH) {
            if ((rc = hc_print_take_int(s, &star)) != 0) return rc;
            if (at) hc_print_word(c, t, argument++, (hc_u64)(hc_i64)star);
            nargs++;
            if ((rc = hc_fmt_set_width(&spec, star)) != 0) return rc;
        }
        if (spec.flags & HC_FMT_STAR_PRECISION) {
            if ((rc = hc_print_take_int(s, &star)) != 0) return rc;
            if (at) hc_print_word(c, t, argument++, (hc_u64)(hc_i64)star);
            nargs++;
            hc_fmt_set_precision(&spec, star);
        }
        wide |= spec.width > HC_PRINT_MAX_FIELD || spec.precision > HC_PRINT_MAX_FIELD;
        if (spec.conv == '%') continue;
        if ((rc = hc_print_take(s, &spec, &arg)) != 0) return rc;
        nargs++;
        value = arg.bits;
        if (spec.conv == 's') {
            hc_u64 n = hc_print_string_bytes(&spec, &arg), k;
            if (at && hc_print_words(n) > room - words) n = 8u * (room - words);
            words += hc_print_words(n);
            value = arg.bits ? n : HC_PRINT_NULL;
            if (at) {
                HC_ROLLED for (k = 0; k < n; k += 8u) hc_print_word(c, t, strings++, hc_print_gather(arg.space, arg.bits + k, n - k));
            }
        } else if (hc_fmt_kind(&spec) == HC_FMT_KIND_INT && spec.conv != 'c') {
            value = (hc_u64)hc_fmt_narrow(&spec, value);
        }
        if (at) hc_print_word(c, t, argument++, value);
    }
    if (more < 0) return more;
    if (at) { /* and one that has become shorter leaves words of no meaning */
        HC_ROLLED for (; words < room; words++) hc_print_word(c, t, strings++, 0);
    } else {
        hc_u64 format_bytes = s->fmt.at - start;
        need->words = words + nargs;
        need->too_long = wide || nargs > HC_PRINT_MAX_ARGS || format_bytes > HC_PRINT_MAX_FORMAT ||
                         HC_PRINT_FIRST + hc_print_words(format_bytes) + need->words > HC_MAX_RECORD_WORDS;
        need->nargs = nargs;
        need->format_bytes = format_bytes;
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------------------------- few arguments
 * One walk over the format leaves the arguments here; what is then stored is what was measured, whatever other lanes do to a string. */
#define HC_PRINT_FEW 16u
typedef struct hc_print_few {
    hc_u64 value[HC_PRINT_FEW];  /* of a string its address */
    hc_u32 length[HC_PRINT_FEW]; /* bytes of a string, or HC_PRINT_NO_STRING */
    hc_u32 at[HC_PRINT_FEW];     /* where its words begin among those of all strings */
#if defined(HC_OPENCL)
    hc_u8 space[HC_PRINT_FEW];
#endif
    hc_u32 n, wide, strings; /* wide, strings: a bit for each argument */
    hc_u32 format_bytes, string_words;
} hc_print_few;

HC_FN void hc_print_add(HC_PRIVATE hc_print_few *a, hc_u64 value) {
    if (a->n < HC_PRINT_FEW) a->value[a->n] = value;
    a->n++;
}
/* Scans the format up to the next conversion that is no more than %% [flags] [width] [.precision] [length] letter, as nearly all are, with a
 * few instructions a character. `spec` then has letter and length only, and the cursor stands behind the conversion. 1: such a one;
 * 0: the format has ended; -1: another one, the cursor stands before its percent sign, hc_fmt_next reads it. */
HC_FN int hc_print_scan(hc_fmt_cursor *cursor, hc_fmt_spec *spec) {
    hc_u64 at = cursor->at, percent;
    hc_u32 space = cursor->space, c, digits = 0, precise = 0, length = HC_FMT_LEN_NONE, is_int, is_double;
    HC_NO_UNROLL
    while ((c = hc_peek(space, at)) != 0 && c != '%') at++;
    cursor->at = at;
    if (!c) return 0;
    percent = at++;
    HC_NO_UNROLL
    for (;; at++) { /* the host reads what flags, width and precision say: here only that they are short */
        c = hc_peek(space, at);
        if (c == '.') {
            if (precise) return -1;
            precise = 1;
            digits = 0;
        } else if (c - '0' < 10u) {
            if (++digits > 5u) return -1;
        } else if (precise || digits || (c != '-' && c != '+' && c != ' ' && c != '#')) {
            break;
        }
    }
    at++;
    if (c == 'l') {
        length = HC_FMT_LEN_L;
        c = hc_peek(space, at++);
    }
    is_int = c == 'd' || c == 'u' || c == 'x' || c == 'i' || c == 'X';
    is_double = c == 'f' || c == 'g' || c == 'e';
    /* How far a string is looked at depends on its precision; %% and what is rare have rules of their own. */
    if (!is_int && !is_double && !(length == HC_FMT_LEN_NONE && (c == 'c' || (c == 's' && !precise)))) {
        cursor->at = percent;
        return -1;
    }
    cursor->at = at;
    spec->flags = 0;
    spec->width = 0;
    spec->precision = -1;
    spec->length = length;
    spec->conv = c;
    return 1;
}
/* 0; 1 where there are more than few or they are too long for a record; or a negative errno. */
HC_FN int hc_print_collect(hc_print_source *s, HC_PRIVATE hc_print_few *a) {
    hc_fmt_spec spec;
    hc_u64 start = s->fmt.at, strings = 0;
    int more, rc, wide = 0;
    a->n = 0;
    a->wide = 0;
    a->strings = 0;
    HC_ROLLED while ((more = hc_print_scan(&s->fmt, &spec)) != 0) {
        hc_fmt_arg arg;
        hc_i32 star;
        if (more < 0 && (more = hc_fmt_next(&s->fmt, &spec)) <= 0) break;
        if (a->n >= HC_PRINT_FEW - 2u) return 1; /* room for two stars and a value */
        if (spec.flags & HC_FMT_STAR_WIDTH) {
            if ((rc = hc_print_take_int(s, &star)) != 0) return rc;
            hc_print_add(a, (hc_u64)(hc_i64)star);
            if ((rc = hc_fmt_set_width(&spec, star)) != 0) return rc;
        }
        if (spec.flags & HC_FMT_STAR_PRECISION) {
            if ((rc = hc_print_take_int(s, &star)) != 0) return rc;
            hc_print_add(a, (hc_u64)(hc_i64)star);
            hc_fmt_set_precision(&spec, star);
        }
        wide |= spec.width > HC_PRINT_MAX_FIELD || spec.precision > HC_PRINT_MAX_FIELD;
        if (spec.conv == '%') continue;
        if ((rc = hc_print_take(s, &spec, &arg)) != 0) return rc;
        if (spec.conv == 's') {
            hc_u64 n = hc_print_string_bytes(&spec, &arg);
            if (n > 8u * HC_MAX_RECORD_WORDS) return 1;
            a->strings |= 1u << a->n;
            a->length[a->n] = arg.bits ? (hc_u32)n : HC_PRINT_NO_STRING;
#if defined(HC_OPENCL)
            a->space[a->n] = (hc_u8)arg.space;
#endif
            strings += hc_print_words(n);
        } else if (!hc_fmt_is_narrow(&spec)) {
            a->wide |= 1u << a->n;
        }
        hc_print_add(a, arg.bits);
    }
    if (more < 0) return more;
    a->format_bytes = (hc_u32)(s->fmt.at - start);
    a->string_words = (hc_u32)strings;
    return wide || s->fmt.at - start > HC_PRINT_MAX_FORMAT ||
           HC_PRINT_FIRST + hc_print_words(s->fmt.at - start) + a->n + strings > HC_MAX_RECORD_WORDS;
}
HC_FN hc_u32 hc_print_string_words(HC_PRIVATE const hc_print_few *a, hc_u32 k) {
    return a->length[k] == HC_PRINT_NO_STRING ? 0u : (a->length[k] + 7u) / 8u;
}
/* The sum of `mine` over the lanes of `who`; *before: over those below this one. */
HC_FN hc_u32 hc_print_spread(hc_mask who, hc_u32 mine, HC_PRIVATE hc_u32 *before) {
    hc_u32 sum = 0;
    hc_mask m = who;
    *before = 0;
    if (hc_all_same64(who, mine)) {
        *before = mine * hc_rank(who);
        return mine * hc_popc(who);
    }
    HC_ROLLED while (m) {
        hc_u32 src = hc_first(m), v = hc_shfl32(who, mine, src);
        if (src == hc_lane()) *before = sum;
        sum += v;
        m &= m - 1u;
    }
    return sum;
}
/* One address is one text for all lanes, unless it is on a lane's own stack. */
HC_FN int hc_print_is_own(hc_u64 address) {
#if defined(HC_CUDA)
    return hc_is_lane_private((const void *)address);
#else
    (void)address;
    return 0;
#endif
}
/* Which arguments are the same for all lanes of `who`: a bit each. Also where each string goes, and in *words what all of it takes. */
HC_FN hc_u32 hc_print_measure(hc_mask who, HC_PRIVATE hc_print_few *a, HC_PRIVATE hc_u32 *words, HC_PRIVATE hc_u32 *string_words) {
    hc_u32 k, uniform = 0, columns = 0, strings = 0, lanes = hc_popc(who);
    HC_ROLLED for (k = 0; k < a->n; k++) {
        int string = (a->strings >> k) & 1u, same = 1;
#if HC_HAS_WARPS
        if (lanes > 1u) {
            same = hc_all_same64(who, a->value[k]);
            if (string && same) same = hc_all_same64(who, a->length[k]) && !hc_ballot(who, hc_print_is_own(a->value[k]));
        }
#endif
        if (same) uniform |= 1u << k;
        columns += hc_print_column_words(lanes, same, !((a->wide >> k) & 1u));
        if (string) {
            hc_u32 before = 0, mine = hc_print_string_words(a, k), sum = same ? mine : hc_print_spread(who, mine, &before);
            a->at[k] = strings + before;
            strings += sum;
        }
    }
    *words = HC_PRINT_FIRST + (hc_u32)hc_print_words(a->format_bytes) + columns + strings;
    *string_words = strings;
    return uniform;
}

/* What the steps below depend on. One format is one shape, unless somebody changes its text meanwhile: such lanes go apart. */
HC_FN hc_u64 hc_print_shape(HC_PRIVATE const hc_print_few *a) {
    return ((hc_u64)a->wide | ((hc_u64)a->strings << 16) | ((hc_u64)a->n << 32) | ((hc_u64)a->format_bytes << 37)) * 0x9e3779b97f4a7c15ull;
}

/* Posts the record of the lanes `who`, which are here together and print by one format. 0 or -errno, the same for all of them. */
HC_FN int hc_print_record(hc_u64 c, const hc_posted_credit *credit, hc_mask who, hc_u32 stream, hc_fmt_cursor fmt,
                          HC_PRIVATE hc_print_few *a) {
    hc_u32 words, strings, uniform = hc_print_measure(who, a, &words, &strings), k, leader, rank, lanes;
    hc_u32 head = HC_PRINT_FIRST + (hc_u32)hc_print_words(a->format_bytes);
    hc_u64 at = 0, place, texts;
    if (words > HC_MAX_RECORD_WORDS) { /* each on its own: alone they fit */
        who = 1u << hc_lane();
        uniform = hc_print_measure(who, a, &words, &strings);
    }
    leader = hc_first(who);
    rank = hc_rank(who);
    lanes = hc_popc(who);
    if (hc_lane() == leader) at = hc_posted_claim_seen(c, credit, words, lanes);
    at = hc_shfl64(who, at, leader);
    if (at == HC_NO_POSITION) return (HC_C(c)->flags & (HC_FLAG_DROP_FULL | HC_FLAG_DEFERRED)) ? -HC_EAGAIN : -HC_ESHUTDOWN;
    /* Neighbours write neighbouring words: what a warp stores at once is one piece of the ring. */
    HC_ROLLED for (k = rank; k < head; k += lanes) {
        hc_u64 value = (hc_u64)hc_record_pack(HC_POST_PRINTF, words) | ((hc_u64)hc_print_pack(stream, a->n, a->format_bytes) << 32);
        if (k == 1u) value = (hc_u64)who | ((hc_u64)uniform << 32);
        if (k >= HC_PRINT_FIRST) value = hc_print_gather(fmt.space, fmt.at + 8u * (k - HC_PRINT_FIRST), a->format_bytes - 8u * (k - HC_PRINT_FIRST));
        hc_posted_word(c, at + k, value);
    }
    place = at + head;
    texts = at + words - strings;
    HC_ROLLED for (k = 0; k < a->n; k++) {
        hc_u32 same = (uniform >> k) & 1u, narrow = !((a->wide >> k) & 1u), string = (a->strings >> k) & 1u;
        hc_u64 value = string ? a->length[k] : narrow ? (hc_u64)(hc_u32)a->value[k] : a->value[k];
        if (same) {
            if (rank == 0) hc_posted_word(c, place, value);
        } else if (!narrow) {
            hc_posted_word(c, place + rank, value);
        } else { /* a lane of even rank stores its neighbour's beside its own */
            hc_mask above = who & ~((2u << hc_lane()) - 1u);
            hc_u32 other = hc_shfl32(who, (hc_u32)value, above ? hc_first(above) : hc_lane());
            if (!(rank & 1u)) hc_posted_word(c, place + rank / 2u, value | ((hc_u64)(above ? other : 0u) << 32));
        }
        place += hc_print_column_words(lanes, (int)same, (int)narrow);
        if (string) {
            hc_u32 n = hc_print_string_words(a, k), step = same ? lanes : 1u, j;
#if defined(HC_OPENCL)
            hc_u32 space = a->space[k];
#else
            hc_u32 space = fmt.space;
#endif
            HC_ROLLED for (j = same ? rank : 0u; j < n; j += step)
                hc_posted_word(c, texts + a->at[k] + j, hc_print_gather(space, a->value[k] + 8u * j, a->length[k] - 8u * j));
        }
    }
    return 0;
}

/* Many arguments: measured, then stored, by each lane in a record of its own. */
HC_BODY int hc_print_alone(hc_u64 c, hc_u32 stream, hc_print_source *source, hc_print_need *need) {
    hc_print_source s = *source;
    hc_u32 head, words, k;
    hc_u64 at;
    int rc;
#if !defined(HC_OPENCL)
    HC_VA_COPY(s.va.list, source->va.list);
#endif
    rc = hc_print_walk(&s, need, c, (HC_PRIVATE const hc_txn *)0, 0);
#if !defined(HC_OPENCL)
    HC_VA_END(s.va.list);
#endif
    if (rc) return rc;
    if (need->too_long) return 1;
    head = HC_PRINT_FIRST + (hc_u32)hc_print_words(need->format_bytes);
    words = head + (hc_u32)need->words;
    at = hc_posted_claim(c, words, 1);
    if (at == HC_NO_POSITION) return (HC_C(c)->flags & (HC_FLAG_DROP_FULL | HC_FLAG_DEFERRED)) ? -HC_EAGAIN : -HC_ESHUTDOWN;
    s = *source;
#if !defined(HC_OPENCL)
    HC_VA_COPY(s.va.list, source->va.list);
#endif
    hc_posted_word(c, at, (hc_u64)hc_record_pack(HC_POST_PRINTF, words) | ((hc_u64)hc_print_pack(stream, (hc_u32)need->nargs, (hc_u32)need->format_bytes) << 32));
    hc_posted_word(c, at + 1u, (hc_u64)1u << hc_lane());
    HC_ROLLED for (k = HC_PRINT_FIRST; k < head; k++)
        hc_posted_word(c, at + k, hc_print_gather(source->fmt.space, source->fmt.at + 8u * (k - HC_PRINT_FIRST), need->format_bytes - 8u * (k - HC_PRINT_FIRST)));
    (void)hc_print_walk(&s, need, c, (HC_PRIVATE const hc_txn *)0, 1u + at + head);
#if !defined(HC_OPENCL)
    HC_VA_END(s.va.list);
#endif
    return 0;
}

/* Lanes may share a record if one address is one text for them: not on a lane's own stack. */
HC_FN hc_u64 hc_print_key(hc_u64 fmt, hc_u32 stream) {
    hc_u64 key = fmt | ((hc_u64)stream << 62);
    if (hc_print_is_own(fmt)) key |= (hc_u64)(hc_lane() + 1u) << 56;
    return key;
}

/* 0: posted. 1: too long, not posted, and *need says how long. Negative: refused. */
HC_BODY int hc_print_post(hc_u32 stream, hc_print_source *source, hc_print_need *need) {
    hc_u64 c = hc_client_address();
    hc_mask here = hc_active_mask(), good;
    hc_print_source s = *source;
    hc_posted_credit credit;
    hc_print_few args;
    int rc;
    if (!c) return -HC_ENODEV;
    if (!s.fmt.at) return -HC_EFAULT;
    hc_posted_look(c, &credit); /* on its way while the format is read */
#if !defined(HC_OPENCL)
    HC_VA_COPY(s.va.list, source->va.list);
#endif
    rc = hc_print_collect(&s, &args);
#if !defined(HC_OPENCL)
    HC_VA_END(s.va.list);
#endif
    good = hc_ballot(here, rc == 0); /* the lanes meet again here */
    if (rc > 0) return hc_print_alone(c, stream, source, need);
    if (rc) return rc;
    return hc_print_record(c, &credit, hc_match64(good, hc_print_key(source->fmt.at, stream) ^ hc_print_shape(&args)), stream, source->fmt, &args);
}

/* The same words as the payload of a call, after everything this lane has posted. 0 or a negative errno. */
HC_BODY hc_i64 hc_print_packet(hc_u32 stream, hc_print_source *source, hc_print_need *need, hc_u32 alone) {
    hc_u64 format_words = hc_print_words(need->format_bytes), bytes = 8u * (format_words + need->words), k;
    hc_txn t;
    hc_i64 r;
    hc_posix_begin(&t, HC_OP_PRINT, 4, bytes, HC_IN | alone);
    if (!t.err) {
        hc_print_source s = *source;
        HC_ROLLED for (k = 0; k < format_words; k++)
            hc_print_part_word(&t, k, hc_print_gather(s.fmt.space, s.fmt.at + 8u * k, need->format_bytes - 8u * k));
#if !defined(HC_OPENCL)
        HC_VA_COPY(s.va.list, source->va.list);
#endif
        (void)hc_print_walk(&s, need, t.c, &t, 1u + format_words);
#if !defined(HC_OPENCL)
        HC_VA_END(s.va.list);
#endif
        hc_warp_sync(t.mask);
    }
    r = hc_posix_send(&t, (hc_i64)bytes, stream, (hc_i64)need->format_bytes, (hc_i64)need->nargs);
    hc_posix_end(&t);
    return r < 0 ? r : 0;
}
/* Parts that are together too long for the payload memory go one after the other: alone they may fit. */
HC_BODY int hc_print_long(hc_u32 stream, hc_print_source *source, hc_print_need *need) {
    hc_i64 r = hc_print_packet(stream, source, need, 0);
    if (r == -HC_EMSGSIZE) {
        hc_mask here = hc_active_mask(), todo = here;
        HC_ROLLED while (todo) {
            if (hc_lane() == hc_first(todo)) r = hc_print_packet(stream, source, need, HC_ALONE);
            hc_warp_sync(here);
            todo &= todo - 1u;
        }
    }
    return (int)r;
}
/* To stdout or stderr. 0 or a negative errno. */
HC_FN int hc_print_to_stream(int fd, hc_print_source *source) {
    hc_print_need need;
    int rc = hc_print_post((hc_u32)fd, source, &need);
    return rc == 1 ? hc_print_long((hc_u32)fd, source, &need) : rc;
}

/* ---------------------------------------------------------------------------------------------------------- other descriptors */
/* The text of a format, in memory from the heap. Its length, or a negative errno. */
HC_BODY hc_i64 hc_print_text(hc_print_source *source, HC_GLOBAL char **text) {
    hc_i64 n = 0;
    hc_u32 pass;
    *text = (HC_GLOBAL char *)0;
    HC_ROLLED for (pass = 0; pass < 2u; pass++) {
        hc_fmt_sink sink = hc_fmt_into(*text, pass ? (hc_u64)n : 0);
#if defined(HC_OPENCL)
        n = hc_format(&sink, source->fmt, source->args, source->n);
#else
        hc_fmt_va va;
        HC_VA_COPY(va.list, source->va.list);
        n = hc_vformat(&sink, source->fmt, &va);
        HC_VA_END(va.list);
#endif
        if (n < 0 || pass) break;
        *text = (HC_GLOBAL char *)(size_t)hc_heap_get_block((hc_u64)n + 1u, 16u); /* malloc, but errno is the caller's to set */
        if (!*text) return -HC_ENOMEM;
    }
    return n;
}
/* Formatted here, and written until all of it is: a file on a full disk or a pipe may take a part. 0 or a negative errno. */
HC_BODY int hc_print_to_file(int fd, hc_print_source *source) {
    HC_GLOBAL char *text;
    hc_i64 n = hc_print_text(source, &text), done = 0, r = n;
    HC_ROLLED while (r >= 0 && done < n) {
        r = hc_write_any(fd, (HC_GLOBAL const void *)(text + done), (hc_u64)(n - done));
        if (r == 0) r = -HC_EIO;
        if (r > 0) done += r;
    }
    if (n == 0) r = hc_write_any(fd, (HC_GLOBAL const void *)text, 0); /* is it a descriptor at all? */
    hc_free(text);
    return r < 0 ? (int)r : 0;
}
/* To any descriptor. */
HC_FN int hc_print_any(int fd, hc_print_source *source) {
    return fd == (int)HC_STREAM_STDOUT || fd == (int)HC_STREAM_STDERR ? hc_print_to_stream(fd, source) : hc_print_to_file(fd, source);
}

/* ----------------------------------------------------------------------------------------------------------------- plain bytes */
/* Text with or without a newline behind it, as one record, or, when it is too long for one, as one write. 0 or a negative errno. */
#define HC_DEFINE_PRINT_BYTES(SPACE, ATTR, BODY)                                                                                         \
    BODY ATTR hc_i64 hc_print_bytes_long(int fd, SPACE const char *text, hc_u64 n, hc_u32 newline) {                                     \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_posix_begin(&t, HC_OP_WRITE, 3, n + newline, HC_IN);                                                                                       \
        if (!t.err) {                                                                                                                    \
            hc_payload_writer w;                                                                                                         \
            hc_u64 i;                                                                                                                    \
            hc_payload_begin(&w, &t);                                                                                                    \
            HC_ROLLED for (i = 0; i < n; i++) hc_payload_byte(&w, (hc_u32)(hc_u8)text[i]);                                               \
            if (newline) hc_payload_byte(&w, '\n');                                                                                      \
            hc_payload_end(&w);                                                                                                          \
            hc_warp_sync(t.mask);                                                                                                        \
        }                                                                                                                                \
        r = hc_posix_send(&t, (hc_i64)(n + newline), 0, fd, 0);                                                             \
        hc_posix_end(&t);                                                                                                                \
        return r < 0 ? r : r == (hc_i64)(n + newline) ? 0 : -HC_EIO;                                                                     \
    }                                                                                                                                    \
    BODY ATTR hc_i64 hc_print_bytes(int fd, SPACE const char *text, hc_u64 n, hc_u32 newline) {                                          \
        hc_post_txn p;                                                                                                                   \
        hc_u64 bytes = n + newline, words = hc_print_words(bytes), k;                                                                    \
        if (!bytes) return 0;                                                                                                            \
        if (words + 2u > HC_MAX_RECORD_WORDS) return hc_print_bytes_long(fd, text, n, newline);                                          \
        hc_post_begin(&p, 2u + (hc_u32)words);                                                                                           \
        if (p.err) return p.err;                                                                                                         \
        hc_post_word(&p, 1, bytes);                                                                                                      \
        HC_ROLLED for (k = 0; k < words; k++) {                                                                                          \
            hc_u64 word = hc_gather8((SPACE const hc_u8 *)text + 8u * k, n > 8u * k ? n - 8u * k : 0);                                   \
            if (newline && k == n / 8u) word |= (hc_u64)'\n' << (8u * (hc_u32)(n & 7u));                                                 \
            hc_post_word(&p, 2u + (hc_u32)k, word);                                                                                      \
        }                                                                                                                                \
        hc_post_header(&p, HC_POST_BYTES, 2u + (hc_u32)words, (hc_u32)fd);                                                               \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_print_line(int fd, SPACE const char *text, hc_u32 newline) {                                                    \
        hc_mask here = hc_active_mask();                                                                                                 \
        hc_u64 n = text ? hc_text_length(text, ~(hc_u64)0) : 0;                                                                          \
        hc_warp_sync(here);                                                                                                              \
        return text ? hc_print_bytes(fd, text, n, newline) : -HC_EFAULT;                                                                 \
    }
HC_FOR_IN(HC_DEFINE_PRINT_BYTES)

/* One byte: no memory is read. */
HC_BODY hc_i64 hc_print_byte(int fd, hc_u32 byte) {
    hc_post_txn p;
    hc_post_begin(&p, 3);
    if (p.err) return p.err;
    hc_post_word(&p, 1, 1);
    hc_post_word(&p, 2, byte & 255u);
    hc_post_header(&p, HC_POST_BYTES, 3, (hc_u32)fd);
    return 0;
}

#endif
