/* SPDX-License-Identifier: Apache-2.0
 *
 * The services that need nothing but the process: dispatch without work, clocks, random bytes, the end of a kernel.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "server.h"
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define RANDOM_ON_POLLER 1024u /* more bytes than this take longer than a poller may be away */
#define RANDOM_CHUNK     4096u

static int nop(hc_call *c) {
    for (uint32_t r = 0; r < c->lanes; r++) c->result[r] = (int64_t)((uint64_t)c->arg[0][r] + (uint64_t)c->arg[1][r]);
    return HC_SERVED;
}

static int nop6(hc_call *c) {
    for (uint32_t r = 0; r < c->lanes; r++) {
        uint64_t sum = 0;
        for (uint32_t k = 0; k < HC_MAX_ARGS; k++) sum += (uint64_t)c->arg[k][r];
        c->result[r] = (int64_t)sum;
    }
    return HC_SERVED;
}

static int nop_worker(hc_call *c) { return hc_on_worker() ? nop(c) : HC_WORKER; }

static int echo(hc_call *c) {
    for (uint32_t r = 0; r < c->lanes; r++) c->result[r] = c->arg[0][r];
    return HC_SERVED;
}

static int ping(hc_call *c) {
    int64_t now = (int64_t)hc_now_ns();
    for (uint32_t r = 0; r < c->lanes; r++) c->result[r] = now;
    return HC_SERVED;
}

static int getpid_(hc_call *c) {
    int64_t pid = getpid();
    for (uint32_t r = 0; r < c->lanes; r++) c->result[r] = pid;
    return HC_SERVED;
}

/* The first lane to get here names the cause; the others end with it. */
static int exit_(hc_call *c) {
    for (uint32_t r = 0; r < c->lanes; r++) {
        hc_server_abort(c->server, HC_ABORT_EXIT, (int32_t)c->arg[0][r], (uint32_t)c->arg[1][r], (uint32_t)c->arg[2][r],
                        NULL, 0);
        c->result[r] = 0;
    }
    return HC_SERVED;
}

static int abort_(hc_call *c) {
    for (uint32_t r = 0; r < c->lanes; r++) {
        int64_t kind = c->arg[1][r];
        bool known = kind >= HC_ABORT_EXIT && kind <= HC_ABORT_INTERRUPT;
        /* Memory that is only referred to may go away under the copy. */
        bool readable = c->kind == HC_PAY_INLINE || c->kind == HC_PAY_STAGED;
        hc_server_abort(c->server, known ? (uint32_t)kind : HC_ABORT_ABORT, 0, (uint32_t)c->arg[2][r],
                        (uint32_t)c->arg[3][r], readable ? (const char *)c->payload[r] : NULL,
                        readable ? c->payload_len[r] : 0);
        c->result[r] = 0;
    }
    return HC_SERVED;
}

static int clock_(hc_call *c) {
    for (uint32_t r = 0; r < c->lanes; r++) {
        struct timespec t;
        clockid_t id = (clockid_t)c->arg[1][r];
        if (c->arg[1][r] < 0 || c->arg[1][r] > INT32_MAX) {
            c->result[r] = -EINVAL;
        } else if (c->kind != HC_PAY_STAGED || c->payload_len[r] < 16) {
            c->result[r] = -EFAULT;
        } else if ((c->arg[2][r] ? clock_getres(id, &t) : clock_gettime(id, &t)) != 0) {
            c->result[r] = -errno;
        } else {
            int64_t wire[2] = {t.tv_sec, t.tv_nsec};
            memcpy(c->payload[r], wire, sizeof wire);
            c->result[r] = 0;
        }
    }
    return HC_SERVED;
}

static int64_t random_bytes(uint8_t *to, uint64_t n, unsigned flags) {
    uint64_t done = 0;
    while (done < n) {
        uint64_t want = n - done < RANDOM_CHUNK ? n - done : RANDOM_CHUNK;
        ssize_t got = getrandom(to + done, want, flags);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return done ? (int64_t)done : got < 0 ? -errno : -EIO;
        done += (uint64_t)got;
    }
    return (int64_t)done;
}

static int getrandom_(hc_call *c) {
    uint64_t total = 0;
    for (uint32_t r = 0; r < c->lanes; r++) total += c->payload_len[r];
    if (total > RANDOM_ON_POLLER && !hc_on_worker()) return HC_WORKER;
    for (uint32_t r = 0; r < c->lanes; r++) {
        int64_t flags = c->arg[1][r], n = c->arg[0][r];
        if (n < 0 || (flags & ~(int64_t)(GRND_NONBLOCK | GRND_RANDOM | 4 /* GRND_INSECURE */))) {
            c->result[r] = -EINVAL;
        } else if (n == 0) {
            c->result[r] = 0;
        } else if (c->kind != HC_PAY_STAGED) {
            c->result[r] = -EFAULT;
        } else {
            unsigned ask = (unsigned)flags | (hc_on_worker() ? 0u : GRND_NONBLOCK);
            c->result[r] = random_bytes(c->payload[r], c->payload_len[r], ask);
            /* Before the pool of the kernel is ready the caller waits, on a thread that may. */
            if (c->result[r] == -EAGAIN && !(flags & GRND_NONBLOCK) && !hc_on_worker()) return HC_WORKER;
        }
    }
    return HC_SERVED;
}

/* Posts before the flush are executed before it runs: its packet carries their position. */
static int flush(hc_call *c) {
    if (!hc_on_worker()) return HC_WORKER;
    int64_t rc = hc_stdio_flush(c->server);
    for (uint32_t r = 0; r < c->lanes; r++) c->result[r] = rc;
    return HC_SERVED;
}

static void nop_plain(hc_server *s, uint32_t n, const int64_t *a0, const int64_t *a1, int64_t *result) {
    (void)s;
    for (uint32_t r = 0; r < n; r++) result[r] = (int64_t)((uint64_t)a0[r] + (uint64_t)a1[r]);
}
static void ping_plain(hc_server *s, uint32_t n, const int64_t *a0, const int64_t *a1, int64_t *result) {
    (void)s, (void)a0, (void)a1;
    int64_t now = (int64_t)hc_now_ns();
    for (uint32_t r = 0; r < n; r++) result[r] = now;
}
static void getpid_plain(hc_server *s, uint32_t n, const int64_t *a0, const int64_t *a1, int64_t *result) {
    (void)s, (void)a0, (void)a1;
    int64_t pid = getpid();
    for (uint32_t r = 0; r < n; r++) result[r] = pid;
}
hc_plain_fn hc_basic_plain(uint32_t op) {
    return op == HC_OP_NOP ? nop_plain : op == HC_OP_PING ? ping_plain : op == HC_OP_GETPID ? getpid_plain : NULL;
}

static const struct hc_family_op ops[] = {
    {HC_OP_NOP, nop, "nop", 2},           {HC_OP_NOP_WORKER, nop_worker, "nop_worker", 2},
    {HC_OP_NOP6, nop6, "nop6", 6},
    {HC_OP_ECHO, echo, "echo", 1},        {HC_OP_EXIT, exit_, "exit", 3},
    {HC_OP_ABORT, abort_, "abort", 4},    {HC_OP_PING, ping, "ping", 0},
    {HC_OP_CLOCK, clock_, "clock", 3},    {HC_OP_GETRANDOM, getrandom_, "getrandom", 2},
    {HC_OP_GETPID, getpid_, "getpid", 0}, {HC_OP_FLUSH, flush, "flush", 0},
};
const hc_family hc_family_basic = {
    .name = "basic",
    .part = HC_PART_BASIC,
    .ops = ops,
    .nops = sizeof ops / sizeof ops[0],
};
