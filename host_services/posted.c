/* SPDX-License-Identifier: Apache-2.0
 *
 * The posted ring: records that nobody waits for, run in the order of their positions by whoever owns the ring at the
 * moment (the drain thread, or a caller of hc_server_drain). A record is copied out once all its words carry this lap's
 * tag; then its space is given back, then it is run.
 */
#include "server_internal.h"
#include <sched.h>

#define SPIN_NS         30000u   /* a dry ring is watched this long before its thread sleeps */
#define SINK_NS         1000000u /* a ring that never runs dry still lets sinks write this often */
#define NOPS_PER_UPDATE 64u
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
    hc_bus_store64(s->control + HC_CTL_POSTED_HEAD, g->position);
}

static void executed(hc_server *s) { atomic_store_explicit(&s->ring.executed, s->ring.position, memory_order_release); }

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
    case HC_POST_NOP:
        hc_bump(t, &t->nop_sum, imm);
        return true;
    case HC_POST_PRINTF:
    case HC_POST_BYTES:
        return hc_stdio_posted(s, op, imm, words, nwords);
    case HC_POST_LOG:
    case HC_POST_PROGRESS:
    case HC_POST_CALL:
        return hc_python_posted(s, op, imm, words, nwords);
    default:
        return submit(s, t, imm, words, nwords);
    }
}

/* ------------------------------------------------------------------------------------------------------------ drain */
uint64_t hc_ring_drain(hc_server *s, hc_tally *t, uint64_t limit) {
    hc_ring *g = &s->ring;
    uint64_t start = g->position, records = 0, nops = 0, sum = 0, batch = s->ring_words / 16;
    if (batch == 0) batch = 1;
    while (g->position - start < limit) {
        hc_u64 lo, hi;
        if (g->have == 0) {
            if (!ring_word(s, g->position, &lo, &hi)) break;
            uint32_t d = hc_half_data(lo);
            if (d == hc_record_pack(HC_POST_NOP, 1)) {
                sum += hc_half_data(hi);
                g->position++;
                if (++nops % NOPS_PER_UPDATE == 0) executed(s);
                if (g->position - g->published >= batch) publish(s);
                continue;
            }
            if (!sane_header(s, d)) {
                hc_bump(t, &t->posted_bad, 1);
                g->position++;
                executed(s);
                continue;
            }
            g->record[0] = hc_word_value(lo, hi);
            g->have = 1;
        }
        uint32_t nwords = (uint32_t)g->record[0] >> 16;
        while (g->have < nwords && ring_word(s, g->position + g->have, &lo, &hi))
            g->record[g->have++] = hc_word_value(lo, hi);
        if (g->have < nwords) break;
        g->have = 0;
        g->position += nwords;
        if (g->position - g->published >= batch) publish(s);
        if (!run_record(s, t, g->record)) hc_bump(t, &t->posted_bad, 1);
        records++;
        executed(s);
    }
    records += nops;
    if (g->position != start) {
        executed(s);
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
        executed(s);
        publish(s);
        return skipped;
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------------------- the thread */
static void sleep_dry(hc_server *s) {
    hc_ring *g = &s->ring;
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
        if (!told && (rest || now - g->idle_ns > SINK_NS)) {
            hc_stdio_idle(s);
            g->idle_ns = now;
            told = n == 0;
        }
        atomic_store_explicit(&g->next, g->position + g->have, memory_order_relaxed);
        hc_ring_disown(s);
        if (closing && n == 0) break;
        if (n) continue;
        if (rest) {
            sleep_dry(s);
            dry_since = 0;
        } else if (s->cores <= 2 || (++round & 63u) == 0) {
            (void)sched_yield();
        } else {
            hc_cpu_relax();
        }
    }
    hc_thread_done(s);
    return NULL;
}
