/* SPDX-License-Identifier: Apache-2.0
 *
 * One sweep of a poller: it looks at its share of the slots, copies packets out, runs services that cannot sleep, and
 * answers. What it has served is remembered by the server, not by the thread. It must never block and never trust:
 * every field is used from the one load that carried its tag.
 */
#include "server_internal.h"
#if defined(__SSE2__) && !defined(HC_TSAN)
#include <immintrin.h>
#endif

enum { NOT_THERE = 0, THERE = 1 };

#define HELD_NS      1000000000ull /* a position that nobody reaches although the ring is dry */
#define CHUNK_GROUPS 8u            /* bell lines between two looks at the hot slots */

/* ---------------------------------------------------------------------------------------------------------- packets */
static inline bool tail_word(uint64_t at, uint32_t seq, uint64_t *value) {
    hc_u64 lo, hi;
    hc_bus_load_word(at, &lo, &hi);
    if (!hc_word_has(lo, hi, seq)) return false;
    *value = hc_word_value(lo, hi);
    return true;
}

/* NOT_THERE, THERE, or a negative errno for a packet that is there and wrong. */
static int take_packet(hc_server *s, uint32_t slot, uint32_t seq, hc_call *c) {
    uint64_t head = s->heads + (uint64_t)slot * HC_HEAD_BYTES, tail = s->tails + (uint64_t)slot * HC_TAIL_BYTES;
    hc_u64 w[2 * HC_HEAD_WORDS], wrong = 0;
    for (uint32_t i = 0; i < HC_HEAD_WORDS; i++) hc_bus_load_word(head + i * HC_WORD, &w[2 * i], &w[2 * i + 1]);
    for (uint32_t i = 0; i < 2 * HC_HEAD_WORDS; i++) wrong |= hc_half_tag(w[i]) ^ seq;
    if (wrong) return NOT_THERE;

    uint32_t d = hc_half_data(w[0]);
    hc_call_reset(c);
    c->slot = slot;
    c->seq = seq;
    c->op = hc_head_op(d);
    c->nargs = hc_head_nargs(d);
    c->kind = hc_head_kind(d);
    c->perlane = hc_head_perlane(d);
    c->mask = hc_half_data(w[1]);
    c->lanes = (uint32_t)__builtin_popcount(c->mask);
    c->order = hc_half_data(w[2]);
    if (!hc_head_sane(d) || c->mask == 0 || c->perlane >> c->nargs) return -EPROTO;
    const struct hc_family_op *op = c->op < HC_OPCODES ? s->table[c->op].op : NULL;
    if (!op) return -ENOSYS;
    if (op->nargs != c->nargs) return -EPROTO;

    uint32_t at = 0;
    for (uint32_t k = 0; k < c->nargs; k++) {
        uint64_t v;
        if (c->perlane & (1u << k)) {
            wrong = 0; /* no branch between the loads: the lines of the tail come at the same time */
            for (uint32_t r = 0; r < c->lanes; r++) {
                hc_u64 lo, hi;
                hc_bus_load_word(tail + (uint64_t)(at + r) * HC_WORD, &lo, &hi);
                wrong |= (hc_half_tag(lo) ^ seq) | (hc_half_tag(hi) ^ seq);
                c->arg[k][r] = (int64_t)hc_word_value(lo, hi);
            }
            if (wrong) return NOT_THERE;
            at += c->lanes;
        } else {
            if (k < 2)
                v = hc_word_value(w[4 + 2 * k], w[5 + 2 * k]);
            else if (!tail_word(tail + (uint64_t)at++ * HC_WORD, seq, &v))
                return NOT_THERE;
            for (uint32_t r = 0; r < c->lanes; r++) c->arg[k][r] = (int64_t)v;
        }
    }
    uint32_t first = c->nargs * c->lanes;
    int rc = hc_call_payload(c, (uint64_t)hc_half_data(w[3]) * 16u, c->inline_bytes, 8ull * (HC_TAIL_WORDS - first));
    if (rc) return rc;
    if (c->kind == HC_PAY_INLINE) {
        for (uint32_t r = 0; r < c->lanes; r++) {
            uint64_t word = first + (uint64_t)(c->payload[r] - c->inline_bytes) / 8u;
            for (uint64_t i = 0; i < c->payload_len[r]; i += 8u, word++) {
                uint64_t v;
                if (!tail_word(tail + word * HC_WORD, seq, &v)) return NOT_THERE;
                memcpy(c->payload[r] + i, &v, 8);
            }
        }
    } else if (c->kind != HC_PAY_NONE) {
        hc_fence_from_host(); /* the packet before the bytes it hands over: without it this thread could read what lay
                                 there earlier */
    }
    return THERE;
}

static inline void mark_served(hc_server *s, uint32_t slot, uint32_t seq) {
    s->served[slot] = seq;
    s->mirror[slot] = (uint8_t)seq;
    if (hc_seq_wraps(seq)) hc_reply_wrap(s, slot);
}

/* ---------------------------------------------------------------------------------------------------------- order with
 * the ring */
/* True if the lane's posts before this call are not executed yet. */
static bool too_early(hc_poller *p, hc_call *c) {
    hc_server *s = p->server;
    int32_t ahead = (int32_t)(c->order - (uint32_t)p->executed_seen);
    if (ahead <= 0) return false;
    p->executed_seen = atomic_load_explicit(&s->ring.executed, memory_order_acquire);
    ahead = (int32_t)(c->order - (uint32_t)p->executed_seen);
    if (ahead <= 0) return false;
    /* No lane can have claimed further than the ring and what concurrent claims overshoot, counted from what is taken
     * out of it: nonsense must not hold a call. */
    int32_t beyond = (int32_t)(c->order - (uint32_t)atomic_load_explicit(&s->ring.taken, memory_order_relaxed));
    if (beyond > 0 && (uint64_t)beyond > 2 * s->ring_words) {
        hc_bump(p->tally, &p->tally->bad_packets, 1);
        return false;
    }
    return true;
}

static void run(hc_poller *p, hc_call *c) {
    if (hc_call_dispatch(c, p->tally)) {
        p->replies++;
        if (p->spare == NULL)
            p->spare = c;
        else if (p->spare != c)
            hc_call_drop(c);
    } else if (p->spare == c) {
        p->spare = NULL;
    }
}

void hc_poller_release(hc_poller *p, bool closing) {
    hc_server *s = p->server;
    uint64_t executed = atomic_load_explicit(&s->ring.executed, memory_order_acquire);
    /* A drain thread that sleeps has run everything that was published; one that is stuck in a full sink has not. */
    bool stale = atomic_load_explicit(&s->ring.sleeping, memory_order_relaxed) &&
                 (int64_t)(p->now_ns - atomic_load_explicit(&s->ring.moved_ns, memory_order_relaxed)) >
                     (int64_t)HELD_NS; /* it may have moved after this sweep's look at the clock */
    if (!p->held || (executed == p->held_checked && !stale && !closing)) return;
    p->held_checked = executed;
    p->executed_seen = executed;
    for (hc_call **at = &p->held; *at;) {
        hc_call *c = *at;
        bool expired = stale && p->now_ns - c->accepted_ns > HELD_NS;
        if (!closing && !expired && too_early(p, c)) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        if (p->held_end == &c->next) p->held_end = at;
        c->next = NULL;
        p->nheld--;
        if (expired && !closing) hc_bump(p->tally, &p->tally->bad_packets, 1);
        if (closing) {
            for (uint32_t r = 0; r < c->lanes; r++) c->result[r] = -ESHUTDOWN;
            hc_call_settle(c, p->tally);
            hc_call_drop(c);
        } else {
            run(p, c);
        }
    }
}

/* ------------------------------------------------------------------------------------------------------------ slots */
static void make_hot(hc_poller *p, uint32_t slot) {
    hc_server *s = p->server;
    if (s->hot[slot]) return;
    if (p->nhot < HC_HOT) {
        p->hot[p->nhot++] = slot;
    } else {
        s->hot[p->hot[p->hot_at]] = 0;
        p->hot[p->hot_at] = slot;
        p->hot_at = (p->hot_at + 1) % HC_HOT;
    }
    s->hot[slot] = 1;
}

/* Scalar calls are counted a batch at a time: reading the cycle counter for each would cost as much as the call. */
static void count_scalars(hc_poller *p) {
    if (!p->scalar_count) return;
    hc_tally *t = p->tally;
    hc_tally_op *e = &t->ops[p->scalar_dense];
    hc_bump(t, &t->packets, p->scalar_count);
    hc_bump(t, &t->lanes, p->scalar_lanes);
    hc_bump(t, &e->packets, p->scalar_count);
    hc_bump(t, &e->lanes, p->scalar_lanes);
    hc_bump(t, &e->errors, p->scalar_errors);
    hc_bump(t, &e->ticks, hc_ticks() - p->scalar_since);
    p->scalar_count = p->scalar_lanes = p->scalar_errors = 0;
}

/* A packet of a scalar service whose lanes all ask the same: answered from the head, without a copy of the call. */
static inline bool look_scalar(hc_poller *p, uint32_t slot, uint32_t seq) {
    hc_server *s = p->server;
    uint64_t head = s->heads + (uint64_t)slot * HC_HEAD_BYTES;
    hc_u64 w[2 * HC_HEAD_WORDS], wrong = 0;
    for (uint32_t i = 0; i < HC_HEAD_WORDS; i++) hc_bus_load_word(head + i * HC_WORD, &w[2 * i], &w[2 * i + 1]);
    for (uint32_t i = 0; i < 2 * HC_HEAD_WORDS; i++) wrong |= hc_half_tag(w[i]) ^ seq;
    if (wrong) return false;
    uint32_t d = hc_half_data(w[0]), op = hc_head_op(d), mask = hc_half_data(w[1]);
    if (op >= HC_OPCODES || !s->table[op].scalar || d != s->table[op].scalar_head || mask == 0) return false;
    if ((int32_t)(hc_half_data(w[2]) - (uint32_t)p->executed_seen) > 0) return false; /* look() asks the ring again */
    const hc_op_entry *e = &s->table[op];
    if (p->scalar_count && p->scalar_dense != e->dense) count_scalars(p);
    if (!p->scalar_count) {
        p->scalar_dense = e->dense;
        p->scalar_since = hc_ticks();
    }
    int64_t value = atomic_load_explicit(&s->aborted, memory_order_relaxed)
                        ? -ESHUTDOWN
                        : e->scalar(s, (int64_t)hc_word_value(w[4], w[5]), (int64_t)hc_word_value(w[6], w[7]));
    mark_served(s, slot, seq);
    hc_reply_value(s, slot, seq, HC_FORM_UNIFORM, (uint64_t)value);
    p->replies++;
    p->scalar_count++;
    p->scalar_lanes += (uint32_t)__builtin_popcount(mask);
    p->scalar_errors += value < 0;
    return true;
}

/* Serves the slot's next packet if all of it is there. */
static bool look(hc_poller *p, uint32_t slot) {
    hc_server *s = p->server;
    if (look_scalar(p, slot, hc_seq_next(s->served[slot]))) return true;
    if (!p->spare && !(p->spare = hc_call_new(s))) return false; /* no memory now: the packet waits in its slot */
    hc_call *c = p->spare;
    uint32_t seq = hc_seq_next(s->served[slot]);
    int rc = take_packet(s, slot, seq, c);
    if (rc == NOT_THERE) return false;
    c->accepted_ticks = hc_ticks();
    c->accepted_ns = p->now_ns;
    mark_served(s, slot, seq);
    if (rc < 0) {
        hc_bump(p->tally, &p->tally->bad_packets, 1);
        hc_reply_value(s, slot, seq, HC_FORM_UNIFORM, (uint64_t)(int64_t)rc);
        p->replies++;
        return true;
    }
    if (too_early(p, c)) {
        p->spare = NULL;
        *p->held_end = c;
        p->held_end = &c->next;
        p->nheld++;
        return true;
    }
    run(p, c);
    return true;
}

static inline void push_replies(hc_poller *p) {
    count_scalars(p);
    if (p->replies && p->server->o.write_combined_replies) hc_store_fence();
    p->replies = 0;
}

static uint32_t look_hot(hc_poller *p) {
    hc_server *s = p->server;
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->nhot; i++) {
        uint32_t slot = p->hot[i];
        hc_u64 lo = hc_bus_load64(s->heads + (uint64_t)slot * HC_HEAD_BYTES);
        if (hc_half_tag(lo) == hc_seq_next(s->served[slot])) n += look(p, slot);
    }
    if (n) push_replies(p);
    return n;
}

/* A bit for each of the 64 slots whose bell differs from what was served. Bells are bytes that lanes store;
 * ThreadSanitizer is shown relaxed atomic loads. */
static inline uint64_t rung(uint64_t bells, const uint8_t *mirror) {
    uint64_t bits = 0;
#if defined(HC_TSAN) || !defined(__SSE2__)
    for (uint32_t i = 0; i < HC_BELL_GROUP; i += 8) {
        uint64_t seen, x;
        memcpy(&seen, mirror + i, 8);
        x = hc_bus_load64(bells + i) ^ seen;
        for (uint32_t b = 0; x; b++, x >>= 8)
            if (x & 0xffu) bits |= 1ull << (i + b);
    }
#else
    /* Nearly every line is quiet: one test for the 64 bytes, and which of them only where there is one. */
    __m128i differ = _mm_setzero_si128();
    for (uint32_t i = 0; i < HC_BELL_GROUP; i += 16)
        differ = _mm_or_si128(differ, _mm_xor_si128(_mm_load_si128(HC_HOST_AT(const __m128i, bells + i)),
                                                    _mm_load_si128((const __m128i *)(mirror + i))));
    if (_mm_movemask_epi8(_mm_cmpeq_epi8(differ, _mm_setzero_si128())) == 0xffff) return 0;
    for (uint32_t i = 0; i < HC_BELL_GROUP; i += 16) {
        __m128i a = _mm_load_si128(HC_HOST_AT(const __m128i, bells + i)),
                b = _mm_load_si128((const __m128i *)(mirror + i));
        bits |= (uint64_t)(uint16_t)~_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) << i;
    }
#endif
    return bits;
}

/* Which slots of a bell line to look at. Heads come from memory when a device wrote them: they are sent for here, one line ahead of their
 * use, so that a busy sweep does not wait for each in turn. */
static inline uint64_t ring_line(hc_server *s, uint32_t group) {
    uint64_t bits = rung(s->bells + (uint64_t)group * HC_BELL_GROUP, s->mirror + (size_t)group * HC_BELL_GROUP);
    uint64_t heads = s->heads + (uint64_t)group * HC_BELL_GROUP * HC_HEAD_BYTES;
    for (uint64_t m = bits; m; m &= m - 1)
        __builtin_prefetch(HC_HOST_AT(const void, heads + (uint64_t)(uint32_t)__builtin_ctzll(m) * HC_HEAD_BYTES));
    return bits;
}

uint32_t hc_poller_sweep(hc_poller *p) {
    hc_server *s = p->server;
    uint32_t n = 0, chunk = 0;
    /* Hot slots are for lone callers. Where a whole sweep is busy they would only be looked at twice. */
    bool crowded = p->last_sweep > 2 * HC_HOT;
    atomic_signal_fence(memory_order_seq_cst); /* the compiler may not remember bells from the last sweep */
    if (p->held) hc_poller_release(p, false);
    if (!crowded) n += look_hot(p);
    uint64_t next = p->index < s->groups ? ring_line(s, p->index) : 0;
    for (uint32_t g = p->index; g < s->groups; g += s->npollers) {
        uint64_t bits = next;
        next = g + s->npollers < s->groups ? ring_line(s, g + s->npollers) : 0;
        if (bits) {
            uint32_t base = g * HC_BELL_GROUP, served = 0;
            for (uint64_t m = bits; m; m &= m - 1) {
                uint32_t slot = base + (uint32_t)__builtin_ctzll(m);
                if (!look(p, slot)) continue;
                served++;
                if (n + served <= HC_HOT) make_hot(p, slot);
            }
            if (served) push_replies(p);
            n += served;
        }
        if (++chunk % CHUNK_GROUPS == 0 && !crowded) n += look_hot(p);
    }
    if (p->held) hc_poller_release(p, false);
    push_replies(p);
    p->last_sweep = n;
    return n;
}
