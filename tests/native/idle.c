/* SPDX-License-Identifier: Apache-2.0
 *
 * Pollers with little to do, one case per failure it would catch: `idle [seed]`. Nothing here measures time: what a
 * poller does while nobody calls is told by its counters.
 */
#include "server_internal.h"
#include "rig.h"

static uint64_t seed = 1;

/* Until `cond` holds; bounded, and says what did not come. */
#define AWAIT(cond)                                                                                                    \
    do {                                                                                                               \
        uint64_t until_ = hc_now_ns() + WAIT_NS;                                                                       \
        while (!(cond)) {                                                                                              \
            if (hc_now_ns() > until_) FAIL("%s does not come", #cond);                                                 \
            nap_ms(1);                                                                                                 \
        }                                                                                                              \
    } while (0)

static uint32_t beats(rig *r, uint32_t poller) { return hc_bus_load32(r->o.control + HC_CTL_BEATS + 4ull * poller); }
static uint32_t left(rig *r) { return atomic_load(&r->s->pollers_left); }

/* Once a poller naps, every sweep is followed by a nap: it does not look more often than it sleeps. */
static void case_parked_poller_spins(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    CHECK_EQ(call1(&r, 0, HC_OP_NOP, 2, 1, 2, 0), 3);
    AWAIT(counts(&r).poller_naps > 2);
    /* They grow while they are read, sweeps first: so the naps of one look, and the sweeps of the next. */
    hc_server_counts a = counts(&r);
    a.poller_sweeps = counts(&r).poller_sweeps;
    uint32_t beat = beats(&r, 0);
    AWAIT(counts(&r).poller_naps > a.poller_naps + 20 && beats(&r, 0) != beat);
    hc_server_counts b = counts(&r);
    uint64_t sweeps = b.poller_sweeps - a.poller_sweeps, naps = b.poller_naps - a.poller_naps;
    if (sweeps > naps + 2) FAIL("%llu sweeps and %llu naps", (unsigned long long)sweeps, (unsigned long long)naps);
    CHECK_EQ(call1(&r, 127, HC_OP_NOP, 2, 3, 4, 0), 7);
    rig_close(&r);
}

static void case_spinning_poller_naps(void) {
    rig r;
    rig_options(&r);
    r.o.idle_spin = 1;
    r.o.pollers = 2;
    rig_open(&r);
    CHECK_EQ(call1(&r, 0, HC_OP_NOP, 2, 1, 2, 0), 3);
    uint64_t sweeps = counts(&r).poller_sweeps;
    AWAIT(counts(&r).poller_sweeps > sweeps + 20000);
    CHECK_EQ(counts(&r).poller_naps, 0);
    CHECK_EQ(left(&r), 0);
    CHECK_EQ(call1(&r, 127, HC_OP_NOP, 2, 3, 4, 0), 7);
    rig_close(&r);
}

static bool stands_still(rig *r) {
    hc_server_counts a = counts(r);
    nap_ms(100);
    hc_server_counts b = counts(r);
    return a.poller_sweeps == b.poller_sweeps && a.poller_naps == b.poller_naps;
}

/* Without a kernel nobody looks at all, and nobody naps. */
static void case_inactive_poller_wakes_up(void) {
    rig r;
    rig_options(&r);
    r.o.pollers = 2;
    rig_open(&r);
    CHECK_EQ(call1(&r, 0, HC_OP_NOP, 2, 1, 2, 0), 3);
    hc_server_active(r.s, -1);
    AWAIT(stands_still(&r)); /* whoever was in the middle of a nap or a sweep ends it */
    hc_server_active(r.s, 1);
    CHECK_EQ(call1(&r, 0, HC_OP_NOP, 2, 1, 2, 0), 3);
    CHECK_EQ(call1(&r, 64, HC_OP_NOP, 2, 1, 2, 0), 3);
    rig_close(&r);
}

static void *end_a_launch(void *server) {
    nap_ms(20);
    hc_server_active_done(server);
    return NULL;
}

static void case_end_of_a_launch_is_missed(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    uint64_t seen = hc_server_ended(r.s, 0, 0);
    CHECK_EQ(seen, 0);
    for (uint32_t i = 0; i < 5; i++) {
        pthread_t t;
        hc_server_active(r.s, 1);
        CHECK_EQ(pthread_create(&t, NULL, end_a_launch, r.s), 0);
        uint64_t begin = hc_now_ns();
        CHECK_EQ(hc_server_ended(r.s, seen, WAIT_NS), seen + 1);
        CHECK(hc_now_ns() - begin < WAIT_NS);
        seen++;
        CHECK_EQ(hc_server_ended(r.s, seen - 1, WAIT_NS), seen); /* it had ended before anybody asked */
        CHECK_EQ(hc_server_ended(r.s, seen, 1000), seen);
        pthread_join(t, NULL);
    }
    rig_close(&r);
}

/* Lanes take a poller for dead that does not beat. */
static void case_silence_is_shorter_than_a_nap(void) {
    rig r;
    rig_options(&r);
    r.o.pollers = 2;
    r.o.silence_ns = 1000000;
    rig_open(&r);
    AWAIT(counts(&r).poller_naps > 50 && left(&r) == 1);
    for (uint32_t i = 0; i < 2; i++) { /* also that of the seat nobody sits in */
        uint32_t beat = beats(&r, i);
        AWAIT(beats(&r, i) - beat > 20u);
    }
    rig_close(&r);
}

/* ------------------------------------------------------------------------------------------------------------ seats */
typedef struct caller {
    rig *r;
    uint32_t first, nslots;
    uint64_t state;
    _Atomic bool *stop;
    uint64_t calls;
} caller;

static void *lane_calls(void *arg) {
    caller *c = arg;
    do {
        int64_t a = rnd(&c->state), b = rnd(&c->state);
        uint32_t slot = c->first + rnd(&c->state) % c->nslots;
        CHECK_EQ(call1(c->r, slot, HC_OP_NOP, 2, a, b, 0), a + b);
        c->calls++;
    } while (!atomic_load(c->stop));
    return NULL;
}

/* Seats change hands again and again, while lanes call through all of them: every call is answered once. */
static void case_packet_falls_between_two_pollers(void) {
    enum { LANES = 4 };
    rig r;
    rig_options(&r);
    r.o.geometry.nslots = 256;
    r.o.pollers = 4;
    rig_open(&r);
    uint64_t total = 0;
    for (uint32_t round = 0; round < 8; round++) {
        pthread_t t[LANES];
        caller c[LANES];
        _Atomic bool stop = false;
        AWAIT(left(&r) == 3);
        for (uint32_t i = 0; i < LANES; i++) {
            c[i] = (caller){&r, i * 64, 64, seed * 31 + round * LANES + i, &stop, 0};
            CHECK_EQ(pthread_create(&t[i], NULL, lane_calls, &c[i]), 0);
        }
        /* Called while they are all away, back, and away again while some still call. */
        for (uint32_t k = 0; k < 3; k++) {
            pthread_mutex_lock(&r.s->lock);
            r.s->pollers_called++;
            pthread_cond_broadcast(&r.s->wake);
            pthread_mutex_unlock(&r.s->lock);
            nap_ms(3);
        }
        atomic_store(&stop, true);
        for (uint32_t i = 0; i < LANES; i++) {
            pthread_join(t[i], NULL);
            total += c[i].calls;
        }
    }
    hc_server_counts n = counts(&r);
    CHECK_EQ(n.packets, total);
    CHECK_EQ(n.bad_packets, 0);
    rig_close(&r);
}

static void slow(hc_server *s, uint32_t n, const int64_t *a, const int64_t *b, int64_t *result) {
    (void)s;
    uint64_t until = hc_now_ns() + 200000;
    while (hc_now_ns() < until) {}
    for (uint32_t r = 0; r < n; r++) result[r] = a[r] + b[r];
}

/* The first poller alone is too slow for the load: the others come back by themselves. */
static void case_nobody_calls_the_others(void) {
    rig r;
    rig_options(&r);
    r.o.pollers = 2;
    rig_open(&r);
    AWAIT(left(&r) == 1);
    pthread_t t;
    _Atomic bool stop = false;
    caller c = {&r, 64, 64, seed, &stop, 0};
    hc_server_active(r.s, -1);
    r.s->table[HC_OP_NOP].plain = slow;
    hc_server_active(r.s, 1); /* pollers acquire what was stored before */
    CHECK_EQ(pthread_create(&t, NULL, lane_calls, &c), 0);
    AWAIT(left(&r) == 0);
    atomic_store(&stop, true);
    pthread_join(t, NULL);
    AWAIT(left(&r) == 1);
    rig_close(&r);
}

/* close() while a seat is empty, and what its slots hold is answered. */
static void case_close_forgets_an_empty_seat(void) {
    rig r;
    rig_options(&r);
    r.o.pollers = 2;
    rig_open(&r);
    AWAIT(left(&r) == 1);
    /* It comes after a post that is never made. */
    packet p = {.op = HC_OP_NOP, .nargs = 2, .mask = 1, .order = 5, .arg = {{1}, {2}}};
    uint32_t seq = publish(&r, 64, &p);
    nap_ms(20);
    hc_server_close(r.s);
    hc_u64 lo, hi;
    hc_bus_load_word(r.replies + r.l.reply_heads + 64u * HC_WORD, &lo, &hi);
    CHECK_EQ(hc_half_tag(lo) & HC_SEQ_MASK, seq);
    CHECK_EQ((int64_t)hc_word_value(lo, hi), -ESHUTDOWN);
    rig_close(&r);
}

/* ------------------------------------------------------------------------------------------------------------ lanes */
static _Thread_local hc_host_lane *self;
static void set_self(hc_host_lane *lane) { self = lane; }
static void waits(void *rounds) {
    for (uint32_t i = 0; i < *(uint32_t *)rounds; i++) self->pause(i);
}
static void nudged(void *count) { (void)atomic_fetch_add((_Atomic uint32_t *)count, 1); }

/* A lane that waits wakes a poller that sleeps, and no lane does so again and again. */
static void case_waiting_lane_lets_the_poller_sleep(void) {
    enum { LANES = 3 };
    _Atomic uint32_t nudges = 0;
    hc_lanes *p = hc_lanes_create(LANES, 0);
    CHECK(p);
    hc_lanes_nudge(p, nudged, &nudges);
    for (uint32_t rounds = 1; rounds <= 1000; rounds *= 10) {
        int64_t ticket = hc_lanes_launch(p, waits, set_self, &rounds, sizeof rounds, 1, LANES, NULL, NULL);
        CHECK_EQ(hc_lanes_wait(p, ticket, WAIT_NS), 0);
        CHECK_EQ(atomic_exchange(&nudges, 0), rounds < 100 ? 0 : rounds == 100 ? LANES : 2 * LANES);
    }
    hc_lanes_destroy(p);
}

/* Nudges at any moment, by lanes that call: nothing is lost, and a poller that was woken for nothing naps on. */
static void case_nudge_breaks_a_nap(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    for (int64_t i = 0; i < 20; i++) {
        uint64_t naps = counts(&r).poller_naps;
        AWAIT(atomic_load(&r.s->napping) || counts(&r).poller_naps > naps + 2);
        hc_server_nudge(r.s);
        if (i % 4 == 0) CHECK_EQ(call1(&r, (uint32_t)i, HC_OP_NOP, 2, i, 1, 0), i + 1);
        hc_server_nudge(r.s);
    }
    rig_close(&r);
}

#define CASE(name)                                                                                                     \
    { #name, case_##name }
static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    CASE(parked_poller_spins),
    CASE(spinning_poller_naps),
    CASE(inactive_poller_wakes_up),
    CASE(end_of_a_launch_is_missed),
    CASE(silence_is_shorter_than_a_nap),
    CASE(packet_falls_between_two_pollers),
    CASE(nobody_calls_the_others),
    CASE(close_forgets_an_empty_seat),
    CASE(waiting_lane_lets_the_poller_sleep),
    CASE(nudge_breaks_a_nap),
};

int main(int argc, char **argv) {
    if (argc > 1) seed = strtoull(argv[1], NULL, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fprintf(stderr, "%s (seed %llu)\n", cases[i].name, (unsigned long long)seed);
        cases[i].run();
    }
    return 0;
}
