/* SPDX-License-Identifier: Apache-2.0
 *
 * The posted ring: records that nobody waits for, run in the order of their positions by whoever owns the ring at the
 * moment (the drain thread, or a caller of hc_server_drain). A record is copied out once all its words carry this lap's
 * tag; then its space is given back, then it is run, or, if it is a print, goes on its way through formatters.c.
 */
#include "server_internal.h"
#include <sched.h>
#if defined(__SSE2__) && !defined(HC_TSAN)
#include <immintrin.h>
#endif

#define SPIN_NS         30000u   /* a dry ring is watched this long before its thread sleeps */
#define SINK_NS         1000000u /* a ring that never runs dry still lets sinks write this often */
#define NOPS_PER_UPDATE 64u
#define NOP_WORDS       16u /* longer ones are records like any other */
#define UNDER_WAY_NS    50000u
#define MOST_AHEAD      (1ull << 30) /* of what is executed: packets carry positions in 32 bits */
#define STOPPED_NS      500000u

int hc_ring_create(hc_server *s) {
    hc_ring *g = &s->ring;
    pthread_mutex_init(&g->lock, NULL);
    hc_cond_init(&g->owner_gone);
    hc_cond_init(&g->wake);
    g->record = calloc(HC_MAX_RECORD_WORDS, sizeof *g->record);
    return g->record ? 0 : -ENOMEM;
}

void hc_ring_destroy(hc_server *s) {
    hc_ring *g = &s->ring;
    free(g->record);
    pthread_cond_destroy(&g->owner_gone);
    pthread_cond_destroy(&g->wake);
    pthread_mutex_destroy(&g->lock);
}

/* -------------------------------------------------------------------------------------------------------- ownership */
int hc_ring_own(hc_server *s, uint64_t until_ns) {
    hc_ring *g = &s->ring;
    int rc = 0;
    struct timespec until = hc_timespec(until_ns);
    pthread_mutex_lock(&g->lock);
    while (g->busy && rc == 0) rc = pthread_cond_timedwait(&g->owner_gone, &g->lock, &until);
    if (!g->busy) {
        g->busy = true;
        rc = 0;
    }
    pthread_mutex_unlock(&g->lock);
    return rc ? -ETIMEDOUT : 0;
}

void hc_ring_disown(hc_server *s) {
    hc_ring *g = &s->ring;
    pthread_mutex_lock(&g->lock);
    g->busy = false;
    pthread_cond_signal(&g->owner_gone);
    pthread_mutex_unlock(&g->lock);
}

/* ------------------------------------------------------------------------------------------------------------ words */
static inline bool ring_word(hc_server *s, uint64_t position, hc_u64 *lo, hc_u64 *hi) {
    uint32_t tag = hc_posted_tag(position, s->o.geometry.posted_shift);
    hc_bus_load_word(s->ring_words_at + (position & (s->ring_words - 1)) * HC_WORD, lo, hi);
    return hc_word_has(*lo, *hi, tag);
}

/* Copies the data of up to n words from a position on; returns how many in a row are there. Device stores come from memory, so the loop has
 * no branch but the one for a word that is missing. */
static uint32_t ring_words(hc_server *s, uint64_t position, uint32_t n, uint64_t *to) {
    uint32_t done = 0;
    while (done < n) {
        uint64_t at = (position + done) & (s->ring_words - 1), from = s->ring_words_at + at * HC_WORD;
        uint32_t tag = hc_posted_tag(position + done, s->o.geometry.posted_shift), i = 0, piece = n - done;
        if (piece > s->ring_words - at) piece = (uint32_t)(s->ring_words - at);
#if defined(__SSE2__) && !defined(HC_TSAN)
        /* 16 bytes in one load, as the device stored them; each half is checked by the tag that came with it. */
        const __m128i want = _mm_set1_epi32((int)tag);
        for (; i + 2 <= piece; i += 2) {
            __m128 a = _mm_castsi128_ps(_mm_load_si128(HC_HOST_AT(const __m128i, from + i * HC_WORD)));
            __m128 b = _mm_castsi128_ps(_mm_load_si128(HC_HOST_AT(const __m128i, from + (i + 1) * HC_WORD)));
            __m128i tags = _mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1)));
            if (_mm_movemask_epi8(_mm_cmpeq_epi32(tags, want)) != 0xffff) break;
            _mm_storeu_si128((__m128i *)(to + done + i), _mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0))));
        }
#endif
        for (; i < piece; i++) {
            hc_u64 lo, hi;
            hc_bus_load_word(from + i * HC_WORD, &lo, &hi);
            if (!hc_word_has(lo, hi, tag)) return done + i;
            to[done + i] = hc_word_value(lo, hi);
        }
        done += piece;
    }
    return done;
}

bool hc_ring_ready(hc_server *s) {
    hc_u64 lo, hi;
    return ring_word(s, atomic_load_explicit(&s->ring.next, memory_order_relaxed), &lo, &hi);
}

void hc_ring_wake(hc_server *s) {
    hc_ring *g = &s->ring;
    pthread_mutex_lock(&g->lock);
    g->wanted = true;
    pthread_cond_signal(&g->wake);
    pthread_mutex_unlock(&g->lock);
}

static bool sane_header(hc_server *s, uint32_t d) {
    uint32_t op = d & 0xffffu, nwords = d >> 16;
    return op >= HC_POST_FILLER && op <= HC_POST_SUBMIT && nwords >= 1 && nwords <= HC_MAX_RECORD_WORDS &&
           nwords <= s->ring_words;
}

static void publish(hc_server *s) {
    hc_ring *g = &s->ring;
    if (g->published == g->position) return;
    g->published = g->position;
    atomic_store_explicit(&g->taken, g->position, memory_order_relaxed);
    hc_bus_store64(s->control + HC_CTL_POSTED_HEAD, g->position);
}

/* What blocking calls wait for: everything up to here has taken effect, prints in that their text is in its sink, where later output comes
 * behind it. While prints are on their way the position is moved by who puts them there. */
void hc_ring_settle(hc_server *s) {
    hc_ring *g = &s->ring;
    if (!hc_formatters_clear(s) || atomic_load_explicit(&g->executed, memory_order_relaxed) == g->position) return;
    atomic_store_explicit(&g->executed, g->position, memory_order_release);
}

/* ---------------------------------------------------------------------------------------------------------- tickets */
static bool submit(hc_server *s, hc_tally *t, uint32_t imm, const uint64_t *words, uint32_t nwords) {
    if (nwords < 3) return false;
    uint32_t ticket = (uint32_t)words[1], generation = (uint32_t)(words[1] >> 32);
    uint32_t op = imm & 0xffffu, nargs = (imm >> 16) & 15u, kind = (imm >> 20) & 3u;
    if (ticket >= s->o.geometry.ntickets || generation == 0) return false;
    hc_call *c = hc_call_new(s);
    if (!c) return false;
    const struct hc_family_op *entry = op < HC_OPCODES ? s->table[op].op : NULL;
    c->slot = HC_NO_SLOT_ANSWER;
    c->seq = 0;
    c->ticket = ticket;
    c->generation = generation;
    c->op = op;
    c->nargs = nargs;
    c->kind = kind;
    c->mask = 1;
    c->lanes = 1;
    c->accepted_ticks = hc_ticks();
    c->accepted_ns = hc_now_ns();
    int rc = 0;
    if (!entry)
        rc = -ENOSYS;
    else if (entry->nargs != nargs || nargs > HC_MAX_ARGS || nwords < 3 + nargs)
        rc = -EPROTO;
    if (!rc) {
        uint64_t room = 8ull * (nwords - 3 - nargs);
        uint8_t *bytes = c->inline_bytes;
        for (uint32_t k = 0; k < nargs; k++) c->arg[k][0] = (int64_t)words[3 + k];
        if (kind == HC_PAY_INLINE && room > sizeof c->inline_bytes) {
            c->owned = malloc(room);
            bytes = c->owned;
        }
        if (!bytes)
            rc = -ENOMEM;
        else if (kind == HC_PAY_INLINE)
            memcpy(bytes, words + 3 + nargs, room);
        if (!rc) rc = hc_call_payload(c, (uint64_t)(uint32_t)words[2] * 16u, bytes, room);
    }
    if (rc) { /* no service, so nothing of it is counted for one; the lane gets its answer */
        hc_bump(t, &t->bad_packets, 1);
        c->kind = HC_PAY_NONE;
        c->result[0] = rc;
        hc_parks_settle(c);
        free(c->owned);
        c->owned = NULL;
        hc_call_drop(c);
        return true;
    }
    if (c->kind == HC_PAY_STAGED || c->kind == HC_PAY_BYREF)
        hc_fence_from_host(); /* the record before the bytes it hands over */
    c->result[0] = -EFAULT;   /* what a by-reference ticket outside the ranges gets: its only rank was taken out */
    if (hc_call_dispatch(c, t)) hc_call_drop(c);
    return true;
}

static bool run_record(hc_server *s, hc_tally *t, const uint64_t *words) {
    uint32_t d = (uint32_t)words[0], imm = (uint32_t)(words[0] >> 32), op = d & 0xffffu, nwords = d >> 16;
    switch (op) {
    case HC_POST_FILLER:
        hc_bump(t, &t->fillers, 1);
        return true;
    case HC_POST_NOP: {
        uint64_t sum = imm;
        for (uint32_t i = 1; i < nwords; i++) sum += words[i];
        hc_bump(t, &t->nop_sum, sum);
        return true;
    }
    case HC_POST_LOG:
    case HC_POST_PROGRESS:
    case HC_POST_CALL:
        return hc_python_posted(s, op, imm, words, nwords);
    default:
        return submit(s, t, imm, words, nwords);
    }
}

/* ------------------------------------------------------------------------------------------------------------ drain */
static inline bool is_print(uint64_t header) {
    uint32_t op = (uint32_t)header & 0xffffu;
    return op == HC_POST_PRINTF || op == HC_POST_BYTES;
}

/* No-ops are summed where they lie, at most `limit` words of them, as long as they follow each other within a lap: one tag for all. Returns
 * how many; one that is not all there, or ends in the next lap, is left to the caller. */
static uint32_t run_nops(hc_server *s, uint64_t limit, uint64_t *sum) {
    hc_ring *g = &s->ring;
    uint64_t at = g->position & (s->ring_words - 1), from = s->ring_words_at + at * HC_WORD, left = s->ring_words - at, total = 0;
    uint32_t tag = hc_posted_tag(g->position, s->o.geometry.posted_shift), n = 0;
    if (left > limit) left = limit;
    while (left) {
        hc_u64 lo, hi, wrong;
        hc_bus_load_word(from, &lo, &hi);
        wrong = (hc_half_tag(lo) ^ tag) | (hc_half_tag(hi) ^ tag);
        uint32_t d = hc_half_data(lo), nwords = d >> 16;
        uint64_t value = hc_half_data(hi);
        if (wrong || (d & 0xffffu) != HC_POST_NOP || nwords - 1u >= NOP_WORDS || nwords > left) break;
        for (uint32_t i = 1; i < nwords; i++) { /* no branch between the loads */
            hc_bus_load_word(from + i * HC_WORD, &lo, &hi);
            wrong |= (hc_half_tag(lo) ^ tag) | (hc_half_tag(hi) ^ tag);
            value += hc_word_value(lo, hi);
        }
        if (wrong) break;
        total += value;
        from += (uint64_t)nwords * HC_WORD;
        left -= nwords;
        g->position += nwords;
        n++;
    }
    *sum += total;
    return n;
}

/* What is done once a record is whole and before it counts as taken. False: no batch came free in time, or no sink got on. */
static bool take(hc_server *s, uint32_t nwords) {
    hc_ring *g = &s->ring;
    if (((uint32_t)g->record[0] & 0xffffu) == HC_POST_SUBMIT && g->into == g->record) {
        /* A call that was submitted may write where prints go: it comes behind those that were posted before it. */
        hc_formatters_dry(s, true);
        return hc_formatters_wait(s, g->until_ns ? g->until_ns : UINT64_MAX) == 0;
    }
    if (!is_print(g->into[0])) return true;
    if (g->into == g->record) { /* came in pieces */
        uint64_t *room = hc_formatters_room(s, nwords);
        if (!room) return false;
        memcpy(room, g->record, 8ull * nwords);
    }
    hc_formatters_add(s, nwords);
    return true;
}

uint64_t hc_ring_drain(hc_server *s, hc_tally *t, uint64_t limit) {
    hc_ring *g = &s->ring;
    uint64_t start = g->position, records = 0, nops = 0, sum = 0, batch = s->ring_words / 16;
    if (batch == 0) batch = 1;
    g->stalled = g->position - atomic_load_explicit(&g->executed, memory_order_relaxed) > MOST_AHEAD &&
                 hc_formatters_wait(s, g->until_ns ? g->until_ns : UINT64_MAX);
    while (!g->stalled && g->position - start < limit) {
        hc_u64 lo, hi;
        if (g->have == 0) {
            if (!ring_word(s, g->position, &lo, &hi)) break;
            uint64_t header = hc_word_value(lo, hi);
            uint32_t d = (uint32_t)header, nwords = d >> 16;
            if ((d & 0xffffu) == HC_POST_NOP) {
                uint32_t taken = run_nops(s, NOPS_PER_UPDATE * NOP_WORDS, &sum);
                nops += taken;
                if (taken) {
                    hc_ring_settle(s);
                    if (g->position - g->published >= batch) publish(s);
                    continue;
                }
            }
            if (!sane_header(s, d)) {
                hc_bump(t, &t->posted_bad, 1);
                g->position++;
                hc_ring_settle(s);
                continue;
            }
            if (!(g->into = is_print(header) ? hc_formatters_room(s, nwords) : g->record)) {
                g->stalled = true;
                break;
            }
            g->into[0] = header;
            g->have = 1;
        }
        uint32_t nwords = (uint32_t)g->into[0] >> 16;
        g->have += ring_words(s, g->position + g->have, nwords - (uint32_t)g->have, g->into + g->have);
        bool print = is_print(g->into[0]), taken = g->have == nwords && take(s, nwords);
        if (!taken) {
            g->stalled = g->have == nwords;
            if (g->into != g->record) memcpy(g->record, g->into, 8 * g->have); /* its batch may go before the rest is there */
            g->into = g->record;
            break;
        }
        g->have = 0;
        g->position += nwords;
        if (g->position - g->published >= batch) publish(s);
        records++;
        if (print) continue;
        if (!run_record(s, t, g->record)) hc_bump(t, &t->posted_bad, 1);
        hc_ring_settle(s);
    }
    records += nops;
    hc_ring_settle(s);
    if (g->position != start) {
        publish(s);
        if (nops) hc_bump(t, &t->nop_sum, sum);
        hc_bump(t, &t->posted_records, records);
        hc_bump(t, &t->posted_words, g->position - start);
        atomic_store_explicit(&g->moved_ns, hc_now_ns(), memory_order_relaxed);
    }
    return records;
}

/* A word inside a record can look like a header. So a candidate must be whole, and what follows it must be absent or
 * look like a header as well. */
static bool whole_record(hc_server *s, uint64_t at, uint64_t end) {
    hc_u64 lo, hi;
    if (!ring_word(s, at, &lo, &hi) || !sane_header(s, hc_half_data(lo))) return false;
    uint32_t nwords = hc_half_data(lo) >> 16;
    if (nwords > end - at) return false;
    for (uint32_t i = 1; i < nwords; i++)
        if (!ring_word(s, at + i, &lo, &hi)) return false;
    return at + nwords == end || !ring_word(s, at + nwords, &lo, &hi) || sane_header(s, hc_half_data(lo));
}

uint64_t hc_ring_skip_hole(hc_server *s, hc_tally *t) {
    hc_ring *g = &s->ring;
    uint64_t end = g->position + s->ring_words;
    for (uint64_t at = g->position + 1; at < end; at++) {
        if (!whole_record(s, at, end)) continue;
        uint64_t skipped = at - g->position;
        g->position = at;
        g->have = 0;
        hc_bump(t, &t->holes, skipped);
        hc_ring_settle(s);
        publish(s);
        return skipped;
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------------------- the thread */
static void sleep_dry(hc_server *s) {
    hc_ring *g = &s->ring;
    /* It may have sat in a slow sink until now: a call is stale only once this thread has slept for long. */
    atomic_store_explicit(&g->moved_ns, hc_now_ns(), memory_order_relaxed);
    atomic_store_explicit(&g->sleeping, 1, memory_order_seq_cst);
    pthread_mutex_lock(&g->lock);
    /* A poller looks at the ring for a thread that sleeps; what came before it could see that is found here. */
    if (!hc_ring_ready(s))
        while (!g->wanted && !hc_server_closing(s)) pthread_cond_wait(&g->wake, &g->lock);
    g->wanted = false;
    pthread_mutex_unlock(&g->lock);
    atomic_store_explicit(&g->sleeping, 0, memory_order_relaxed);
}

void *hc_ring_main(void *arg) {
    hc_server *s = arg;
    hc_ring *g = &s->ring;
    hc_thread_tally = g->tally;
    uint64_t dry_since = 0;
    uint32_t round = 0;
    bool told = true; /* sinks know of everything */
    for (;;) {
        bool closing = hc_server_closing(s);
        /* A kernel that was stopped and goes on posting meets a full ring, and there the abort word; what it has posted is delivered once it
         * has ended. */
        if (!closing && atomic_load_explicit(&s->aborted, memory_order_relaxed) &&
            atomic_load_explicit(&s->active, memory_order_relaxed) > 0) {
            struct timespec t = hc_timespec(STOPPED_NS);
            (void)nanosleep(&t, NULL);
            continue;
        }
        (void)hc_ring_own(s, UINT64_MAX);
        uint64_t n = hc_ring_drain(s, g->tally, s->ring_words);
        uint64_t now = hc_now_ns();
        if (n) {
            told = false;
            dry_since = 0;
        } else if (dry_since == 0) {
            dry_since = now;
        }
        bool rest = n == 0 && (closing || now - dry_since >= SPIN_NS);
        hc_formatters_dry(s, rest);
        hc_ring_settle(s);
        bool clear = hc_formatters_clear(s);
        if (!told && ((rest && clear) || now - g->idle_ns > SINK_NS)) {
            if (clear)
                hc_stdio_idle(s);
            else
                hc_formatters_flush(s);
            g->idle_ns = now;
            told = clear && n == 0;
        }
        if (closing && n == 0) hc_formatters_end(s);
        atomic_store_explicit(&g->next, g->position + g->have, memory_order_relaxed);
        hc_ring_disown(s);
        if (closing && n == 0) break;
        if (n) continue;
        if (rest && clear) {
            sleep_dry(s);
            dry_since = 0;
        } else if (rest) { /* not asleep for the pollers: a call that waits for a print in a slow sink goes on waiting */
            struct timespec t = hc_timespec(UNDER_WAY_NS);
            (void)nanosleep(&t, NULL);
        } else if (s->cores <= 2 || (++round & 63u) == 0) {
            (void)sched_yield();
        } else {
            hc_cpu_relax();
        }
    }
    hc_thread_done(s);
    return NULL;
}
