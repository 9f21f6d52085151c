/* SPDX-License-Identifier: Apache-2.0
 *
 * The hand-over to workers: `workers SEED` lets lanes call just as workers run out of work, look, go to sleep and are
 * woken. A call that is forgotten, or a worker that is, ends a bounded wait, which says where it stood.
 */
#include "server_internal.h"
/* Workers look before they sleep on machines with more cores than this one may have. */
static uint32_t played_cores;
#define hc_server_start(s) ((s)->cores = played_cores ? played_cores : (s)->cores, hc_server_start(s))
#include "rig.h"

static uint64_t seed = 1;
static uint32_t scale = 1;

/* Bursts of calls, all out before the first answer is awaited, with pauses around the times after which workers stop
 * looking (20 and 200 us). */
static void bursts(rig *r, uint32_t rounds, uint32_t most) {
    for (uint32_t i = 0; i < rounds; i++) {
        uint32_t n = 1 + rnd(&seed) % most;
        packet p = {.op = HC_OP_NOP_WORKER, .nargs = 2, .mask = 0x11};
        int64_t result[32];
        for (uint32_t slot = 0; slot < n; slot++) {
            p.arg[0][0] = p.arg[0][1] = i;
            p.arg[1][0] = p.arg[1][1] = slot;
            (void)publish(r, slot, &p);
        }
        for (uint32_t slot = 0; slot < n; slot++) {
            await_reply(r, slot, p.mask, result);
            CHECK_EQ(result[0], (int64_t)i + slot);
            CHECK_EQ(result[1], (int64_t)i + slot);
        }
        uint64_t pause = rnd(&seed) % 4 ? 0 : rnd(&seed) % 300000, until = hc_now_ns() + pause;
        if (pause > 100000) {
            struct timespec t = hc_timespec(pause);
            (void)nanosleep(&t, NULL);
        } else {
            while (hc_now_ns() < until) wait_a_little(1);
        }
    }
}

static void case_a_call_sleeps_in_the_queue(void) {
    static const uint32_t workers[] = {1, 2, 3, 9};
    for (uint32_t k = 0; k < 8; k++) {
        rig r;
        uint32_t rounds = 1500 / scale;
        rig_options(&r);
        r.o.workers = workers[k / 2];
        r.o.idle_spin = k == 7;
        played_cores = k % 2 ? 16 : 0;
        rig_open(&r);
        bursts(&r, rounds, k % 3 ? 3 : 64);
        uint64_t before = counts(&r).worker_calls;
        bursts(&r, rounds / 4 + 1, 128);
        CHECK(counts(&r).worker_calls > before);
        rig_close(&r);
    }
}

/* Answers may come or not, but the close does, whatever the workers were doing. */
static void case_a_sleeping_worker_misses_the_close(void) {
    for (uint32_t i = 0; i < 200 / scale + 5; i++) {
        rig r;
        rig_options(&r);
        r.o.workers = 1 + rnd(&seed) % 6;
        played_cores = i % 2 ? 16 : 0;
        rig_open(&r);
        packet p = {.op = HC_OP_NOP_WORKER, .nargs = 2, .mask = 1};
        for (uint32_t slot = 0; slot < i % 5; slot++) (void)publish(&r, slot, &p);
        uint64_t until = hc_now_ns() + rnd(&seed) % 250000;
        while (hc_now_ns() < until) wait_a_little(1);
        rig_close(&r);
    }
}

/* HC_OP_FLUSH stands for a service that sleeps: until the gate opens. */
static _Atomic bool gate_shut;
int hc_stdio_flush(hc_server *s) {
    (void)s;
    while (atomic_load(&gate_shut)) nap_ms(1);
    return 0;
}

/* One worker looks, and is all that the poller sees; what it takes sleeps, and the others have to be woken. */
static void case_a_quick_call_waits_for_slow_ones(void) {
    rig r;
    rig_options(&r);
    r.o.workers = 4;
    played_cores = 16;
    rig_open(&r);
    for (uint32_t i = 0; i < (scale > 8 ? 100u : 200u); i++) {
        packet slow = {.op = HC_OP_FLUSH, .mask = 1}, quick = {.op = HC_OP_NOP_WORKER, .nargs = 2, .mask = 1, .arg = {{3}, {4}}};
        int64_t result;
        call(&r, 0, &quick, &result); /* somebody looks now */
        atomic_store(&gate_shut, true);
        for (uint32_t slot = 1; slot <= 3; slot++) (void)publish(&r, slot, &slow);
        (void)publish(&r, 4, &quick);
        await_reply(&r, 4, 1, &result);
        CHECK_EQ(result, 7);
        atomic_store(&gate_shut, false);
        for (uint32_t slot = 1; slot <= 3; slot++) await_reply(&r, slot, 1, &result);
    }
    rig_close(&r);
}

/* Every call comes back to the pool, whoever gives it back. */
static void case_a_call_is_not_given_back(void) {
    rig r;
    rig_options(&r);
    r.o.workers = 4;
    r.o.pollers = 2;
    played_cores = 0;
    rig_open(&r);
    bursts(&r, 400 / scale, 128);
    uint64_t until = hc_now_ns() + WAIT_NS;
    while (counts(&r).waiting_calls && hc_now_ns() < until) wait_a_little(0); /* settled, and being given back */
    CHECK_EQ(counts(&r).waiting_calls, 0);
    uint32_t slabs = 0;
    for (hc_slab *s = r.s->slabs; s; s = s->next) slabs++;
    CHECK(slabs * 16 < 128 + 4 * 16);
    rig_close(&r);
}

int main(int argc, char **argv) {
    if (argc > 1) seed = strtoull(argv[1], NULL, 10);
    if (getenv("STRESS_SCALE")) scale = (uint32_t)atoi(getenv("STRESS_SCALE"));
    case_a_call_sleeps_in_the_queue();
    case_a_sleeping_worker_misses_the_close();
    case_a_quick_call_waits_for_slow_ones();
    case_a_call_is_not_given_back();
    return 0;
}
