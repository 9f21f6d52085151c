/* SPDX-License-Identifier: Apache-2.0
 *
 * One sweep of a poller: it looks at its share of the slots, copies packets out, runs services that cannot sleep, and
 * answers. What it has served is remembered by the server, not by the thread. It must never block and never trust:
 * every field is used from the one load that carried its tag.
 */
#include "server_internal.h"

enum { NOT_THERE = 0, THERE = 1 };

#define HELD_NS      1000000000ull /* a position that nobody reaches although the ring is dry */
#define COOL_SWEEPS  4096u         /* a hot slot that did not call for so many is hot no more */
#define PUSH_LINES   8u            /* bell lines of a busy sweep whose replies are pushed together */
#define HEADS_AHEAD  8u            /* packets: how far ahead heads and reply words are sent for ... */
#define LANES_AHEAD  3u            /* ... and, where lanes have arguments of their own, tails and lane words */

/* ---------------------------------------------------------------------------------------------------------- packets */
static inline bool tail_word(uint64_t at, uint32_t seq, uint64_t *value) {
    hc_u64 lo, hi;
    hc_bus_load_word(at, &lo, &hi);
    if (!hc_word_has(lo, hi, seq)) return false;
    *value = hc_word_value(lo, hi);
    return true;
}

/* The argument words of `lanes` lanes, if all of them carry `seq`. No branch between the loads: the lines come together. */
static inline bool lane_words(uint64_t at, uint32_t lanes, uint32_t seq, int64_t *values) {
    uint32_t r = 0;
    hc_u64 wrong = 0, lo, hi;
#if HC_SSE
    /* Two words at a time: their four quarters of data side by side, their four tags likewise. */
    __m128i odd = _mm_setzero_si128(), tag = _mm_set1_epi32((int)seq);
    for (; r + 2 <= lanes; r += 2) {
        __m128 a = _mm_castsi128_ps(hc_bus_load_sse(at + (uint64_t)r * HC_WORD)),
               b = _mm_castsi128_ps(hc_bus_load_sse(at + (uint64_t)(r + 1) * HC_WORD));
        _mm_storeu_si128((__m128i *)(values + r), _mm_castps_si128(_mm_shuffle_ps(a, b, 0x88)));
        odd = _mm_or_si128(odd, _mm_xor_si128(_mm_castps_si128(_mm_shuffle_ps(a, b, 0xdd)), tag));
    }
    wrong = (hc_u64)(_mm_movemask_epi8(_mm_cmpeq_epi32(odd, _mm_setzero_si128())) ^ 0xffff);
#endif
    for (; r < lanes; r++) {
        hc_bus_load_word(at + (uint64_t)r * HC_WORD, &lo, &hi);
        wrong |= (hc_half_tag(lo) ^ seq) | (hc_half_tag(hi) ^ seq);
        values[r] = (int64_t)hc_word_value(lo, hi);
    }
    return wrong == 0;
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
            if (!lane_words(tail + (uint64_t)at * HC_WORD, c->lanes, seq, c->arg[k])) return NOT_THERE;
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
    uint32_t at = p->nhot;
    if (p->nhot < HC_HOT) {
        p->nhot++;
    } else {
        at = p->hot_at++ % HC_HOT;
        s->hot[p->hot[at]] = 0;
    }
    p->hot[at] = slot;
    p->hot_sweep[at] = p->sweeps;
    s->hot[slot] = 1;
}

/* Slots that were hot once cost every look at those that are. */
static void cool_down(hc_poller *p) {
    for (uint32_t i = 0; i < p->nhot;) {
        if (p->sweeps - p->hot_sweep[i] < COOL_SWEEPS) {
            i++;
            continue;
        }
        p->server->hot[p->hot[i]] = 0;
        p->nhot--;
        p->hot[i] = p->hot[p->nhot];
        p->hot_sweep[i] = p->hot_sweep[p->nhot];
    }
}

/* Plain calls are counted a batch at a time: reading the cycle counter for each would cost as much as the call. */
static void count_plain(hc_poller *p) {
    if (!p->plain_count) return;
    hc_tally *t = p->tally;
    hc_tally_op *e = &t->ops[p->plain_dense];
    hc_bump(t, &t->packets, p->plain_count);
    hc_bump(t, &t->lanes, p->plain_lanes);
    hc_bump(t, &e->packets, p->plain_count);
    hc_bump(t, &e->lanes, p->plain_lanes);
    hc_bump(t, &e->errors, p->plain_errors);
    hc_bump(t, &e->ticks, hc_ticks() - p->plain_since);
    p->plain_count = p->plain_lanes = p->plain_errors = 0;
}

/* The four words of a head, each by one load, and whether all eight halves carry `seq`. */
static inline bool load_head(uint64_t head, uint32_t seq, uint32_t d[2], uint32_t *order, int64_t arg[2]) {
#if HC_SSE
    __m128i w[HC_HEAD_WORDS], tag = _mm_set1_epi32((int)seq), wrong;
    for (uint32_t i = 0; i < HC_HEAD_WORDS; i++) w[i] = hc_bus_load_sse(head + i * HC_WORD);
    wrong = _mm_or_si128(_mm_or_si128(_mm_xor_si128(w[0], tag), _mm_xor_si128(w[1], tag)),
                         _mm_or_si128(_mm_xor_si128(w[2], tag), _mm_xor_si128(w[3], tag)));
    /* Tags stand in the odd quarters of a word. */
    if ((_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(wrong, _mm_setzero_si128()))) & 0xa) != 0xa) return false;
    uint64_t first = (uint64_t)_mm_cvtsi128_si64(_mm_shuffle_epi32(w[0], 0x08));
    d[0] = (uint32_t)first;
    d[1] = (uint32_t)(first >> 32);
    *order = (uint32_t)_mm_cvtsi128_si32(w[1]);
    arg[0] = _mm_cvtsi128_si64(_mm_shuffle_epi32(w[2], 0x08));
    arg[1] = _mm_cvtsi128_si64(_mm_shuffle_epi32(w[3], 0x08));
#else
    hc_u64 w[2 * HC_HEAD_WORDS], wrong = 0;
    for (uint32_t i = 0; i < HC_HEAD_WORDS; i++) hc_bus_load_word(head + i * HC_WORD, &w[2 * i], &w[2 * i + 1]);
    for (uint32_t i = 0; i < 2 * HC_HEAD_WORDS; i++) wrong |= hc_half_tag(w[i]) ^ seq;
    if (wrong) return false;
    d[0] = hc_half_data(w[0]);
    d[1] = hc_half_data(w[1]);
    *order = hc_half_data(w[2]);
    arg[0] = (int64_t)hc_word_value(w[4], w[5]);
    arg[1] = (int64_t)hc_word_value(w[6], w[7]);
#endif
    return true;
}

static inline uint32_t lanes_of(uint32_t mask) { return mask == 0xffffffffu ? HC_MAX_LANES : (uint32_t)__builtin_popcount(mask); }

/* The batch of plain calls that is being counted is one of this service. */
static inline void batch_of(hc_poller *p, const hc_op_entry *e) {
    if (p->plain_count && p->plain_dense != e->dense) count_plain(p);
    if (!p->plain_count) {
        p->plain_dense = e->dense;
        p->plain_since = hc_ticks();
    }
}

/* A packet of a plain service, answered without a copy of the call. */
static bool look_plain(hc_poller *p, uint32_t slot, uint32_t seq) {
    hc_server *s = p->server;
    uint32_t d[2], order;
    int64_t head[2];
    if (!load_head(s->heads + (uint64_t)slot * HC_HEAD_BYTES, seq, d, &order, head)) return false;
    uint32_t op = hc_head_op(d[0]), perlane = hc_head_perlane(d[0]), mask = d[1];
    if (op >= HC_OPCODES) return false;
    const hc_op_entry *e = &s->table[op];
    if (!e->plain || (d[0] & ~HC_HEAD_PERLANE) != e->plain_head || mask == 0) return false;
    if ((int32_t)(order - (uint32_t)p->executed_seen) > 0) return false; /* look() asks the ring again */
    uint32_t lanes = lanes_of(mask), n = 1;
    int64_t arg[2][HC_MAX_LANES], result[HC_MAX_LANES];
    if (perlane == 0) {
        arg[0][0] = head[0];
        arg[1][0] = head[1];
    } else {
        if (perlane >> hc_head_nargs(d[0])) return false; /* look() says what is wrong with it */
        uint64_t tail = s->tails + (uint64_t)slot * HC_TAIL_BYTES;
        n = lanes;
        for (uint32_t k = 0; k < 2; k++) {
            if ((perlane >> k) & 1u) {
                if (!lane_words(tail, lanes, seq, arg[k])) return false;
                tail += (uint64_t)lanes * HC_WORD;
            } else {
                for (uint32_t r = 0; r < lanes; r++) arg[k][r] = head[k];
            }
        }
    }
    batch_of(p, e);
    if (atomic_load_explicit(&s->aborted, memory_order_relaxed)) {
        n = 1;
        result[0] = -ESHUTDOWN;
    } else {
        e->plain(s, n, arg[0], arg[1], result);
    }
    mark_served(s, slot, seq);
    hc_reply_lanes(s, slot, seq, mask, n, result);
    p->replies++;
    p->plain_count++;
    p->plain_lanes += lanes;
    if (n == 1)
        p->plain_errors += result[0] < 0;
    else
        for (uint32_t r = 0; r < n; r++) p->plain_errors += result[r] < 0;
    return true;
}

static inline bool knocks(const hc_server *s, uint32_t slot) {
    return hc_half_tag(hc_bus_load64(s->heads + (uint64_t)slot * HC_HEAD_BYTES)) == hc_seq_next(s->served[slot]);
}

/* Serves the slot's next packet if all of it is there. */
static bool look(hc_poller *p, uint32_t slot) {
    hc_server *s = p->server;
    uint32_t seq = hc_seq_next(s->served[slot]);
    if (look_plain(p, slot, seq)) return true;
    if (!p->spare && !(p->spare = hc_call_new(s))) return false; /* no memory now: the packet waits in its slot */
    hc_call *c = p->spare;
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
    if (p->replies && p->server->o.write_combined_replies) hc_store_fence();
    p->replies = 0;
    count_plain(p);
}

static uint32_t look_hot(hc_poller *p) {
    const hc_server *s = p->server;
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->nhot; i++) {
        if (!knocks(s, p->hot[i]) || !look(p, p->hot[i])) continue;
        p->hot_sweep[i] = p->sweeps;
        n++;
    }
    if (n) push_replies(p);
    return n;
}

/* A bit for each of the 64 slots whose bell differs from what was served. Bells are bytes that lanes store;
 * ThreadSanitizer is shown relaxed atomic loads. */
static inline uint64_t rung(uint64_t bells, const uint8_t *mirror) {
    uint64_t bits = 0;
#if !HC_SSE
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

/* What will be read or written for a packet soon. Heads, tails and reply words come from memory when the device wrote or read them last: a
 * busy sweep sends for them a few packets ahead instead of waiting for each in turn. */
static inline void send_for(const hc_server *s, uint32_t slot) {
    __builtin_prefetch(HC_HOST_AT(const void, s->heads + (uint64_t)slot * HC_HEAD_BYTES));
    if (!s->o.write_combined_replies) hc_prefetch_to_write(s->reply_heads + (uint64_t)slot * HC_WORD);
}
static void send_for_lanes(const hc_server *s, uint32_t slot, uint32_t perlane) {
    uint64_t tail = s->tails + (uint64_t)slot * HC_TAIL_BYTES, reply = s->reply_lanes + (uint64_t)slot * HC_MAX_LANES * HC_WORD;
    uint32_t bytes = (uint32_t)__builtin_popcount(perlane) * HC_MAX_LANES * HC_WORD;
    for (uint32_t i = 0; i < bytes; i += HC_LINE) __builtin_prefetch(HC_HOST_AT(const void, tail + i));
    if (s->o.write_combined_replies) return;
    for (uint32_t i = 0; i < HC_MAX_LANES * HC_WORD; i += HC_LINE) hc_prefetch_to_write(reply + i);
}

static inline void add_plain(hc_poller *p, uint32_t *packets, uint32_t *lanes, uint32_t *errors) {
    p->replies += *packets;
    p->plain_count += *packets;
    p->plain_lanes += *lanes;
    p->plain_errors += *errors;
    *packets = *lanes = *errors = 0;
}

/* The usual packet of a busy line, taken in one breath: the plain service of the packet before it, all lanes alike. Anything else goes the
 * general way, by look(). */
static uint32_t serve_rung(hc_poller *p, const uint32_t *slots, uint32_t n, bool crowded) {
    hc_server *s = p->server;
    uint32_t served = 0, plain = 0, lanes = 0, errors = 0, executed = (uint32_t)p->executed_seen;
    const hc_op_entry *e = p->plain_entry;
    for (uint32_t i = 0; i < n && i < HEADS_AHEAD; i++) send_for(s, slots[i]);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t slot = slots[i], seq = hc_seq_next(s->served[slot]), d[2], order;
        int64_t arg[2], result;
        if (i + HEADS_AHEAD < n) send_for(s, slots[i + HEADS_AHEAD]);
        if (i + LANES_AHEAD < n) {
            uint32_t perlane = hc_head_perlane(hc_bus_load32(s->heads + (uint64_t)slots[i + LANES_AHEAD] * HC_HEAD_BYTES));
            if (perlane) send_for_lanes(s, slots[i + LANES_AHEAD], perlane);
        }
        if (!load_head(s->heads + (uint64_t)slot * HC_HEAD_BYTES, seq, d, &order, arg)) continue;
        if (!e || d[0] != e->plain_head || d[1] == 0 || (int32_t)(order - executed) > 0 || seq == 1u ||
            atomic_load_explicit(&s->aborted, memory_order_relaxed)) {
            add_plain(p, &plain, &lanes, &errors);
            if (!look(p, slot)) continue;
            served++;
            if (!crowded && served <= HC_HOT) make_hot(p, slot);
            uint32_t op = hc_head_op(d[0]);
            if (op < HC_OPCODES && s->table[op].plain) e = p->plain_entry = &s->table[op];
            continue;
        }
        if (!plain) batch_of(p, e);
        e->plain(s, 1, &arg[0], &arg[1], &result);
        s->served[slot] = seq;
        s->mirror[slot] = (uint8_t)seq;
        hc_put_reply(s->reply_heads + (uint64_t)slot * HC_WORD, (uint64_t)result, seq);
        served++;
        plain++;
        lanes += lanes_of(d[1]);
        errors += result < 0;
        if (!crowded && served <= HC_HOT) make_hot(p, slot);
    }
    add_plain(p, &plain, &lanes, &errors);
    return served;
}

static inline uint32_t serve_line(hc_poller *p, uint32_t line, bool crowded) {
    hc_server *s = p->server;
    uint64_t m = rung(s->bells + (uint64_t)line * HC_BELL_GROUP, s->mirror + (size_t)line * HC_BELL_GROUP);
    if (m == 0) return 0;
    uint32_t slots[HC_BELL_GROUP], n = 0;
    for (; m; m &= m - 1) slots[n++] = line * HC_BELL_GROUP + (uint32_t)__builtin_ctzll(m);
    return serve_rung(p, slots, n, crowded);
}

uint32_t hc_poller_sweep(hc_poller *p) {
    hc_server *s = p->server;
    uint32_t n = 0;
    /* Hot slots are for lone callers. Where a whole sweep is busy they would only be looked at twice. */
    bool crowded = p->last_sweep > 2 * HC_HOT;
    atomic_signal_fence(memory_order_seq_cst); /* the compiler may not remember bells from the last sweep */
    if ((++p->sweeps & 0xff) == 0) cool_down(p);
    if (p->held) hc_poller_release(p, false);
    if (!crowded) n += look_hot(p);
    uint32_t every = p->nhot <= 2 ? 1 : 4, lines = 0; /* bell lines between two looks at the hot slots */
    for (uint32_t g = p->index; g < s->groups; g += s->npollers) {
        n += serve_line(p, g, crowded);
        /* Pushing is a fence where replies are write-combined: a crowd shares it, a lone caller does not wait. */
        if (++lines % (crowded ? PUSH_LINES : 1u) == 0) push_replies(p);
        if (lines % every == 0 && !crowded) n += look_hot(p);
    }
    if (p->held) hc_poller_release(p, false);
    push_replies(p);
    p->last_sweep = n;
    return n;
}
