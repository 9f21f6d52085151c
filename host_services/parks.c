/* SPDX-License-Identifier: Apache-2.0
 *
 * Completion words: where the lanes of a call that waits for an event find their results after their slot has been
 * answered. The host hands an index out with a fresh generation; the lane gives it back by writing that generation into
 * its acknowledgement. The first `nparks` words are the host's to allocate, the `ntickets` behind them belong to
 * tickets, whose indices the device allocates.
 */
#include "server_internal.h"

int hc_parks_create(hc_server *s) {
    hc_parks *k = &s->parks;
    uint32_t n = s->o.geometry.nparks;
    pthread_mutex_init(&k->lock, NULL);
    k->waiting_end = &k->waiting;
    k->generation = calloc(n ? n : 1, sizeof *k->generation);
    k->free_list = calloc(n ? n : 1, sizeof *k->free_list);
    k->delivered = calloc(n ? n : 1, sizeof *k->delivered);
    if (!k->generation || !k->free_list || !k->delivered) return -ENOMEM;
    for (uint32_t i = 0; i < n; i++) k->free_list[i] = n - 1 - i;
    k->nfree = n;
    return 0;
}

void hc_parks_destroy(hc_server *s) {
    hc_parks *k = &s->parks;
    free(k->generation);
    free(k->free_list);
    free(k->delivered);
    free(k->late);
    pthread_mutex_destroy(&k->lock);
}

/* ------------------------------------------------------------------------------------------------- with parks.lock
 * held */
static void reclaim(hc_server *s) {
    hc_parks *k = &s->parks;
    uint32_t keep = 0;
    for (uint32_t i = 0; i < k->ndelivered; i++) {
        uint32_t index = k->delivered[i];
        if (hc_bus_load32(s->acks + 4u * (uint64_t)index) == k->generation[index])
            k->free_list[k->nfree++] = index;
        else
            k->delivered[keep++] = index;
    }
    k->ndelivered = keep;
}

/* Not pushed out yet where replies are write-combined: whoever delivers does that for all of its words at once. */
static void put_completion(hc_server *s, uint32_t index, uint32_t generation, int64_t value) {
    hc_parks *k = &s->parks;
    if (hc_server_deferred(s)) {
        if (k->nlate == k->late_room) {
            size_t room = k->late_room ? 2 * k->late_room : 64;
            hc_completion *more = realloc(k->late, room * sizeof *more);
            if (!more) return; /* the ticket stays unanswered: its lane asks again in a later launch */
            k->late = more;
            k->late_room = room;
        }
        k->late[k->nlate++] = (hc_completion){index, generation, value};
        return;
    }
    hc_put_word(s->park_words + (uint64_t)index * HC_WORD, (uint64_t)value, generation);
}

static inline void push_out(hc_server *s) {
    if (s->o.write_combined_replies) hc_store_fence();
}

static void deliver(hc_call *c, uint32_t rank) {
    hc_server *s = c->server;
    if (c->delivered & (1u << rank)) return;
    c->delivered |= 1u << rank;
    if (c->slot == HC_NO_SLOT_ANSWER) {
        if (c->ticket != UINT32_MAX)
            put_completion(s, s->o.geometry.nparks + c->ticket, c->generation, c->result[rank]);
        return;
    }
    put_completion(s, c->park_index[rank], c->park_generation[rank], c->result[rank]);
    s->parks.delivered[s->parks.ndelivered++] = c->park_index[rank];
}

static void answer_parked(hc_call *c) {
    hc_server *s = c->server;
    if (c->lanes == 1 && !c->fault_mask) {
        hc_reply_value(s, c->slot, c->seq, HC_FORM_PARKED,
                       (uint64_t)c->park_index[0] | ((uint64_t)c->park_generation[0] << 32));
    } else {
        uint32_t rank = 0;
        for (uint32_t m = c->mask | c->fault_mask; m; m &= m - 1) {
            uint32_t lane = (uint32_t)__builtin_ctz(m), tag = c->seq;
            uint64_t value = (uint64_t)(int64_t)-EFAULT;
            if (!((c->fault_mask >> lane) & 1u)) {
                value = (uint64_t)c->result[rank];
                if ((c->parked_mask >> rank) & 1u) {
                    value = (uint64_t)c->park_index[rank] | ((uint64_t)c->park_generation[rank] << 32);
                    tag |= HC_FORM_PARKED << HC_FORM_SHIFT;
                }
                rank++;
            }
            hc_put_word(s->reply_lanes + ((uint64_t)c->slot * HC_MAX_LANES + lane) * HC_WORD, value, tag);
        }
        hc_reply_value(s, c->slot, c->seq, HC_FORM_LANES, 0);
    }
    push_out(s);
    c->answered = 1;
}

/* Ranks finished while their call waited for words need none: they are answered with the slot. */
static bool try_park(hc_call *c) {
    hc_server *s = c->server;
    hc_parks *k = &s->parks;
    uint32_t ranks = c->parked_mask & ~c->delivered, need = (uint32_t)__builtin_popcount(ranks);
    if (k->nfree < need) reclaim(s);
    if (k->nfree < need) return false;
    for (uint32_t m = ranks; m; m &= m - 1) {
        uint32_t rank = (uint32_t)__builtin_ctz(m), index = k->free_list[--k->nfree];
        if (++k->generation[index] == 0) k->generation[index] = 1;
        c->park_index[rank] = index;
        c->park_generation[rank] = k->generation[index];
    }
    c->parked_mask = ranks;
    if (ranks) {
        answer_parked(c);
        hc_tally *t = hc_tally_here(s);
        hc_bump(t, &t->parked, need);
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------------------ for
 * services */
int hc_call_park(hc_call *c, uint32_t ranks) {
    hc_server *s = c->server;
    hc_parks *k = &s->parks;
    if (c->parked || !ranks || (c->lanes < 32 && (ranks >> c->lanes))) return -EINVAL;
    if (c->kind == HC_PAY_STAGED || c->kind == HC_PAY_BYREF) {
        hc_fence_to_host(); /* bytes of ranks that are answered now */
        if (s->o.write_combined_replies) hc_store_fence();
    }
    c->parked = 1;
    pthread_mutex_lock(&k->lock);
    c->parked_mask = ranks;
    /* More ranks than there are words in all: the slot stays unanswered until the service is done. */
    bool fits = (uint32_t)__builtin_popcount(ranks) <= s->o.geometry.nparks;
    if (c->slot != HC_NO_SLOT_ANSWER && fits && !try_park(c)) {
        c->next = NULL;
        *k->waiting_end = c;
        k->waiting_end = &c->next;
        (void)atomic_fetch_add_explicit(&k->nwaiting, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&k->lock);
    return 0;
}

void hc_call_finish_rank(hc_call *c, uint32_t rank, int64_t result) {
    hc_server *s = c->server;
    if (rank >= c->lanes) return;
    if (c->kind == HC_PAY_STAGED || c->kind == HC_PAY_BYREF) {
        hc_fence_to_host(); /* the lane's bytes before the word that announces them */
        if (s->o.write_combined_replies) hc_store_fence();
    }
    pthread_mutex_lock(&s->parks.lock);
    if (!(c->delivered & (1u << rank))) {
        c->result[rank] = result;
        if ((c->parked_mask >> rank) & 1u) {
            if (c->answered || c->slot == HC_NO_SLOT_ANSWER) {
                deliver(c, rank);
                push_out(s);
            } else {
                c->delivered |= 1u << rank;
            }
        }
    }
    pthread_mutex_unlock(&s->parks.lock);
}

/* ---------------------------------------------------------------------------------------------------------------- for
 * the core */
void hc_parks_settle(hc_call *c) {
    hc_server *s = c->server;
    hc_parks *k = &s->parks;
    bool plain = false;
    pthread_mutex_lock(&k->lock);
    if (c->slot == HC_NO_SLOT_ANSWER) {
        deliver(c, 0);
    } else if (c->answered) {
        for (uint32_t m = c->parked_mask & ~c->delivered; m; m &= m - 1) deliver(c, (uint32_t)__builtin_ctz(m));
    } else {
        /* Still in line for completion words, or done before its turn came: the slot takes all results. */
        for (hc_call **at = &k->waiting; *at; at = &(*at)->next)
            if (*at == c) {
                *at = c->next;
                if (k->waiting_end == &c->next) k->waiting_end = at;
                (void)atomic_fetch_sub_explicit(&k->nwaiting, 1, memory_order_relaxed);
                break;
            }
        plain = true;
    }
    if (!plain) push_out(s);
    pthread_mutex_unlock(&k->lock);
    if (plain) hc_reply_results(c);
}

void hc_parks_retry(hc_server *s) {
    hc_parks *k = &s->parks;
    if (!atomic_load_explicit(&k->nwaiting, memory_order_relaxed)) return;
    pthread_mutex_lock(&k->lock);
    while (k->waiting) {
        hc_call *c = k->waiting;
        if (!try_park(c)) break; /* first come, first served: a call of many lanes must not starve */
        k->waiting = c->next;
        if (!k->waiting) k->waiting_end = &k->waiting;
        c->next = NULL;
        (void)atomic_fetch_sub_explicit(&k->nwaiting, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&k->lock);
}

void hc_parks_flush(hc_server *s) {
    hc_parks *k = &s->parks;
    pthread_mutex_lock(&k->lock);
    for (size_t i = 0; i < k->nlate; i++)
        hc_put_word(s->park_words + (uint64_t)k->late[i].index * HC_WORD, (uint64_t)k->late[i].value,
                    k->late[i].generation);
    if (k->nlate) push_out(s);
    k->nlate = 0;
    pthread_mutex_unlock(&k->lock);
}

void hc_parks_abandon(hc_server *s) {
    pthread_mutex_lock(&s->parks.lock);
    for (hc_slab *slab = s->slabs; slab; slab = slab->next)
        for (size_t i = 0; i < sizeof slab->calls / sizeof slab->calls[0]; i++) {
            hc_call *c = &slab->calls[i];
            if (!c->live || !c->answered) continue;
            for (uint32_t m = c->parked_mask & ~c->delivered; m; m &= m - 1) {
                uint32_t rank = (uint32_t)__builtin_ctz(m);
                c->result[rank] = -ESHUTDOWN;
                deliver(c, rank);
            }
        }
    push_out(s);
    pthread_mutex_unlock(&s->parks.lock);
}
