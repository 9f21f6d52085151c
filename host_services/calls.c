/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a call on the host: taken from the pool, given its payload addresses, run, answered in its slot, counted,
 * given back. It knows what a reply looks like and nothing about who found the packet.
 */
#include "server_internal.h"

/* ------------------------------------------------------------------------------------------------------------- pool */
void hc_call_reset(hc_call *c) {
    c->ticket = UINT32_MAX;
    c->generation = 0;
    c->perlane = 0;
    c->parked_mask = 0;
    c->next_rank = 0;
    c->posted_record = 0;
    c->token = 0;
    c->order = 0;
    c->fault_mask = 0;
    c->parked = 0;
    c->answered = 0;
    c->delivered = 0;
    c->then = NULL;
    c->owned = NULL;
    c->next = NULL;
    c->scratch = NULL;
}

hc_call *hc_call_new(hc_server *s) {
    pthread_mutex_lock(&s->pool_lock);
    if (!s->free_calls) s->free_calls = atomic_exchange_explicit(&s->returned, NULL, memory_order_acquire);
    if (!s->free_calls) {
        hc_slab *slab = calloc(1, sizeof *slab);
        if (slab) {
            slab->next = s->slabs;
            s->slabs = slab;
            for (size_t i = 0; i < sizeof slab->calls / sizeof slab->calls[0]; i++) {
                slab->calls[i].server = s;
                slab->calls[i].next = s->free_calls;
                s->free_calls = &slab->calls[i];
            }
        }
    }
    hc_call *c = s->free_calls;
    if (c) {
        s->free_calls = c->next;
        c->live = 1;
        atomic_store_explicit(&s->calls_taken, atomic_load_explicit(&s->calls_taken, memory_order_relaxed) + 1,
                              memory_order_relaxed);
    }
    pthread_mutex_unlock(&s->pool_lock);
    if (c) hc_call_reset(c);
    return c;
}

/* Without the lock: a worker that loses its core here must not hold up a poller that wants a call. */
void hc_call_drop(hc_call *c) {
    hc_server *s = c->server;
    hc_call *last = atomic_load_explicit(&s->returned, memory_order_relaxed);
    c->live = 0;
    do c->next = last;
    while (!atomic_compare_exchange_weak_explicit(&s->returned, &last, c, memory_order_release, memory_order_relaxed));
    (void)atomic_fetch_add_explicit(&s->calls_returned, 1, memory_order_release);
}

uint64_t hc_calls_live(hc_server *s) {
    uint64_t returned = atomic_load_explicit(&s->calls_returned, memory_order_acquire); /* first: never below zero */
    return atomic_load_explicit(&s->calls_taken, memory_order_relaxed) - returned;
}

void hc_calls_free(hc_server *s) {
    while (s->slabs) {
        hc_slab *slab = s->slabs;
        s->slabs = slab->next;
        for (size_t i = 0; i < sizeof slab->calls / sizeof slab->calls[0]; i++)
            if (slab->calls[i].live) {
                free(slab->calls[i].scratch);
                free(slab->calls[i].owned);
            }
        free(slab);
    }
}

/* ---------------------------------------------------------------------------------------------------------- payload */
static void drop_ranks(hc_call *c, uint32_t bad) {
    uint32_t to = 0, rank = 0, mask = 0;
    for (uint32_t m = c->mask; m; m &= m - 1, rank++) {
        uint32_t lane = m & (0u - m);
        if (bad & (1u << rank)) {
            c->fault_mask |= lane;
            continue;
        }
        for (uint32_t k = 0; k < c->nargs; k++) c->arg[k][to] = c->arg[k][rank];
        c->payload[to] = c->payload[rank];
        c->payload_len[to] = c->payload_len[rank];
        mask |= lane;
        to++;
    }
    c->mask = mask;
    c->lanes = to;
}

int hc_call_payload(hc_call *c, uint64_t offset, uint8_t *inline_at, uint64_t room) {
    hc_server *s = c->server;
    if (c->kind == HC_PAY_NONE) {
        for (uint32_t r = 0; r < c->lanes; r++) {
            c->payload[r] = NULL;
            c->payload_len[r] = 0;
        }
        return 0;
    }
    if (c->nargs == 0 || (c->kind == HC_PAY_BYREF && c->nargs < 2)) return -EPROTO;
    if (c->kind == HC_PAY_BYREF) {
        uint32_t bad = 0;
        (void)atomic_fetch_add_explicit(&s->byref_live, 1, memory_order_relaxed);
        for (uint32_t r = 0; r < c->lanes; r++) {
            c->payload_len[r] = (uint64_t)c->arg[0][r];
            c->payload[r] = NULL;
            if (c->arg[0][r] < 0 || !hc_range_host(s, (uint64_t)c->arg[1][r], c->payload_len[r], &c->payload[r]))
                bad |= 1u << r;
        }
        if (bad) drop_ranks(c, bad);
        return 0;
    }
    uint64_t at = 0, limit = c->kind == HC_PAY_STAGED ? s->payload_bytes : room;
    uint8_t *base = inline_at;
    if (c->kind == HC_PAY_STAGED) {
        if (offset > limit) return -EPROTO;
        limit -= offset;
        base = HC_HOST_AT(uint8_t, s->payload) + offset;
    }
    for (uint32_t r = 0; r < c->lanes; r++) {
        uint64_t n = (uint64_t)c->arg[0][r];
        if (at > limit || n > limit - at) return -EPROTO;
        c->payload[r] = base + at;
        c->payload_len[r] = n;
        at += hc_round16(n);
    }
    return 0;
}

/* ---------------------------------------------------------------------------------------------------------- replies */
void hc_reply_value(hc_server *s, uint32_t slot, uint32_t seq, uint32_t form, uint64_t value) {
    hc_put_word(s->reply_heads + (uint64_t)slot * HC_WORD, value, seq | (form << HC_FORM_SHIFT));
}

/* A reply that hands payload over: the bytes first. On x86 stores to ordinary memory keep their order by themselves; a
 * reply in write-combined memory does not wait for them. Without it a lane could see the reply and copy old bytes. */
static void fence_before_reply(hc_call *c) {
    if (c->kind != HC_PAY_STAGED && c->kind != HC_PAY_BYREF) return;
    hc_fence_to_host();
    if (c->server->o.write_combined_replies) hc_store_fence();
}

void hc_reply_lanes(hc_server *s, uint32_t slot, uint32_t seq, uint32_t mask, uint32_t n, const int64_t *results) {
    uint64_t at = s->reply_lanes + (uint64_t)slot * HC_MAX_LANES * HC_WORD;
    uint32_t rank = 1;
    while (rank < n && results[rank] == results[0]) rank++;
    if (rank >= n) {
        hc_reply_value(s, slot, seq, HC_FORM_UNIFORM, (uint64_t)results[0]);
        return;
    }
    rank = 0;
#if HC_SSE
    if (mask == 0xffffffffu) { /* two lanes at a time: values and tags take turns */
        __m128i tag = _mm_set1_epi32((int)seq);
        for (; rank < HC_MAX_LANES; rank += 2) {
            __m128i v = _mm_loadu_si128((const __m128i *)(results + rank));
            hc_bus_store_sse(at + (uint64_t)rank * HC_WORD, _mm_unpacklo_epi32(v, tag));
            hc_bus_store_sse(at + (uint64_t)(rank + 1) * HC_WORD, _mm_unpackhi_epi32(v, tag));
        }
    } else
#endif
        for (uint32_t m = mask; m; m &= m - 1)
            hc_put_word(at + (uint64_t)(uint32_t)__builtin_ctz(m) * HC_WORD, (uint64_t)results[rank++], seq);
    hc_reply_value(s, slot, seq, HC_FORM_LANES, 0);
}

void hc_reply_results(hc_call *c) {
    uint32_t mask = c->mask | c->fault_mask, n = c->lanes;
    const int64_t *results = c->result;
    int64_t merged[HC_MAX_LANES];
    if (c->fault_mask) { /* lanes without a rank */
        uint32_t rank = 0;
        n = 0;
        for (uint32_t m = mask; m; m &= m - 1)
            merged[n++] = (c->fault_mask & m & (0u - m)) ? -EFAULT : c->result[rank++];
        results = merged;
    }
    fence_before_reply(c);
    hc_reply_lanes(c->server, c->slot, c->seq, mask, n, results);
}

/* The sequence starts anew: no word may keep a tag of the last time round, or a lane could take it for the answer it
 * expects. */
void hc_reply_wrap(hc_server *s, uint32_t slot) {
    hc_put_word(s->reply_heads + (uint64_t)slot * HC_WORD, 0, 0);
    for (uint32_t lane = 0; lane < HC_MAX_LANES; lane++)
        hc_put_word(s->reply_lanes + ((uint64_t)slot * HC_MAX_LANES + lane) * HC_WORD, 0, 0);
    if (s->o.write_combined_replies) hc_store_fence();
}

/* --------------------------------------------------------------------------------------------------------- settling */
static void count_call(hc_call *c, hc_tally *t) {
    hc_tally_op *e = &t->ops[c->server->table[c->op].dense];
    uint64_t bytes = 0, errors = 0, ticks = hc_ticks() - c->accepted_ticks;
    if (c->kind != HC_PAY_NONE)
        for (uint32_t r = 0; r < c->lanes; r++) bytes += c->payload_len[r];
    for (uint32_t r = 0; r < c->lanes; r++) errors += c->result[r] < 0;
    errors += (uint32_t)__builtin_popcount(c->fault_mask);
    if ((int64_t)ticks < 0) ticks = 0; /* cycle counters of two cores may differ a little */
    hc_bump(t, &t->packets, 1);
    hc_bump(t, &t->lanes, c->lanes);
    hc_bump(t, &e->packets, 1);
    hc_bump(t, &e->lanes, c->lanes);
    if (bytes) hc_bump(t, &e->bytes, bytes);
    if (errors) hc_bump(t, &e->errors, errors);
    hc_bump(t, &e->ticks, ticks);
    if (ticks > atomic_load_explicit(&e->max_ticks, memory_order_relaxed))
        atomic_store_explicit(&e->max_ticks, ticks, memory_order_relaxed);
}

void hc_call_settle(hc_call *c, hc_tally *t) {
    hc_server *s = c->server;
    if (c->slot == HC_NO_SLOT_ANSWER || c->parked) {
        if (c->kind == HC_PAY_STAGED || c->kind == HC_PAY_BYREF) fence_before_reply(c);
        hc_parks_settle(c);
    } else {
        hc_reply_results(c);
    }
    count_call(c, t);
    if (c->kind == HC_PAY_BYREF) (void)atomic_fetch_sub_explicit(&s->byref_live, 1, memory_order_release);
    if (c->scratch) {
        free(c->scratch);
        c->scratch = NULL;
    }
    if (c->owned) {
        free(c->owned);
        c->owned = NULL;
    }
}

void hc_call_finish(hc_call *c) {
    hc_server *s = c->server;
    hc_call_settle(c, hc_tally_here(s));
    if (s->o.write_combined_replies) hc_store_fence();
    hc_call_drop(c);
}

bool hc_call_dispatch(hc_call *c, hc_tally *t) {
    hc_server *s = c->server;
    hc_service_fn fn = s->table[c->op].op->fn;
    if (atomic_load_explicit(&s->aborted, memory_order_relaxed)) {
        /* After exit, abort or Ctrl-C no call has an effect any more: that is how a kernel that only calls comes to its end. */
        for (uint32_t r = 0; r < c->lanes; r++) c->result[r] = -ESHUTDOWN;
        hc_call_settle(c, t);
        return true;
    }
    int rc = c->lanes ? fn(c) : HC_SERVED;
    if (rc == HC_TAKEN) return false;
    if (rc == HC_WORKER) {
        if (!hc_server_deferred(s)) {
            hc_call_enqueue(c, fn);
            return false;
        }
        /* Between launches the caller's thread is the worker: nothing may be written once the next kernel runs. */
        hc_thread_is_worker = true;
        rc = fn(c);
        hc_thread_is_worker = false;
        if (rc == HC_TAKEN) return false;
        if (rc == HC_WORKER)
            for (uint32_t r = 0; r < c->lanes; r++) c->result[r] = -ENOSYS;
    }
    hc_call_settle(c, t);
    return true;
}
