/* SPDX-License-Identifier: Apache-2.0
 *
 * The server under threads that play lanes, one case per failure it would catch: `stress [seed] [case ...]`. `stress
 * bench` measures.
 */
#include "rig.h"
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>

static uint64_t seed = 1;
static uint32_t scale = 1; /* rounds are divided by this under a sanitizer */

/* ---------------------------------------------------------------------------------------------------------- masks and
 * torn words */
typedef struct lane_job {
    rig *r;
    uint32_t first, nslots, rounds;
    uint64_t state;
    int torn;
} lane_job;

static void *lane_noops(void *arg) {
    lane_job *j = arg;
    for (uint32_t i = 0; i < j->rounds; i++) {
        uint32_t slot = j->first + rnd(&j->state) % j->nslots, lanes;
        packet p = {.op = rnd(&j->state) % 8 ? HC_OP_NOP : HC_OP_NOP_WORKER, .nargs = 2, .perlane = rnd(&j->state) % 4};
        int64_t result[32], sum[32];
        p.mask = rnd(&j->state) % 3 ? 1u << (rnd(&j->state) % 32) : rnd(&j->state) * 2654435761u;
        if (!p.mask) p.mask = ~0u;
        if (j->torn) p.shuffle = rnd(&j->state) | 1u;
        lanes = (uint32_t)__builtin_popcount(p.mask);
        for (uint32_t k = 0; k < 2; k++)
            for (uint32_t r = 0; r < lanes; r++)
                p.arg[k][r] = (p.perlane >> k) & 1u || r == 0
                                  ? (int64_t)((uint64_t)rnd(&j->state) << 31) - rnd(&j->state)
                                  : p.arg[k][0];
        for (uint32_t r = 0; r < lanes; r++) sum[r] = (int64_t)((uint64_t)p.arg[0][r] + (uint64_t)p.arg[1][r]);
        call(j->r, slot, &p, result);
        for (uint32_t r = 0; r < lanes; r++)
            if (result[r] != sum[r])
                FAIL("slot %u rank %u of mask %#x: %lld instead of %lld", slot, r, p.mask, (long long)result[r],
                     (long long)sum[r]);
    }
    return NULL;
}

static void noops(rig *r, uint32_t rounds, int torn) {
    pthread_t t[3];
    lane_job j[3];
    uint32_t per = r->o.geometry.nslots / 3;
    for (uint32_t i = 0; i < 3; i++) {
        j[i] = (lane_job){r, i * per, per, rounds, seed * 97 + i, torn};
        CHECK_EQ(pthread_create(&t[i], NULL, lane_noops, &j[i]), 0);
    }
    for (int i = 0; i < 3; i++) pthread_join(t[i], NULL);
}

static void case_wrong_lane_gets_a_result(void) {
    rig r;
    rig_options(&r);
    r.o.pollers = 2;
    r.o.geometry.nslots = 256;
    rig_open(&r);
    noops(&r, 6000 / scale, 0);
    hc_server_close(r.s); /* counts are complete once the threads are gone */
    CHECK_EQ(counts(&r).packets, 3 * (6000 / scale));
    CHECK_EQ(counts(&r).bad_packets, 0);
    rig_close(&r);
}

static void case_half_a_packet_is_served(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    noops(&r, 3000 / scale, 1);
    CHECK_EQ(counts(&r).bad_packets, 0);
    rig_close(&r);
}

static void case_wrap_lets_an_old_word_through(void) {
    rig r;
    rig_options(&r);
    r.o.start_seq = HC_SEQ_MASK - 3;
    rig_open(&r);
    /* The word of a lane that takes no part, from the last time round, tagged for the second use after the wrap. */
    uint64_t stale = r.replies + r.l.reply_lanes + 7 * HC_WORD;
    hc_put_word(stale, 0xbad, 2);
    for (int i = 0; i < 12; i++) {
        packet p = {.op = HC_OP_NOP, .nargs = 2, .perlane = 3, .mask = 0x21, .arg = {{i, 10}, {1, i}}};
        int64_t result[32];
        call(&r, 0, &p, result);
        CHECK_EQ(result[0], i + 1);
        CHECK_EQ(result[1], 10 + i);
        if (r.seq[0] == 1) { /* the server must have gone over it before it answered the first use */
            hc_u64 lo, hi;
            hc_bus_load_word(stale, &lo, &hi);
            if (hc_half_tag(lo) == 2 || hc_half_tag(hi) == 2) FAIL("a lane word of the last time round is still there");
        }
    }
    CHECK_EQ(r.seq[0], 9);
    noops(&r, 300 / scale, 1);
    rig_close(&r);
}

/* ---------------------------------------------------------------------------------------------------- Python's part */
typedef struct python_job {
    rig *r;
    uint32_t delay_us;
    _Atomic uint32_t served, wrong;
} python_job;

static void *python_calls(void *arg) {
    python_job *j = arg;
    hc_python_item it;
    int kind;
    while ((kind = hc_python_next(j->r->s, 0, 50000000, &it)) != HC_PY_CLOSED) {
        if (kind == HC_PY_NONE) continue;
        int64_t results[32];
        uint8_t *out = malloc(it.bytes + 1);
        uint32_t len[32];
        CHECK(out);
        for (uint32_t i = 0; i < it.bytes; i++) out[i] = it.data[i] ^ 0xff;
        for (uint32_t i = 0; i < it.lanes; i++) {
            len[i] = it.posted || it.capacity == 0 ? 0 : it.lane_bytes[i];
            results[i] = (int64_t)it.name_hash * 1000 + it.lane_bytes[i];
        }
        if (j->delay_us) usleep(j->delay_us);
        (void)atomic_fetch_add(&j->served, it.lanes);
        (void)hc_python_done(j->r->s, it.token, results, out, len, it.lanes);
        free(out);
    }
    return NULL;
}

static void *lane_python(void *arg) {
    lane_job *j = arg;
    for (uint32_t i = 0; i < j->rounds; i++) {
        packet p = {.op = HC_OP_CALL,
                    .nargs = 4,
                    .perlane = 15,
                    .kind = HC_PAY_STAGED,
                    .mask = rnd(&j->state) % 2 ? ~0u : 0x10u};
        uint32_t lanes = (uint32_t)__builtin_popcount(p.mask), at = 0, slot = j->first + i % j->nslots;
        int64_t result[32];
        uint8_t *payload = (uint8_t *)(uintptr_t)j->r->o.payload + 65536u * (j->first / j->nslots);
        p.offset = 65536u * (j->first / j->nslots);
        for (uint32_t r = 0; r < lanes; r++) {
            p.arg[0][r] = 40;
            p.arg[1][r] = 7 + (int64_t)(rnd(&j->state) % 3); /* 9 is nobody */
            p.arg[2][r] = rnd(&j->state) % 33;
            p.arg[3][r] = 40;
            memset(payload + at, (int)r, 40);
            at += 48;
        }
        call(j->r, slot, &p, result);
        at = 0;
        for (uint32_t r = 0; r < lanes; r++, at += 48) {
            if (p.arg[1][r] == 9) {
                CHECK_EQ(result[r], -ENOSYS);
                continue;
            }
            CHECK_EQ(result[r], p.arg[1][r] * 1000 + p.arg[2][r]);
            for (uint32_t b = 0; b < 40; b++) CHECK_EQ(payload[at + b], b < (uint64_t)p.arg[2][r] ? (r ^ 0xff) : r);
        }
    }
    return NULL;
}

static void case_parked_lane_misses_its_completion(void) {
    rig r;
    rig_options(&r);
    r.o.geometry.nparks = 40; /* too few for all lanes at once: calls wait for words */
    rig_open(&r);
    CHECK_EQ(hc_python_name(r.s, 7, 1), 0);
    CHECK_EQ(hc_python_name(r.s, 8, 1), 0);
    python_job py = {.r = &r};
    pthread_t p[2], t[3];
    lane_job j[3];
    for (int i = 0; i < 2; i++) CHECK_EQ(pthread_create(&p[i], NULL, python_calls, &py), 0);
    for (uint32_t i = 0; i < 3; i++) {
        j[i] = (lane_job){&r, i * 8, 8, 400 / scale, seed + i, 0};
        CHECK_EQ(pthread_create(&t[i], NULL, lane_python, &j[i]), 0);
    }
    for (int i = 0; i < 3; i++) pthread_join(t[i], NULL);
    CHECK(counts(&r).parked > 0);
    hc_server_close(r.s);
    for (int i = 0; i < 2; i++) pthread_join(p[i], NULL);
    rig_close(&r);
}

static void case_ticket_is_lost(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    CHECK_EQ(hc_python_name(r.s, 7, 1), 0);
    python_job py = {.r = &r};
    pthread_t p;
    CHECK_EQ(pthread_create(&p, NULL, python_calls, &py), 0);
    for (uint32_t g = 1; g <= 300 / scale + 2; g++) {
        int64_t nop[2] = {g, 5}, py_args[4] = {11, 7, 11, 0}, echo[1] = {100}, far[2] = {1 << 20, 0};
        uint64_t bytes[13] = {1, 2, 3};
        (void)submit(&r, 0, g, HC_OP_NOP, 2, 0, 0, nop, NULL, 0);
        (void)submit(&r, 1, g, HC_OP_NOP_WORKER, 2, 0, 0, nop, NULL, 0);
        (void)submit(&r, 2, g, HC_OP_CALL, 4, HC_PAY_INLINE, 0, py_args, bytes, 2);
        (void)submit(&r, 3, g, HC_OP_ECHO, 1, HC_PAY_STAGED, 4096, echo, NULL, 0);
        (void)submit(&r, 4, g, 999, 2, 0, 0, nop, NULL, 0);
        (void)submit(&r, 5, g, HC_OP_NOP, 1, 0, 0, nop, NULL, 0);
        (void)submit(&r, 6, g, HC_OP_ECHO, 1, HC_PAY_STAGED, 4096, far, NULL, 0);
        (void)submit(&r, 7, g, HC_OP_GETRANDOM, 2, HC_PAY_BYREF, 0, nop, NULL, 0);
        (void)submit(&r, 8, g, HC_OP_CALL, 4, HC_PAY_INLINE, 0, py_args, bytes, 1); /* fewer bytes than it says */
        CHECK_EQ(await_ticket(&r, 0, g), g + 5);
        CHECK_EQ(await_ticket(&r, 1, g), g + 5);
        CHECK_EQ(await_ticket(&r, 2, g), 7011);
        CHECK_EQ(await_ticket(&r, 3, g), 100);
        CHECK_EQ(await_ticket(&r, 4, g), -ENOSYS);
        CHECK_EQ(await_ticket(&r, 5, g), -EPROTO);
        CHECK_EQ(await_ticket(&r, 6, g), -EPROTO);
        CHECK_EQ(await_ticket(&r, 7, g), -EFAULT);
        CHECK_EQ(await_ticket(&r, 8, g), -EPROTO);
    }
    int64_t none[2] = {0, 0};
    (void)submit(&r, 64, 1, HC_OP_NOP, 2, 0, 0, none, NULL, 0);
    (void)submit(&r, 1, 0, HC_OP_NOP, 2, 0, 0, none, NULL, 0);
    CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
    CHECK_EQ(counts(&r).posted_bad, 2);
    hc_server_close(r.s);
    pthread_join(p, NULL);
    rig_close(&r);
}

/* ------------------------------------------------------------------------------------------------------ posted ring */
typedef struct post_job {
    rig *r;
    uint64_t state, sum, nops, fillers, words;
    uint32_t rounds;
} post_job;

static void *lane_posts(void *arg) {
    post_job *j = arg;
    for (uint32_t i = 0; i < j->rounds; i++) {
        uint32_t kind = rnd(&j->state) % 8, imm = rnd(&j->state) % 1000;
        if (kind < 6) {
            j->words += 1;
            j->nops++;
            j->sum += imm;
            (void)post(j->r, HC_POST_NOP, imm, NULL, 1);
        } else if (kind == 6) {
            uint32_t n = 1 + rnd(&j->state) % 20;
            j->words += n;
            j->nops++;
            j->sum += imm + (uint64_t)n * (n - 1) / 2; /* each word holds its index */
            (void)post(j->r, HC_POST_NOP, imm, NULL, n);
        } else {
            uint32_t n = 1 + rnd(&j->state) % 20;
            j->words += n;
            j->fillers++;
            (void)post(j->r, HC_POST_FILLER, 0, NULL, n);
        }
        if (rnd(&j->state) % 500 == 0) usleep(200); /* let the drain thread fall asleep */
    }
    return NULL;
}

static void case_lap_wrap_loses_a_record(void) {
    rig r;
    rig_options(&r);
    r.o.geometry.posted_shift = 8;
    rig_open(&r);
    pthread_t t[3];
    post_job j[3];
    uint64_t sum = 0, records = 0, fillers = 0, words = 0;
    for (uint32_t i = 0; i < 3; i++) {
        j[i] = (post_job){.r = &r, .state = seed + i, .rounds = 20000 / scale};
        CHECK_EQ(pthread_create(&t[i], NULL, lane_posts, &j[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(t[i], NULL);
        sum += j[i].sum, records += j[i].nops + j[i].fillers, fillers += j[i].fillers, words += j[i].words;
    }
    CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
    hc_server_counts c = counts(&r);
    CHECK_EQ(c.nop_sum, sum);
    CHECK_EQ(c.posted_records, records);
    CHECK_EQ(c.posted_words, words);
    CHECK_EQ(c.fillers, fillers);
    CHECK_EQ(c.posted_bad, 0);
    CHECK_EQ(hc_bus_load64(r.o.control + HC_CTL_POSTED_HEAD), words);
    rig_close(&r);
}

static void case_call_overtakes_a_post(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    for (uint32_t i = 0; i < 50; i++) {
        uint64_t at = ring_claim(&r, 1);
        packet p = {.op = HC_OP_NOP, .nargs = 2, .mask = 1, .order = (uint32_t)(at + 1), .arg = {{i}, {1}}};
        int64_t result;
        hc_u64 lo, hi;
        (void)publish(&r, 3, &p);
        usleep(500);
        hc_bus_load_word(r.replies + r.l.reply_heads + 3 * HC_WORD, &lo, &hi);
        if (hc_half_tag(lo) == r.seq[3]) FAIL("round %u: answered before the post before it was executed", i);
        ring_word(&r, at, (uint64_t)hc_record_pack(HC_POST_NOP, 1) | (1ull << 32));
        await_reply(&r, 3, 1, &result);
        CHECK_EQ(result, i + 1);
        CHECK(counts(&r).nop_sum <= i + 1);
    }
    CHECK_EQ(counts(&r).bad_packets, 0);
    /* Nonsense must not hold a call for ever: neither a position that cannot be, nor one that nobody posts. */
    packet far = {.op = HC_OP_PING, .mask = 1, .order = 0x40000000};
    packet near = {.op = HC_OP_PING, .mask = 1, .order = (uint32_t)atomic_load(&r.tail) + 7};
    int64_t result;
    call(&r, 4, &far, &result);
    call(&r, 5, &near, &result);
    usleep(10000);
    CHECK_EQ(counts(&r).bad_packets, 2);
    rig_close(&r);
}

static void case_hole_stops_the_drain(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    (void)post(&r, HC_POST_NOP, 1, NULL, 1);
    (void)atomic_fetch_add(&r.tail, 5); /* claimed, never written */
    (void)post(&r, HC_POST_NOP, 2, NULL, 4);
    uint64_t torn = atomic_fetch_add(&r.tail, 3); /* a header, and one of its two words */
    ring_word(&r, torn, (uint64_t)hc_record_pack(HC_POST_FILLER, 3));
    ring_word(&r, torn + 2, 12345);
    (void)post(&r, HC_POST_NOP, 4, NULL, 1);
    nap_ms(20);
    hc_server_active(r.s, -1);
    CHECK_EQ(hc_server_drain(r.s, 0, 50000000), 0);
    CHECK_EQ(counts(&r).nop_sum, 1);
    CHECK_EQ(hc_server_drain(r.s, 1, WAIT_NS), 0);
    CHECK_EQ(counts(&r).nop_sum, 7 + 6);
    CHECK_EQ(counts(&r).holes, 8);
    CHECK_EQ(counts(&r).posted_bad, 0);
    hc_server_active(r.s, 1);
    rig_close(&r);
}

/* ---------------------------------------------------------------------------------------------------------- payload */
static void case_payload_ends_in_the_wrong_place(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    packet p = {.op = HC_OP_ECHO,
                .nargs = 1,
                .perlane = 1,
                .kind = HC_PAY_STAGED,
                .mask = 0x7,
                .offset = 4096,
                .arg = {{10, 0, 5000}}};
    int64_t result[32], now[2];
    call(&r, 0, &p, result);
    CHECK_EQ(result[0], 10);
    CHECK_EQ(result[1], 0);
    CHECK_EQ(result[2], 5000);
    packet over = {.op = HC_OP_ECHO, .nargs = 1, .kind = HC_PAY_STAGED, .mask = 3, .arg = {{32, 32}}};
    over.offset = (uint32_t)r.l.payload_bytes - 64; /* two parts of 32 fit exactly */
    call(&r, 0, &over, result);
    CHECK_EQ(result[1], 32);
    over.offset += 16;
    call(&r, 0, &over, result);
    CHECK_EQ(result[0], -EPROTO);
    packet clock = {.op = HC_OP_CLOCK,
                    .nargs = 3,
                    .kind = HC_PAY_STAGED,
                    .mask = 1,
                    .offset = 8192,
                    .arg = {{16}, {CLOCK_MONOTONIC}, {0}}};
    call(&r, 0, &clock, result);
    CHECK_EQ(result[0], 0);
    memcpy(now, (void *)(uintptr_t)(r.o.payload + 8192), 16);
    CHECK((uint64_t)now[0] * 1000000000u + (uint64_t)now[1] <= hc_now_ns());
    clock.arg[1][0] = 9999;
    call(&r, 0, &clock, result);
    CHECK_EQ(result[0], -EINVAL);
    for (int64_t n = 0; n <= 100000; n = n * 5 + 1) {
        packet random = {.op = HC_OP_GETRANDOM,
                         .nargs = 2,
                         .kind = n ? HC_PAY_STAGED : HC_PAY_NONE,
                         .mask = 1,
                         .offset = 16384,
                         .arg = {{n}, {0}}};
        memset((void *)(uintptr_t)(r.o.payload + 16384), 0, (size_t)n + 64);
        hc_fence_to_host();
        call(&r, 0, &random, result);
        CHECK_EQ(result[0], n);
        CHECK_EQ(((uint8_t *)(uintptr_t)r.o.payload)[16384 + n], 0);
    }
    CHECK_EQ(call1(&r, 1, HC_OP_GETPID, 0, 0, 0, 0), getpid());
    CHECK_EQ(call1(&r, 1, HC_OP_FLUSH, 0, 0, 0, 0), 0);
    CHECK(call1(&r, 1, HC_OP_PING, 0, 0, 0, 0) <= (int64_t)hc_now_ns());

    /* Inline: parts begin at multiples of 16; words between them are never written. */
    uint8_t message[64] = "stop";
    packet abort = {
        .op = HC_OP_ABORT, .nargs = 4, .kind = HC_PAY_INLINE, .mask = 1, .arg = {{4}, {HC_ABORT_ASSERT}, {77}, {3}}};
    abort.inline_bytes = message;
    abort.inline_words = 1;
    call(&r, 2, &abort, result);
    CHECK_EQ(hc_bus_load32(r.o.control + HC_CTL_ABORT), HC_ABORT_ASSERT);
    int32_t status;
    uint32_t thread, block;
    char text[16];
    CHECK_EQ(hc_server_abort_get(r.s, &status, &thread, &block, text, sizeof text, 1), HC_ABORT_ASSERT);
    CHECK_EQ(thread, 77);
    CHECK_EQ(block, 3);
    CHECK(strcmp(text, "stop") == 0);
    CHECK_EQ(hc_bus_load32(r.o.control + HC_CTL_ABORT), 0);
    (void)call1(&r, 2, HC_OP_EXIT, 3, 42, 5, 6);
    CHECK_EQ(hc_server_abort_get(r.s, &status, NULL, NULL, NULL, 0, 1), HC_ABORT_EXIT);
    CHECK_EQ(status, 42);
    rig_close(&r);
}

static void case_unregistered_memory_is_touched(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    uint8_t *mine = zeroed(8192);
    uint64_t device = 0x7f0000000000ull;
    CHECK_EQ(hc_server_range_add(r.s, device, 8192, (uint64_t)(uintptr_t)mine), 0);
    CHECK_EQ(hc_server_range_add(r.s, device + 4096, 1, (uint64_t)(uintptr_t)mine), -EEXIST);
    /* ECHO takes one argument; NOP's two are a length and an address as well. */
    packet p = {.op = HC_OP_NOP, .nargs = 2, .perlane = 3, .kind = HC_PAY_BYREF, .mask = 0x80000105u};
    int64_t length[4] = {8192, 1, -1, 0},
            address[4] = {(int64_t)device, (int64_t)device + 8192, (int64_t)device, (int64_t)device + 8192}, result[32];
    memcpy(p.arg[0], length, sizeof length);
    memcpy(p.arg[1], address, sizeof address);
    call(&r, 0, &p, result);
    CHECK_EQ(result[0], (int64_t)device + 8192);
    CHECK_EQ(result[1], -EFAULT);
    CHECK_EQ(result[2], -EFAULT);
    CHECK_EQ(result[3], (int64_t)device + 8192);
    CHECK_EQ(hc_server_range_remove(r.s, device), 0);
    CHECK_EQ(hc_server_range_remove(r.s, device), -ENOENT);
    call(&r, 0, &p, result);
    for (int i = 0; i < 4; i++) CHECK_EQ(result[i], -EFAULT);
    rig_close(&r);
    free(mine);
}

static void case_hostile_packet_kills_the_server(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    uint64_t state = seed * 31 + 7;
    /* With every word of the tail tagged, any head must get an answer. EXIT and ABORT do what they say, so they are
     * left out. */
    for (uint32_t i = 0; i < 20000 / scale; i++) {
        uint32_t slot = rnd(&state) % 8, seq = r.seq[slot] = hc_seq_next(r.seq[slot]), tag;
        uint64_t head = r.o.requests + r.l.heads + (uint64_t)slot * HC_HEAD_BYTES,
                 tail = r.o.requests + r.l.tails + (uint64_t)slot * HC_TAIL_BYTES;
        for (uint32_t w = 0; w < HC_TAIL_WORDS; w++) {
            uint64_t v = rnd(&state) % 2 ? rnd(&state) % 64 : ((uint64_t)rnd(&state) << 33) ^ rnd(&state);
            hc_put_word(tail + w * HC_WORD, v, seq);
        }
        uint32_t op = rnd(&state) % 2 ? rnd(&state) % 4 : rnd(&state) % 3 ? 19 + rnd(&state) % 3 : rnd(&state);
        if ((op & 0xffffu) >= HC_OP_EXIT && (op & 0xffffu) <= HC_OP_ABORT) op = 0;
        if ((op & 0xffffu) >= 32 && (op & 0xffffu) < 64) op = 0; /* files have tests of their own */
        uint32_t d = rnd(&state) % 4 ? hc_head_pack(op, rnd(&state) % 5, rnd(&state) % 8, rnd(&state) % 4)
                                     : (rnd(&state) & 0xffff0000u) | (op & 0xffffu);
        uint32_t mask = rnd(&state) % 8 ? rnd(&state) * 3u : 0;
        hc_put_word(head, (uint64_t)d | ((uint64_t)mask << 32), seq);
        hc_put_word(head + 16, (uint64_t)rnd(&state) << 33, seq); /* order 0, any offset */
        hc_put_word(head + 32, rnd(&state) % 2 ? rnd(&state) % 4096 : ~0ull << (rnd(&state) % 64), seq);
        hc_put_word(head + 48, rnd(&state), seq);
        hc_bus_store8(r.o.requests + r.l.bells + slot, (hc_u8)seq);
        (void)await_word(r.replies + r.l.reply_heads + (uint64_t)slot * HC_WORD, seq, HC_SEQ_MASK, &tag,
                         "hostile slot", slot);
    }
    CHECK(counts(&r).bad_packets > 0);
    for (uint32_t i = 0; i < 2000; i++) {
        uint64_t at = ring_claim(&r, 1);
        uint32_t d = rnd(&state) % 2 ? rnd(&state) * 3u : hc_record_pack(0x100 + rnd(&state) % 8, 1 + rnd(&state) % 3);
        if ((d & 0xffffu) == HC_POST_SUBMIT) d ^= 1;
        ring_word(&r, at, (uint64_t)d | ((uint64_t)rnd(&state) << 32));
        if (i % 100 == 99) /* a record cut short by the end of the garbage is completed with fillers */
            for (uint32_t k = 0; k < HC_MAX_RECORD_WORDS / 2; k++) (void)post(&r, HC_POST_FILLER, 0, NULL, 1);
    }
    for (uint32_t k = 0; k < HC_MAX_RECORD_WORDS; k++) (void)post(&r, HC_POST_FILLER, 0, NULL, 1);
    CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
    CHECK(counts(&r).posted_bad > 0);
    CHECK_EQ(call1(&r, 9, HC_OP_NOP, 2, 40, 2, 0), 42);
    rig_close(&r);
}

/* ------------------------------------------------------------------------------------------------------------- ends */
static void *close_it(void *arg) {
    hc_server_close(((rig *)arg)->s);
    return NULL;
}

static void case_close_leaves_a_lane_waiting(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    CHECK_EQ(hc_python_name(r.s, 7, 1), 0); /* and nobody serves it */
    packet p = {.op = HC_OP_CALL,
                .nargs = 4,
                .perlane = 4,
                .kind = HC_PAY_STAGED,
                .mask = 0xf,
                .arg = {{16}, {7}, {1, 2, 3, 4}, {16}}};
    packet held = {.op = HC_OP_NOP, .nargs = 2, .mask = 1, .order = 5};
    int64_t result[32];
    (void)publish(&r, 0, &p);
    (void)publish(&r, 1, &held);
    nap_ms(20);
    pthread_t t[2];
    for (int i = 0; i < 2; i++) CHECK_EQ(pthread_create(&t[i], NULL, close_it, &r), 0);
    await_reply(&r, 0, p.mask, result);
    for (int i = 0; i < 4; i++) CHECK_EQ(result[i], -ESHUTDOWN);
    await_reply(&r, 1, 1, result);
    CHECK_EQ(result[0], -ESHUTDOWN);
    for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);
    CHECK_EQ(hc_bus_load32(r.o.control + HC_CTL_ABORT), HC_ABORT_CLOSED);
    hc_python_item it;
    CHECK_EQ(hc_python_next(r.s, 0, 0, &it), HC_PY_CLOSED);
    CHECK_EQ(hc_server_start(r.s), -ESHUTDOWN);
    rig_close(&r);
}

static void case_close_before_start_hangs(void) {
    rig r;
    char error[200];
    rig_options(&r);
    rig_open(&r);
    hc_server *second = hc_server_create(&r.o, error, sizeof error);
    CHECK(second);
    hc_server_close(second);
    hc_server_destroy(second);
    r.o.pollers = 0;
    CHECK(hc_server_create(&r.o, error, sizeof error) == NULL && strstr(error, "pollers"));
    rig_close(&r);
}

static void case_child_of_a_fork_hangs(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    CHECK_EQ(call1(&r, 0, HC_OP_NOP, 2, 1, 2, 0), 3);
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        hc_server_active(r.s, -1);
        if (hc_server_drain(r.s, 0, WAIT_NS) != -ESHUTDOWN) _exit(2);
        hc_server_close(r.s);
        hc_server_destroy(r.s);
        _exit(0);
    }
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    CHECK_EQ(call1(&r, 0, HC_OP_NOP, 2, 1, 2, 0), 3);
    CHECK_EQ(hc_bus_load32(r.o.control + HC_CTL_ABORT), 0);
    rig_close(&r);
}

static void case_idle_server_burns_a_core(void) {
    rig r;
    rig_options(&r);
    r.o.pollers = 2;
    rig_open(&r);
    CHECK_EQ(call1(&r, 0, HC_OP_NOP, 2, 1, 2, 0), 3);
    uint32_t beat = hc_bus_load32(r.o.control + HC_CTL_BEATS);
    nap_ms(50);
    if (hc_bus_load32(r.o.control + HC_CTL_BEATS) == beat) FAIL("no heartbeat within 50 ms");
    hc_server_active(r.s, -1);
    nap_ms(20);
    struct timespec a, b;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    nap_ms(300);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    int64_t us = (b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000;
    if (us > 15000) FAIL("%lld us of CPU in 300 ms without a kernel", (long long)us);
    hc_server_active(r.s, 1);
    CHECK_EQ(call1(&r, 0, HC_OP_NOP, 2, 1, 2, 0), 3);
    rig_close(&r);
}

/* ----------------------------------------------------------------------------------------------------------- events */
static _Atomic uint32_t fired[4];
static _Atomic uint64_t fired_ns;
static void on_event(hc_call *c, uint32_t rank, uint32_t events) {
    (void)c;
    if (rank == 0) atomic_store(&fired_ns, hc_now_ns());
    atomic_store(&fired[rank], events + 1);
}
static void await_event(uint32_t i) {
    uint64_t until = hc_now_ns() + WAIT_NS;
    while (!atomic_load(&fired[i]))
        if (hc_now_ns() > until)
            FAIL("event %u does not come", i);
        else
            usleep(100);
}

static void case_event_is_missed(void) {
    rig r;
    int ends[2];
    rig_options(&r);
    rig_open(&r);
    CHECK_EQ(pipe(ends), 0);
    memset((void *)fired, 0, sizeof fired);
    uint64_t at = hc_now_ns() + 20000000;
    CHECK_EQ(hc_watch_time(r.s, at + 3600000000000ull, on_event, NULL, 3), 0);
    CHECK_EQ(hc_watch_time(r.s, at, on_event, NULL, 0), 0);
    CHECK_EQ(hc_watch_fd(r.s, ends[0], EPOLLIN, on_event, NULL, 1), 0);
    CHECK_EQ(hc_watch_fd(r.s, ends[0], EPOLLIN, on_event, NULL, 2), 0);
    CHECK_EQ(hc_watch_fd(r.s, -1, EPOLLIN, on_event, NULL, 2), -EBADF);
    await_event(0);
    CHECK(atomic_load(&fired_ns) >= at);
    CHECK_EQ(atomic_load(&fired[1]), 0);
    CHECK_EQ(write(ends[1], "x", 1), 1);
    await_event(1);
    await_event(2);
    CHECK_EQ(atomic_load(&fired[3]), 0);
    hc_server_close(r.s);
    CHECK_EQ(atomic_load(&fired[3]), 1);
    CHECK_EQ(hc_watch_time(r.s, 0, on_event, NULL, 0), -ESHUTDOWN);
    close(ends[0]);
    close(ends[1]);
    rig_close(&r);
}

/* --------------------------------------------------------------------------------------------------------- deferred */
static void case_deferred_ticket_waits_for_ever(void) {
    rig r;
    rig_options(&r);
    r.o.flags = HC_FLAG_DEFERRED;
    rig_open(&r);
    int64_t args[2] = {3, 4};
    (void)post(&r, HC_POST_NOP, 9, NULL, 1);
    (void)submit(&r, 1, 1, HC_OP_NOP, 2, 0, 0, args, NULL, 0);
    (void)submit(&r, 2, 1, HC_OP_NOP_WORKER, 2, 0, 0, args, NULL, 0);
    nap_ms(20);
    CHECK_EQ(counts(&r).nop_sum, 0); /* nobody touches the channel while a kernel runs */
    CHECK_EQ(hc_server_serve_once(r.s), 3);
    CHECK_EQ(counts(&r).nop_sum, 9);
    CHECK_EQ(await_ticket(&r, 1, 1), 7);
    CHECK_EQ(await_ticket(&r, 2, 1), 7);
    CHECK_EQ(hc_server_serve_once(r.s), 0);
    rig_close(&r);
}

/* ----------------------------------------------------------------------------------------------------------- output
 * towards Python */
static void *python_output(void *arg) {
    rig *r = arg;
    uint64_t *seen = calloc(1, sizeof *seen);
    hc_python_item it;
    int kind;
    CHECK(seen);
    while ((kind = hc_python_next(r->s, 1, 50000000, &it)) != HC_PY_CLOSED) {
        if (kind == HC_PY_NONE) continue;
        CHECK_EQ(kind, HC_PY_LOG);
        CHECK_EQ(it.lanes, *seen % 5);
        CHECK_EQ(it.thread, (uint32_t)*seen);
        CHECK_EQ(it.bytes, 24);
        (*seen)++;
        hc_python_release(r->s, &it);
    }
    return seen;
}

static void case_log_line_is_out_of_order(void) {
    rig r;
    rig_options(&r);
    rig_open(&r);
    pthread_t t;
    void *seen;
    CHECK_EQ(pthread_create(&t, NULL, python_output, &r), 0);
    nap_ms(5);
    uint32_t n = 3000 / scale;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t words[4] = {0, i, 5, 0x6f6c6c6568};
        (void)post(&r, HC_POST_LOG, i % 5, words, 4);
    }
    uint64_t liar[4] = {0, 1, 9, 0};
    (void)post(&r, HC_POST_LOG, 0, liar, 4); /* says nine bytes, has room for eight */
    CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
    CHECK_EQ(counts(&r).posted_bad, 1);
    hc_server_close(r.s);
    pthread_join(t, &seen);
    CHECK_EQ(*(uint64_t *)seen, n);
    free(seen);
    rig_close(&r);
}

/* ---------------------------------------------------------------------------------------------------------- lanes.c */
static _Thread_local hc_host_lane *self;
static void set_self(hc_host_lane *lane) { self = lane; }
typedef struct lanes_args {
    _Atomic uint64_t *sum;
    _Atomic uint32_t *flag;
} lanes_args;

static void kernel(void *arg) {
    lanes_args *a = arg;
    for (uint32_t round = 0; round < 5; round++) {
        (void)__atomic_fetch_add(&self->block_scratch[0], 1, __ATOMIC_RELAXED);
        self->barrier(self);
        uint32_t playing = round < 3 ? self->block_dim : (self->block_dim + 1) / 2;
        if (__atomic_load_n(&self->block_scratch[0], __ATOMIC_RELAXED) != playing)
            FAIL("block %u lane %u round %u", self->block_id, self->local_id, round);
        self->barrier(self);
        if (self->local_id == 0) __atomic_store_n(&self->block_scratch[0], 0, __ATOMIC_RELAXED);
        self->barrier(self);
        if (round == 2 && self->local_id % 2) {
            (void)atomic_fetch_add(a->sum, 1);
            self->leave(self);
        }
    }
    (void)atomic_fetch_add(a->sum, 1);
}
static void kernel_waits(void *arg) { /* lane 0 waits for the last lane of its block */
    lanes_args *a = arg;
    if (self->local_id == self->block_dim - 1) atomic_store(&a->flag[self->block_id], self->launch);
    for (uint32_t round = 0; self->local_id == 0 && atomic_load(&a->flag[self->block_id]) != self->launch; round++)
        self->pause(round);
    (void)atomic_fetch_add(a->sum, 1);
}
static void count_done(void *arg) { (void)atomic_fetch_add((_Atomic uint32_t *)arg, 1); }

static void case_block_barrier_lets_a_lane_through(void) {
    hc_lanes *p = hc_lanes_create(20, 256 << 10);
    _Atomic uint64_t sum = 0;
    _Atomic uint32_t done = 0, flag[64] = {0};
    lanes_args a = {&sum, flag};
    CHECK(p);
    CHECK_EQ(hc_lanes_launch(p, kernel, set_self, &a, sizeof a, 1, 21, NULL, NULL), -EINVAL);
    int64_t t = 0;
    uint64_t want = 0;
    for (uint32_t block = 1; block <= 20; block += 3) {
        t = hc_lanes_launch(p, kernel, set_self, &a, sizeof a, 13, block, count_done, (void *)&done);
        CHECK(t > 0);
        CHECK(hc_lanes_launch(p, kernel_waits, set_self, &a, sizeof a, 30, block, count_done, (void *)&done) == t + 1);
        want += 43 * block;
    }
    CHECK_EQ(hc_lanes_wait(p, t + 1, WAIT_NS), 0);
    CHECK_EQ(atomic_load(&sum), want);
    CHECK_EQ(atomic_load(&done), 14);
    CHECK_EQ(hc_lanes_wait(p, t + 5, 1), -EINVAL);
    t = hc_lanes_launch(p, kernel, set_self, &a, sizeof a, 40, 5, NULL, NULL);
    CHECK(t > 0);
    hc_lanes_destroy(p);
    CHECK_EQ(atomic_load(&sum), want + 200);
}

/* ------------------------------------------------------------------------------------------------------------ bench */
static int by_size(const void *a, const void *b) {
    return (*(const uint32_t *)a > *(const uint32_t *)b) - (*(const uint32_t *)a < *(const uint32_t *)b);
}

/* The floor of the run: 64 bytes there, one word back, no protocol. */
static hc_u64 ping[HC_HEAD_WORDS * 2] __attribute__((aligned(128))), pong[16] __attribute__((aligned(128)));
enum { PINGS = 200000 };
static void *answer_pings(void *arg) {
    (void)arg;
    for (hc_u64 i = 1; i <= PINGS; i++) {
        for (uint32_t round = 1; __atomic_load_n(&ping[7], __ATOMIC_ACQUIRE) != i; round++)
            if (round % 65536 == 0) (void)sched_yield();
        __atomic_store_n(&pong[0], i, __ATOMIC_RELEASE);
    }
    return NULL;
}
static void bench_floor(uint32_t *ns) {
    pthread_t t;
    CHECK_EQ(pthread_create(&t, NULL, answer_pings, NULL), 0);
    for (hc_u64 i = 1; i <= PINGS; i++) {
        uint64_t begin = hc_now_ns();
        for (int w = 0; w < 7; w++) __atomic_store_n(&ping[w], i, __ATOMIC_RELAXED);
        __atomic_store_n(&ping[7], i, __ATOMIC_RELEASE);
        for (uint32_t round = 1; __atomic_load_n(&pong[0], __ATOMIC_ACQUIRE) != i; round++)
            if (round % 65536 == 0) (void)sched_yield();
        ns[i - 1] = (uint32_t)(hc_now_ns() - begin);
    }
    pthread_join(t, NULL);
    qsort(ns, PINGS, sizeof *ns, by_size);
    printf("bare ping-pong:  p50 %u ns, p99 %u ns\n", ns[PINGS / 2], ns[PINGS / 100 * 99]);
}

static void bench(void) {
    enum { N = 200000 };
    rig r;
    rig_options(&r);
    r.o.geometry.posted_shift = 18;
    r.o.idle_spin = 1;
    rig_open(&r);
    uint32_t *ns = malloc(N * sizeof *ns);
    CHECK(ns);
    hc_server_active(r.s, -1); /* the second core is for the other end */
    bench_floor(ns);
    hc_server_active(r.s, 1);
    for (int i = 0; i < 1000; i++) (void)call1(&r, 0, HC_OP_NOP, 2, 1, 2, 0);
    uint64_t begin = hc_now_ns();
    for (int i = 0; i < N; i++) {
        packet p = {.op = HC_OP_NOP, .nargs = 2, .mask = 1, .arg = {{i}, {1}}};
        uint64_t t = hc_now_ns();
        hc_u64 lo, hi;
        uint32_t seq = publish(&r, 0, &p);
        do hc_bus_load_word(r.replies + r.l.reply_heads, &lo, &hi);
        while (!hc_word_has(lo, hi, seq));
        ns[i] = (uint32_t)(hc_now_ns() - t);
        CHECK_EQ(hc_word_value(lo, hi), i + 1);
    }
    double each = (double)(hc_now_ns() - begin) / N;
    qsort(ns, N, sizeof *ns, by_size);
    printf("noop round trip: p50 %u ns, p99 %u ns, mean %.0f ns\n", ns[N / 2], ns[N / 100 * 99], each);

    /* Many slots at a time: publish 64, then collect. */
    begin = hc_now_ns();
    for (int i = 0; i < 4000; i++) {
        packet p = {.op = HC_OP_NOP, .nargs = 2, .mask = 1, .arg = {{i}, {1}}};
        int64_t result[32];
        for (uint32_t slot = 0; slot < 64; slot++) (void)publish(&r, slot, &p);
        for (uint32_t slot = 0; slot < 64; slot++) await_reply(&r, slot, 1, result);
    }
    printf("64 slots in flight: %.2f M packets/s\n", 4000 * 64 * 1e3 / (double)(hc_now_ns() - begin));

    const uint64_t posts = 20000000;
    uint64_t seen = 0, size = 1u << 18;
    begin = hc_now_ns();
    for (uint64_t i = 0; i < posts; i++) {
        while (i - seen >= size) seen = hc_bus_load64(r.o.control + HC_CTL_POSTED_HEAD);
        ring_word(&r, i, (uint64_t)hc_record_pack(HC_POST_NOP, 1) | (1ull << 32));
    }
    atomic_store(&r.tail, posts);
    CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
    printf("posted NOP: %.1f M records/s with a live writer\n", (double)posts * 1e3 / (double)(hc_now_ns() - begin));
    CHECK_EQ(counts(&r).nop_sum, posts);
    /* The drain alone: a ring that is full already. */
    uint64_t spent = 0;
    hc_server_active(r.s, -1);
    nap_ms(5);
    for (int round = 0; round < 20; round++) {
        for (uint64_t i = 0; i < size; i++)
            ring_word(&r, posts + (uint64_t)round * size + size - 1 - i,
                      (uint64_t)hc_record_pack(HC_POST_NOP, 1) | (1ull << 32));
        uint64_t t = hc_now_ns();
        CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
        spent += hc_now_ns() - t;
    }
    printf("posted NOP: %.1f M records/s drained from a full ring\n", 20.0 * (double)size * 1e3 / (double)spent);
    hc_server_active(r.s, 1);
    free(ns);
    rig_close(&r);
}

#define CASE(name)                                                                                                     \
    { #name, case_##name }
static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    CASE(wrong_lane_gets_a_result),
    CASE(half_a_packet_is_served),
    CASE(wrap_lets_an_old_word_through),
    CASE(parked_lane_misses_its_completion),
    CASE(ticket_is_lost),
    CASE(lap_wrap_loses_a_record),
    CASE(call_overtakes_a_post),
    CASE(hole_stops_the_drain),
    CASE(payload_ends_in_the_wrong_place),
    CASE(unregistered_memory_is_touched),
    CASE(hostile_packet_kills_the_server),
    CASE(close_leaves_a_lane_waiting),
    CASE(close_before_start_hangs),
    CASE(child_of_a_fork_hangs),
    CASE(idle_server_burns_a_core),
    CASE(event_is_missed),
    CASE(deferred_ticket_waits_for_ever),
    CASE(log_line_is_out_of_order),
    CASE(block_barrier_lets_a_lane_through),
};

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "bench") == 0) {
        bench();
        return 0;
    }
    if (argc > 1 && strcmp(argv[1], "list") == 0) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) puts(cases[i].name);
        return 0;
    }
    if (argc > 1) seed = strtoull(argv[1], NULL, 0);
#if defined(HC_TSAN)
    scale = 10;
#endif
    if (getenv("STRESS_SCALE")) scale = (uint32_t)strtoul(getenv("STRESS_SCALE"), NULL, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int wanted = argc < 3;
        for (int a = 2; a < argc; a++) wanted |= strcmp(argv[a], cases[i].name) == 0;
        if (!wanted) continue;
        uint64_t begin = hc_now_ns();
        fprintf(stderr, "%s (seed %llu)\n", cases[i].name, (unsigned long long)seed);
        cases[i].run();
        fprintf(stderr, "    %llu ms\n", (unsigned long long)((hc_now_ns() - begin) / 1000000));
    }
    return 0;
}
