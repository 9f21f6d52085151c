/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls by name, posted calls, tickets: the part of hostcall.h that is not POSIX. Results are a value >= 0 or a negative errno; errno
 * itself is left alone. Like every call these travel a warp at a time and may be made by any subset of lanes.
 */
#ifndef HC_CALL_H
#define HC_CALL_H
#include "client.h"

/* A ticket: the handle of a call that was submitted and not waited for. It may lie in device memory and outlive the launch. */
typedef struct hc_ticket {
    hc_u32 index, generation; /* generation 0: no ticket */
    hc_u32 page, pages;       /* payload that comes back */
    hc_u64 bytes;
} hc_ticket;

/* ---------------------------------------------------------------------------------------------------- tickets: the plain part */
HC_FN hc_u32 hc_ticket_claim(hc_u64 c, hc_u32 *generation) {
    hc_u32 n = HC_C(c)->ntickets, s = ((hc_u32)hc_thread_id() * 2654435761u) % n, i;
    HC_NO_UNROLL
    for (i = 0; i < n; i++) {
        hc_u32 old = hc_dev_or32(HC_C(c)->ticket_state + 4u * s, HC_SLOT_BUSY);
        if (!(old & HC_SLOT_BUSY)) {
            *generation = hc_seq_next(old);
            return s;
        }
        if (++s == n) s = 0;
    }
    hc_count(c, HC_CNT_TICKETS_FULL, 1);
    return HC_NO_SLOT;
}
HC_FN void hc_ticket_release(hc_u64 c, hc_u32 index, hc_u32 generation) { hc_dev_store32(HC_C(c)->ticket_state + 4u * index, generation); }

typedef struct hc_submission { /* a ticket's record in the making: one lane */
    hc_txn t;                  /* carries the payload: t.bytes, t.offset, t.page, t.pages; nargs 0, lanes 1 */
    hc_ticket ticket;
    hc_i32 err;
} hc_submission;

/* Reserves what the submission needs: `in` payload bytes that go, `out` that may come back. */
HC_NOINLINE void hc_submission_begin(hc_submission *s, hc_u64 in, hc_u64 out) {
    hc_u64 c = hc_client_address(), bytes = in > out ? in : out;
    s->err = 0;
    s->ticket.generation = 0;
    s->ticket.pages = 0;
    s->ticket.page = 0;
    s->ticket.bytes = out;
    if (!c) {
        s->err = -HC_ENODEV;
        return;
    }
    s->t.c = c;
    s->t.mask = 1u << hc_lane();
    s->t.leader = hc_lane();
    s->t.rank = 0;
    s->t.lanes = 1;
    s->t.nargs = 0;
    s->t.flags = 0;
    s->t.bytes = bytes;
    s->t.offset = 0;
    s->t.pages = 0;
    s->t.page = 0;
    s->t.kind = bytes ? HC_PAY_INLINE : HC_PAY_NONE;
    if (out || in > 8u * 64u) {
        s->t.kind = HC_PAY_STAGED;
        if (HC_C(c)->flags & HC_FLAG_DEFERRED) { /* nobody frees pages while this launch runs: never wait */
            hc_u64 arena = (hc_u64)HC_C(c)->payload_pages * HC_PAGE;
            if (bytes > arena) {
                s->err = -HC_EMSGSIZE;
                return;
            }
            s->t.pages = (hc_u32)((bytes + HC_PAGE - 1u) / HC_PAGE);
            if (s->t.pages > 32u) s->t.pages = (s->t.pages + 31u) & ~31u;
            s->t.page = hc_arena_try(c, s->t.pages, 1);
            if (s->t.page == ~0u) {
                s->err = -HC_EAGAIN;
                return;
            }
        } else {
            s->err = hc_txn_reserve(&s->t, bytes);
            if (s->err) return;
        }
        s->ticket.page = s->t.page;
        s->ticket.pages = s->t.pages;
    }
    s->ticket.index = hc_ticket_claim(c, &s->ticket.generation);
    if (s->ticket.index == HC_NO_SLOT) {
        if (s->ticket.pages) hc_arena_free(c, s->ticket.page, s->ticket.pages);
        s->ticket.generation = 0;
        s->ticket.pages = 0;
        s->err = -HC_EAGAIN;
    }
}
HC_FN hc_u32 hc_submission_words(const hc_submission *s, hc_u32 nargs, hc_u64 in) {
    return 3u + nargs + (s->t.kind == HC_PAY_INLINE ? (hc_u32)((in + 7u) / 8u) : 0u);
}
/* The record but for its inline payload words, which begin at 3 + nargs. */
HC_FN void hc_submission_record(hc_submission *s, const hc_post_txn *p, hc_u32 words, hc_u32 op, hc_u32 nargs, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3) {
    hc_post_word(p, 1, (hc_u64)s->ticket.index | ((hc_u64)s->ticket.generation << 32));
    hc_post_word(p, 2, s->t.kind == HC_PAY_STAGED ? (hc_u64)s->ticket.page * (HC_PAGE / 16u) : 0);
    if (nargs > 0) hc_post_word(p, 3, (hc_u64)a0);
    if (nargs > 1u) hc_post_word(p, 4, (hc_u64)a1);
    if (nargs > 2u) hc_post_word(p, 5, (hc_u64)a2);
    if (nargs > 3u) hc_post_word(p, 6, (hc_u64)a3);
    hc_post_header(p, HC_POST_SUBMIT, words, op | (nargs << 16) | (s->t.kind << 20));
}
HC_FN void hc_submission_refused(hc_submission *s, hc_i32 err) {
    if (s->ticket.pages) hc_arena_free(s->t.c, s->ticket.page, s->ticket.pages);
    hc_ticket_release(s->t.c, s->ticket.index, s->ticket.generation);
    s->ticket.generation = 0;
    s->ticket.pages = 0;
    s->err = err;
}

/* A call without payload that goes to the host: the completion is read later. */
HC_FN hc_ticket hc_submit_words(hc_u32 op, hc_u32 nargs, hc_i64 a0, hc_i64 a1, hc_i64 a2, hc_i64 a3, hc_u64 out, hc_i32 *err) {
    hc_submission s;
    hc_post_txn p;
    hc_submission_begin(&s, 0, out);
    if (!s.err) {
        hc_u32 words = hc_submission_words(&s, nargs, 0);
        hc_post_begin(&p, words);
        if (p.err) hc_submission_refused(&s, p.err);
        else hc_submission_record(&s, &p, words, op, nargs, a0, a1, a2, a3);
    }
    if (err) *err = s.err;
    return s.ticket;
}

/* 1: the result is there (hc_wait will not wait); 0: not yet; negative errno: no such ticket. */
HC_FN hc_i32 hc_poll(const hc_ticket *ticket) {
    hc_u64 c = hc_client_address(), lo, hi;
    if (!c) return -HC_ENODEV;
    if (!ticket->generation || ticket->index >= HC_C(c)->ntickets) return -HC_EINVAL;
    hc_bus_load_word(HC_C(c)->parks + ((hc_u64)HC_C(c)->nparks + ticket->index) * HC_WORD, &lo, &hi);
    return hc_word_has(lo, hi, ticket->generation);
}
/* Result of the ticket's call; its payload stays readable until hc_ticket_end. Deferred transports: -EAGAIN until a later launch. */
HC_FN hc_i64 hc_ticket_await(const hc_ticket *ticket) {
    hc_u64 c = hc_client_address(), lo, hi, at;
    hc_u32 rounds;
    hc_i32 stop;
    if (!c) return -HC_ENODEV;
    if (!ticket->generation || ticket->index >= HC_C(c)->ntickets) return -HC_EINVAL;
    at = HC_C(c)->parks + ((hc_u64)HC_C(c)->nparks + ticket->index) * HC_WORD;
    if (HC_C(c)->flags & HC_FLAG_DEFERRED) {
        hc_bus_load_word(at, &lo, &hi);
        if (!hc_word_has(lo, hi, ticket->generation)) return -HC_EAGAIN;
    } else {
        stop = hc_await(c, 0, at, ticket->generation, 0xffffffffu, 0, HC_C(c)->poll_first, &lo, &hi, &rounds);
        if (stop) return stop;
    }
    hc_fence_from_host(); /* the completion before the payload bytes it announces */
    return (hc_i64)hc_word_value(lo, hi);
}
HC_FN void hc_ticket_end(hc_ticket *ticket) {
    hc_u64 c = hc_client_address();
    if (!c || !ticket->generation) return;
    if (ticket->pages) hc_arena_free(c, ticket->page, ticket->pages);
    hc_ticket_release(c, ticket->index, ticket->generation);
    ticket->generation = 0;
    ticket->pages = 0;
}
HC_FN hc_u64 hc_ticket_payload(const hc_ticket *ticket) { return HC_C(hc_client_address())->payload + (hc_u64)ticket->page * HC_PAGE; }

/* -------------------------------------------------------------------------------------- with pointers: one text per address space */
#define HC_DEFINE_NAME_HASH(SPACE, ATTR)                                                                                                  \
    HC_FN ATTR hc_u64 hc_name_hash(SPACE const char *name) {                                                                              \
        hc_u64 h = HC_FNV_START;                                                                                                           \
        for (; *name; name++) h = (h ^ (hc_u8)*name) * HC_FNV_PRIME;                                                                       \
        return h;                                                                                                                          \
    }
#define HC_DEFINE_TEXT_BYTES(SPACE, ATTR)                                                                                                 \
    HC_FN ATTR hc_u64 hc_text_bytes(SPACE const char *text) {                                                                             \
        hc_u64 n = 0;                                                                                                                      \
        while (text[n]) n++;                                                                                                               \
        return n;                                                                                                                          \
    }

/* hc_call: `in_bytes` go to the service, at most `out_capacity` come back; the result is what the service returned (for bytes: their
 * count). Lanes that name different services go one after the other. */
#define HC_DEFINE_CALL(IN, OUT, ATTR)                                                                                                     \
    HC_FN ATTR hc_i64 hc_call_hash(hc_u64 within_ns, hc_u64 hash, IN const void *in, hc_u64 in_bytes, OUT void *out,                      \
                                   hc_u64 out_capacity) {                                                                                 \
        for (;;) {                                                                                                                         \
            hc_mask here = hc_active_mask();                                                                                               \
            if (hash == hc_shfl64(here, hash, hc_first(here))) {                                                                           \
                hc_txn t;                                                                                                                  \
                hc_i64 r;                                                                                                                  \
                hc_begin(&t, HC_OP_CALL, 4, in_bytes > out_capacity ? in_bytes : out_capacity,                                                         \
                         HC_IN | (out_capacity ? HC_OUT : 0u) | (within_ns ? HC_ALONE : 0u));                                              \
                if (within_ns) t.deadline = hc_timer_ns() + within_ns;                                                                     \
                if (!t.err && t.kind != HC_PAY_NONE) hc_put(&t, 0, in, in_bytes);                                                          \
                r = hc_send(&t, (hc_i64)t.bytes, (hc_i64)hash, (hc_i64)in_bytes, (hc_i64)out_capacity, 0, 0);                  \
                if (!t.err && t.kind == HC_PAY_STAGED) {                                                                                   \
                    hc_u64 got = r > 0 && out ? (hc_u64)r : 0;                                                                             \
                    hc_get(&t, 0, out, got < out_capacity ? got : out_capacity);                                                           \
                }                                                                                                                          \
                hc_end(&t);                                                                                                                \
                return r;                                                                                                                  \
            }                                                                                                                              \
        }                                                                                                                                  \
    }

/* hc_post: the same service, nobody waits. 0, or a negative errno when the record was refused. */
#define HC_DEFINE_POST(IN, ATTR)                                                                                                          \
    HC_FN ATTR hc_i32 hc_post_hash(hc_u64 hash, IN const void *in, hc_u64 in_bytes) {                                                      \
        hc_u32 words = 3u + (hc_u32)((in_bytes + 7u) / 8u), i;                                                                             \
        hc_post_txn p;                                                                                                                     \
        if (in_bytes > 8u * (HC_MAX_RECORD_WORDS - 3u)) return -HC_EMSGSIZE;                                                               \
        hc_post_begin(&p, words);                                                                                                          \
        if (p.err) return p.err;                                                                                                           \
        hc_post_header(&p, HC_POST_CALL, words, 0);                                                                                        \
        hc_post_word(&p, 1, hash);                                                                                                         \
        hc_post_word(&p, 2, in_bytes);                                                                                                     \
        for (i = 3; i < words; i++) hc_post_word(&p, i, hc_gather8((IN const hc_u8 *)in + 8u * (i - 3u), in_bytes - 8u * (i - 3u)));       \
        return 0;                                                                                                                          \
    }

/* Payload that goes along with a ticket: a path, bytes to write, a service's argument. */
#define HC_DEFINE_SUBMIT(IN, ATTR)                                                                                                        \
    HC_NOINLINE ATTR hc_ticket hc_submit_bytes(hc_u32 op, hc_u32 nargs, hc_i64 a1, hc_i64 a2, hc_i64 a3, IN const void *in,                \
                                               hc_u64 in_bytes, hc_u64 out, hc_i32 *err) {                                                 \
        hc_submission s;                                                                                                                   \
        hc_post_txn p;                                                                                                                     \
        hc_submission_begin(&s, in_bytes, out);                                                                                            \
        if (!s.err) {                                                                                                                      \
            hc_u32 words = hc_submission_words(&s, nargs, s.t.bytes), i;                                                                   \
            if (s.t.kind == HC_PAY_STAGED) {                                                                                               \
                hc_put_lane(hc_part_at(&s.t), (IN const hc_u8 *)in, in_bytes);                                                             \
                hc_fence_to_host(); /* the bytes before the record that names them */                                                      \
            }                                                                                                                              \
            hc_post_begin(&p, words);                                                                                                      \
            if (p.err) {                                                                                                                   \
                hc_submission_refused(&s, p.err);                                                                                          \
            } else {                                                                                                                       \
                for (i = 3u + nargs; i < words; i++) {                                                                                     \
                    hc_u64 o = 8u * (hc_u64)(i - 3u - nargs);                                                                              \
                    hc_post_word(&p, i, o < in_bytes ? hc_gather8((IN const hc_u8 *)in + o, in_bytes - o) : 0);                            \
                }                                                                                                                          \
                hc_submission_record(&s, &p, words, op, nargs, (hc_i64)s.t.bytes, a1, a2, a3);                                             \
            }                                                                                                                              \
        }                                                                                                                                  \
        if (err) *err = s.err;                                                                                                             \
        return s.ticket;                                                                                                                   \
    }                                                                                                                                      \
    HC_FN ATTR hc_ticket hc_submit_hash(hc_u64 hash, IN const void *in, hc_u64 in_bytes, hc_u64 out, hc_i32 *err) {                        \
        return hc_submit_bytes(HC_OP_CALL, 4, (hc_i64)hash, (hc_i64)in_bytes, (hc_i64)out, in, in_bytes, out, err);                        \
    }

/* hc_wait: the ticket's result; payload that came back goes to `out`. Ends the ticket, unless the answer is -EAGAIN (deferred). */
#define HC_DEFINE_WAIT(OUT, ATTR)                                                                                                         \
    HC_NOINLINE ATTR hc_i64 hc_wait(hc_ticket *ticket, OUT void *out, hc_u64 capacity) {                                                   \
        hc_i64 r = hc_ticket_await(ticket);                                                                                                \
        if (r == -HC_EAGAIN && ticket->generation && hc_poll(ticket) == 0) return r;                                                       \
        if (r > 0 && ticket->pages && capacity) hc_get_lane((OUT hc_u8 *)out, hc_ticket_payload(ticket), (hc_u64)r < capacity ? (hc_u64)r : capacity); \
        hc_ticket_end(ticket);                                                                                                             \
        return r;                                                                                                                          \
    }

#if defined(HC_HOST)
HC_FN void hc_get_lane(hc_u8 *p, hc_u64 at, hc_u64 n) { __builtin_memcpy(p, HC_AT(const hc_u8, at), n); }
#endif

#if defined(HC_OPENCL)
#define HC_EACH_IN(M)                                                                                                                     \
    M(__private, HC_OVERLOAD) M(__global, HC_OVERLOAD) M(__local, HC_OVERLOAD) M(__constant, HC_OVERLOAD)
#define HC_EACH_OUT(M) M(__private, HC_OVERLOAD) M(__global, HC_OVERLOAD) M(__local, HC_OVERLOAD)
#define HC_DEFINE_CALL_IN(IN, ATTR)                                                                                                       \
    HC_DEFINE_CALL(IN, __private, ATTR) HC_DEFINE_CALL(IN, __global, ATTR) HC_DEFINE_CALL(IN, __local, ATTR)
HC_EACH_IN(HC_DEFINE_NAME_HASH)
HC_EACH_IN(HC_DEFINE_TEXT_BYTES)
HC_EACH_IN(HC_DEFINE_CALL_IN)
HC_EACH_IN(HC_DEFINE_POST)
HC_EACH_IN(HC_DEFINE_SUBMIT)
HC_EACH_OUT(HC_DEFINE_WAIT)
#else
HC_DEFINE_NAME_HASH(, )
HC_DEFINE_TEXT_BYTES(, )
HC_DEFINE_CALL(, , )
HC_DEFINE_POST(, )
HC_DEFINE_SUBMIT(, )
HC_DEFINE_WAIT(, )
#endif

/* The names that kernels use. Macros, so that any address space fits and the hash of a literal folds. */
#define hc_call(name, in, in_bytes, out, out_capacity) hc_call_hash(0, hc_name_hash(name), in, in_bytes, out, out_capacity)
/* The same with a deadline on the wait, in nanoseconds: -ETIMEDOUT means that the outcome is unknown. The service goes on; its slot and pages
 * stay taken until it has answered. Each lane travels alone. */
#define hc_call_within(within_ns, name, in, in_bytes, out, out_capacity) hc_call_hash(within_ns, hc_name_hash(name), in, in_bytes, out, out_capacity)
#define hc_post(name, in, in_bytes) hc_post_hash(hc_name_hash(name), in, in_bytes)
#define hc_submit(name, in, in_bytes, out_capacity, err) hc_submit_hash(hc_name_hash(name), in, in_bytes, out_capacity, err)
#define hc_submit_open(path, open_flags, mode, err) hc_submit_bytes(HC_OP_OPEN, 4, -100, open_flags, mode, path, hc_text_bytes(path), 0, err)
#define hc_submit_write(fd, in, n, err) hc_submit_bytes(HC_OP_WRITE, 3, 0, fd, 0, in, n, 0, err)
#define hc_submit_pwrite(fd, in, n, offset, err) hc_submit_bytes(HC_OP_PWRITE, 4, 0, fd, offset, in, n, 0, err)
#define hc_submit_read(fd, n, err) hc_submit_words(HC_OP_READ, 3, (hc_i64)(n), 0, fd, 0, n, err)
#define hc_submit_pread(fd, n, offset, err) hc_submit_words(HC_OP_PREAD, 4, (hc_i64)(n), 0, fd, offset, n, err)
#define hc_submit_close(fd, err) hc_submit_words(HC_OP_CLOSE, 1, fd, 0, 0, 0, 0, err)
#define hc_is_shared(p, n) hc_is_shared_range((hc_u64)(hc_size)(p), n)

#endif
