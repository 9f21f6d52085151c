/* SPDX-License-Identifier: Apache-2.0
 *
 * Adds up what each thread has counted for itself. It only reads, and may run at any time beside all of them.
 */
#include "server_internal.h"
#include <stdio.h>

static uint64_t get(const _Atomic uint64_t *a) { return atomic_load_explicit(a, memory_order_relaxed); }

static hc_tally *tally_at(hc_server *s, size_t i) {
    size_t fixed = sizeof s->tallies / sizeof s->tallies[0];
    return i < fixed ? s->tallies[i] : i - fixed < s->workers.count ? s->workers.tallies[i - fixed] : NULL;
}
static double ticks_per_ns(hc_server *s) { /* the longer the server lives, the better */
    uint64_t ns = hc_now_ns() - s->born_ns;
    double rate = ns ? (double)(hc_ticks() - s->born_ticks) / (double)ns : 0;
    return rate > 0 ? rate : s->ticks_per_ns;
}

void hc_server_counts_get(hc_server *s, hc_server_counts *out) {
    memset(out, 0, sizeof *out);
    uint64_t busy = 0;
    hc_tally *t;
    for (size_t i = 0; (t = tally_at(s, i)) != NULL; i++) {
        out->packets += get(&t->packets);
        out->lanes += get(&t->lanes);
        out->posted_records += get(&t->posted_records);
        out->posted_words += get(&t->posted_words);
        out->posted_bad += get(&t->posted_bad);
        out->bad_packets += get(&t->bad_packets);
        out->fillers += get(&t->fillers);
        out->holes += get(&t->holes);
        out->parked += get(&t->parked);
        out->worker_calls += get(&t->worker_calls);
        out->nop_sum += get(&t->nop_sum);
        out->python_calls += get(&t->python_calls);
        out->python_errors += get(&t->python_errors);
        out->poller_sweeps += get(&t->sweeps);
        out->poller_naps += get(&t->naps);
        busy += get(&t->busy_ticks);
    }
    out->busy_ns = (uint64_t)((double)busy / ticks_per_ns(s));
    int64_t active = atomic_load_explicit(&s->active, memory_order_relaxed);
    out->active_launches = active > 0 ? (uint64_t)active : 0;
    /* Each poller keeps one call ready for the next packet. */
    uint64_t live = hc_calls_live(s);
    out->waiting_calls = live > s->npollers ? live - s->npollers : 0;
    hc_stdio_counts(s, &out->sink_bytes, &out->sink_errors);
}

size_t hc_server_service_counts(hc_server *s, hc_service_count *out, size_t max) {
    size_t n = 0;
    double rate = ticks_per_ns(s);
    for (; n < s->nops && n < max; n++) {
        hc_service_count *o = &out[n];
        uint64_t total = 0, longest = 0;
        hc_tally *t;
        memset(o, 0, sizeof *o);
        o->op = s->dense[n]->op;
        snprintf(o->label, sizeof o->label, "%s", s->dense[n]->label);
        for (size_t i = 0; (t = tally_at(s, i)) != NULL; i++) {
            hc_tally_op *e = &t->ops[n];
            uint64_t m = get(&e->max_ticks);
            o->packets += get(&e->packets);
            o->lanes += get(&e->lanes);
            o->bytes += get(&e->bytes);
            o->errors += get(&e->errors);
            total += get(&e->ticks);
            if (m > longest) longest = m;
        }
        o->total_ns = (uint64_t)((double)total / rate);
        o->max_ns = (uint64_t)((double)longest / rate);
    }
    return n;
}
