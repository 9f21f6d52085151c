/* SPDX-License-Identifier: Apache-2.0
 *
 * A channel in ordinary memory and a hand-written lane: the least that can talk to the server, independent of the
 * client header, so that a mistake shared by client and server cannot hide. Every wait is bounded and says where it
 * stood.
 */
#ifndef RIG_H
#define RIG_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "server.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef WAIT_NS
#define WAIT_NS 20000000000ull
#endif

#define FAIL(...)                                                                                                      \
    (fprintf(stderr, "%s:%d: ", __FILE__, __LINE__), fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(1))
#define CHECK(cond) ((cond) ? (void)0 : FAIL("%s", #cond))
#define CHECK_EQ(a, b)                                                                                                 \
    do {                                                                                                               \
        long long left_ = (long long)(a), right_ = (long long)(b);                                                     \
        if (left_ != right_) FAIL("%s is %lld, %s is %lld", #a, left_, #b, right_);                                    \
    } while (0)

typedef struct rig {
    hc_server *s;
    hc_server_options o;
    hc_layout l;
    uint32_t *seq;         /* per slot: the last sequence used */
    _Atomic uint64_t tail; /* posted ring */
    uint64_t replies; /* as lanes address them */
    void *memory[5];
} rig;

typedef struct packet {
    uint32_t op, nargs, perlane, kind, mask, order, offset; /* offset: bytes */
    int64_t arg[HC_MAX_ARGS][32];                           /* by rank */
    const uint8_t *inline_bytes;                            /* as packed in the tail, 8 bytes a word */
    uint32_t inline_words;
    uint32_t shuffle; /* seed: words in any order, with pauses */
} packet;

static uint32_t rnd(uint64_t *state) {
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33);
}

static void *zeroed(size_t n) {
    void *p = aligned_alloc(4096, (n + 4095) & ~(size_t)4095);
    CHECK(p);
    return memset(p, 0, n);
}

static void rig_options(rig *r) {
    memset(r, 0, sizeof *r);
    r->o.geometry = (hc_geometry){.nslots = 128,
                                  .posted_shift = 10,
                                  .payload_pages = 64,
                                  .nparks = 256,
                                  .ntickets = 64,
                                  .errno_places = 64,
                                  .lanes_per_warp = 32,
                                  .units = 1,
                                  .env_bytes = 64};
    r->o.pollers = 1;
    r->o.workers = 2;
    r->o.max_open = 16;
}

static void rig_open(rig *r) {
    char error[200] = "";
    hc_layout_of(&r->o.geometry, &r->l);
    size_t sizes[5] = {r->l.requests_bytes, r->l.replies_bytes, r->l.posted_bytes, r->l.payload_bytes,
                       r->l.control_bytes};
    uint64_t *at[5] = {&r->o.requests, &r->o.replies, &r->o.posted, &r->o.payload, &r->o.control};
    for (int i = 0; i < 5; i++) *at[i] = (uint64_t)(uintptr_t)(r->memory[i] = zeroed(sizes[i]));
    r->replies = r->o.replies;
#if defined(PLAYED_H)
    r->o.replies |= PLAYED_MARK;
    r->o.write_combined_replies = 1;
#endif
    r->seq = calloc(r->o.geometry.nslots, sizeof *r->seq);
    CHECK(r->seq);
    for (uint32_t i = 0; i < r->o.geometry.nslots; i++) r->seq[i] = r->o.start_seq;
    r->s = hc_server_create(&r->o, error, sizeof error);
    if (!r->s) FAIL("create: %s", error);
    CHECK_EQ(hc_server_start(r->s), 0);
    hc_server_active(r->s, 1);
}

static void rig_close(rig *r) {
    hc_server_active(r->s, -1);
    hc_server_close(r->s);
    hc_server_close(r->s);
    hc_server_destroy(r->s);
    for (int i = 0; i < 5; i++) free(r->memory[i]);
    free(r->seq);
}

/* -- the lane
 * ------------------------------------------------------------------------------------------------------------ */
static void wait_a_little(uint32_t round) {
    if (round & 15u) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    } else {
        (void)sched_yield();
    }
}

/* Writes the packet; returns its sequence. */
static uint32_t publish(rig *r, uint32_t slot, const packet *p) {
    uint64_t at[HC_HEAD_WORDS + HC_TAIL_WORDS], value[HC_HEAD_WORDS + HC_TAIL_WORDS];
    uint32_t n = 0, lanes = (uint32_t)__builtin_popcount(p->mask), word = 0;
    uint32_t seq = r->seq[slot] = hc_seq_next(r->seq[slot]);
    uint64_t head = r->o.requests + r->l.heads + (uint64_t)slot * HC_HEAD_BYTES;
    uint64_t tail = r->o.requests + r->l.tails + (uint64_t)slot * HC_TAIL_BYTES;
    if (hc_seq_wraps(seq)) {
        for (uint32_t i = 0; i < HC_HEAD_WORDS; i++) hc_put_word(head + i * HC_WORD, 0, 0);
        for (uint32_t i = 0; i < HC_TAIL_WORDS; i++) hc_put_word(tail + i * HC_WORD, 0, 0);
    }
    uint64_t words[4] = {(uint64_t)hc_head_pack(p->op, p->nargs, p->perlane, p->kind) | ((uint64_t)p->mask << 32),
                         (uint64_t)p->order | ((uint64_t)(p->offset / 16u) << 32), (uint64_t)p->arg[0][0],
                         (uint64_t)p->arg[1][0]};
    for (uint32_t i = 0; i < 4; i++) {
        at[n] = head + i * HC_WORD;
        value[n++] = words[i];
    }
    for (uint32_t k = 0; k < p->nargs; k++) {
        uint32_t count = (p->perlane >> k) & 1u ? lanes : k >= 2 ? 1 : 0;
        for (uint32_t i = 0; i < count; i++) {
            at[n] = tail + (uint64_t)word++ * HC_WORD;
            value[n++] = (uint64_t)p->arg[k][i];
        }
    }
    for (uint32_t i = 0; i < p->inline_words; i++) {
        at[n] = tail + (uint64_t)(p->nargs * lanes + i) * HC_WORD;
        memcpy(&value[n++], p->inline_bytes + 8u * i, 8);
    }
    uint64_t bell = r->o.requests + r->l.bells + slot;
    if (p->kind == HC_PAY_STAGED || p->kind == HC_PAY_BYREF) hc_fence_to_host();
    if (p->shuffle) {
        uint64_t state = p->shuffle;
        uint32_t when = rnd(&state) % (n + 1);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t j = i + rnd(&state) % (n - i);
            uint64_t a = at[i], v = value[i];
            at[i] = at[j], at[j] = a;
            value[i] = value[j], value[j] = v;
            if (i == when) hc_bus_store8(bell, (hc_u8)seq);
            /* The two halves apart: what a write-combined mapping may do to a 16-byte store. */
            __atomic_store_n((hc_u64 *)(uintptr_t)(at[i] + 8), hc_half((hc_u32)(value[i] >> 32), seq),
                             __ATOMIC_RELAXED);
            if (rnd(&state) % 4 == 0) (void)sched_yield();
            __atomic_store_n((hc_u64 *)(uintptr_t)at[i], hc_half((hc_u32)value[i], seq), __ATOMIC_RELAXED);
        }
        if (when >= n) hc_bus_store8(bell, (hc_u8)seq);
    } else {
        while (n--) hc_put_word(at[n], value[n], seq);
        hc_bus_store8(bell, (hc_u8)seq);
    }
    return seq;
}

static uint64_t await_word(uint64_t at, uint32_t tag, uint32_t mask, uint32_t *seen_tag, const char *what,
                           uint32_t where) {
    hc_u64 lo, hi;
    uint64_t until = hc_now_ns() + WAIT_NS;
    for (uint32_t round = 0;; round++) {
        hc_bus_load_word(at, &lo, &hi);
        if ((hc_half_tag(lo) & mask) == tag && hc_half_tag(lo) == hc_half_tag(hi)) break;
        if ((round & 1023u) == 1023u && hc_now_ns() > until)
            FAIL("%s %u: waited for tag %#x, found %#x/%#x", what, where, tag, hc_half_tag(lo), hc_half_tag(hi));
        wait_a_little(round);
    }
    if (seen_tag) *seen_tag = hc_half_tag(lo);
    return hc_word_value(lo, hi);
}

/* Waits for the reply; parked lanes wait for their completion words and acknowledge them. result by rank. */
static void await_reply(rig *r, uint32_t slot, uint32_t mask, int64_t *result) {
    uint32_t seq = r->seq[slot], tag, rank = 0;
    uint64_t head = await_word(r->replies + r->l.reply_heads + (uint64_t)slot * HC_WORD, seq, HC_SEQ_MASK, &tag,
                               "reply of slot", slot);
    for (uint32_t m = mask; m; m &= m - 1, rank++) {
        uint32_t lane = (uint32_t)__builtin_ctz(m), form = tag >> HC_FORM_SHIFT, lane_tag;
        uint64_t value = head;
        if (form == HC_FORM_LANES) {
            value = await_word(r->replies + r->l.reply_lanes + ((uint64_t)slot * 32 + lane) * HC_WORD, seq,
                               HC_SEQ_MASK, &lane_tag, "lane word", lane);
            form = lane_tag >> HC_FORM_SHIFT;
        }
        if (form == HC_FORM_PARKED) {
            uint32_t index = (uint32_t)value, generation = (uint32_t)(value >> 32);
            CHECK(index < r->o.geometry.nparks && generation != 0);
            value = await_word(r->replies + r->l.parks + (uint64_t)index * HC_WORD, generation, ~0u, NULL,
                               "completion", index);
            hc_bus_store32(r->o.requests + r->l.acks + 4ull * index, generation);
        } else {
            CHECK_EQ(form, HC_FORM_UNIFORM);
        }
        result[rank] = (int64_t)value;
    }
    hc_fence_from_host();
}

static void call(rig *r, uint32_t slot, const packet *p, int64_t *result) {
    (void)publish(r, slot, p);
    await_reply(r, slot, p->mask, result);
}

__attribute__((unused)) static int64_t call1(rig *r, uint32_t slot, uint32_t op, uint32_t nargs, int64_t a0, int64_t a1, int64_t a2) {
    packet p = {.op = op, .nargs = nargs, .mask = 1, .arg = {{a0}, {a1}, {a2}}};
    int64_t result;
    call(r, slot, &p, &result);
    return result;
}

/* -- the posted ring
 * ------------------------------------------------------------------------------------------------------- */
static void ring_word(rig *r, uint64_t position, uint64_t value) {
    uint32_t shift = r->o.geometry.posted_shift;
    hc_put_word(r->o.posted + (position & ((1ull << shift) - 1)) * HC_WORD, value, hc_posted_tag(position, shift));
}
/* Claims with a credit check, as lanes do. */
static uint64_t ring_claim(rig *r, uint32_t words) {
    uint64_t size = 1ull << r->o.geometry.posted_shift, until = hc_now_ns() + WAIT_NS,
             at = atomic_fetch_add(&r->tail, words);
    for (uint32_t round = 0; at + words > hc_bus_load64(r->o.control + HC_CTL_POSTED_HEAD) + size; round++) {
        if ((round & 1023u) == 1023u && hc_now_ns() > until)
            FAIL("the ring stays full at position %llu", (unsigned long long)at);
        wait_a_little(round);
    }
    return at;
}
static uint64_t post(rig *r, uint32_t op, uint32_t imm, const uint64_t *words, uint32_t nwords) {
    uint64_t at = ring_claim(r, nwords);
    for (uint32_t i = nwords; i-- > 1;) ring_word(r, at + i, words ? words[i] : i);
    ring_word(r, at, (uint64_t)hc_record_pack(op, nwords) | ((uint64_t)imm << 32));
    return at + nwords;
}
static uint64_t submit(rig *r, uint32_t ticket, uint32_t generation, uint32_t op, uint32_t nargs, uint32_t kind,
                       uint64_t offset, const int64_t *args, const uint64_t *payload, uint32_t payload_words) {
    uint64_t w[64] = {0};
    CHECK(3 + nargs + payload_words <= 64);
    w[1] = ticket | ((uint64_t)generation << 32);
    w[2] = offset / 16;
    for (uint32_t i = 0; i < nargs; i++) w[3 + i] = (uint64_t)args[i];
    for (uint32_t i = 0; i < payload_words; i++) w[3 + nargs + i] = payload[i];
    return post(r, HC_POST_SUBMIT, op | (nargs << 16) | (kind << 20), w, 3 + nargs + payload_words);
}
static int64_t await_ticket(rig *r, uint32_t ticket, uint32_t generation) {
    uint64_t at = r->replies + r->l.parks + ((uint64_t)r->o.geometry.nparks + ticket) * HC_WORD;
    return (int64_t)await_word(at, generation, ~0u, NULL, "ticket", ticket);
}

static void nap_ms(uint32_t ms) {
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    (void)nanosleep(&t, NULL);
}
static hc_server_counts counts(rig *r) {
    hc_server_counts c;
    hc_server_counts_get(r->s, &c);
    return c;
}
#endif
