/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives the socket services: `_net_driver CASE DIRECTORY` runs one case in an empty directory. What matters here is what several
 * threads do at once, and what a hostile packet can do; what each call means is tested by kernels.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "_fake_core.h"
#include "net.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static hc_server *S;

static void scene(void) {
    S = fake_start(2000);
    EQ(hc_fs_root_add(S, ".", 1), 0);
    uint8_t local[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
    EQ(hc_net_policy(S, 1, 1, 0), 0);
    for (int bind = 0; bind < 2; bind++) EQ(hc_net_allow(S, bind, local, 128, 0, 65535), 0);
}

/* ------------------------------------------------------------------------------------------------------------ calls */
static hc_call *words(uint32_t op, uint32_t lanes, uint32_t n, int64_t a, int64_t b, int64_t c) {
    hc_call *call = fake_call(S, op, lanes);
    const int64_t values[] = {a, b, c};
    for (uint32_t i = 0; i < lanes; i++)
        for (uint32_t k = 0; k < n; k++) fake_arg(call, k, i, values[k]);
    return call;
}
static int64_t answer(hc_call *c) {
    fake_begin(c);
    fake_wait(c);
    int64_t r = c->result[0];
    fake_free(c);
    return r;
}
static int64_t x_socket(int domain, int type) { return answer(words(HC_OP_SOCKET, 1, 3, domain, type, 0)); }
static int64_t x_pair(void) { return answer(words(HC_OP_SOCKETPAIR, 1, 3, AF_UNIX, SOCK_STREAM, 0)); }
static int64_t x_close(int64_t fd) { return answer(words(HC_OP_CLOSE, 1, 1, fd, 0, 0)); }
static int64_t x_bytes(uint32_t op, int64_t fd, void *at, int64_t n) { /* send, recv */
    hc_call *c = fake_call(S, op, 1);
    fake_arg(c, 0, 0, n);
    fake_arg(c, 1, 0, 0);
    fake_arg(c, 2, 0, fd);
    fake_arg(c, 3, 0, 0);
    fake_payload(c, HC_PAY_STAGED, 0, at, (uint64_t)n);
    return answer(c);
}
static struct sockaddr_in at_port(uint16_t port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}
static int64_t x_address(uint32_t op, int64_t fd, const void *address, int64_t bytes) { /* bind, connect */
    uint8_t copy[256] = {0};
    memcpy(copy, address, (size_t)bytes);
    hc_call *c = words(op, 1, 2, bytes, fd, 0);
    fake_payload(c, HC_PAY_INLINE, 0, copy, (uint64_t)bytes);
    return answer(c);
}
static int64_t listener(uint16_t *port) {
    _Alignas(8) uint8_t room[sizeof(hc_name_wire)];
    struct sockaddr_in at = at_port(0);
    int64_t fd = x_socket(AF_INET, SOCK_STREAM);
    CHECK(fd >= 3);
    EQ(x_address(HC_OP_BIND, fd, &at, sizeof at), 0);
    EQ(answer(words(HC_OP_LISTEN, 1, 2, fd, 1000, 0)), 0);
    hc_call *c = words(HC_OP_SOCKNAME, 1, 3, sizeof room, fd, 0);
    fake_payload(c, HC_PAY_STAGED, 0, room, sizeof room);
    EQ(answer(c), 0);
    memcpy(&at, ((hc_name_wire *)room)->address, sizeof at);
    *port = ntohs(at.sin_port);
    return fd;
}
static hc_call *polls(int64_t fd, int64_t timeout_ns, struct pollfd *room, uint32_t lanes) {
    hc_call *c = words(HC_OP_POLL, lanes, 2, sizeof *room, timeout_ns, 0);
    for (uint32_t i = 0; i < lanes; i++) {
        room[i] = (struct pollfd){.fd = (int)fd, .events = POLLIN};
        fake_payload(c, HC_PAY_STAGED, i, &room[i], sizeof *room);
    }
    return c;
}

/* ------------------------------------------------------------------------------------------------- many at one place */
enum { PACKETS = 12, LANES = 32 };

static void *connect_all(void *arg) {
    struct sockaddr_in at = at_port(*(uint16_t *)arg);
    for (int i = 0; i < PACKETS * LANES / 2; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
        CHECK(write(fd, "x", 1) == 1);
        close(fd);
    }
    return NULL;
}

static void a_crowd_accepts_and_each_gets_one(void) {
    scene();
    uint16_t port;
    int64_t fd = listener(&port);
    hc_call *c[PACKETS];
    pthread_t clients[2];
    for (int i = 0; i < PACKETS; i++) {
        if (i == PACKETS / 2) /* half of them wait already, the others meet the connections */
            for (int k = 0; k < 2; k++) CHECK(pthread_create(&clients[k], NULL, connect_all, &port) == 0);
        c[i] = words(HC_OP_ACCEPT, LANES, 3, 0, fd, 0);
        fake_begin(c[i]);
    }
    bool seen[2000] = {false};
    for (int i = 0; i < PACKETS; i++) {
        fake_wait(c[i]);
        for (int k = 0; k < LANES; k++) {
            uint8_t byte = 0;
            int64_t peer = c[i]->result[k];
            CHECK(peer >= 3 && peer < 2000 && !seen[peer]);
            seen[peer] = true;
            EQ(x_bytes(HC_OP_RECV, peer, &byte, 1), 1);
            EQ(byte, 'x');
        }
        fake_free(c[i]);
    }
    for (int k = 0; k < 2; k++) pthread_join(clients[k], NULL);
    EQ(x_close(fd), 0);
}

/* --------------------------------------------------------------------------------------- closing, data and time at once */
typedef struct side {
    int64_t fd;
    int how;
} side;

static void *disturb(void *arg) {
    side *s = arg;
    uint8_t bytes[8] = "1234567";
    int64_t r = s->how == 0 ? x_close(s->fd) : x_bytes(HC_OP_SEND, s->fd, bytes, 8);
    CHECK(s->how == 0 ? r == 0 : r == 8 || r == -EPIPE);
    return NULL;
}

static void a_wait_ends_once_whatever_comes_first(void) {
    scene();
    for (int round = 0; round < 60; round++) {
        int64_t ends = x_pair(), near = (int64_t)(uint32_t)ends, far = ends >> 32;
        CHECK(ends >= 0);
        uint8_t got[LANES];
        struct pollfd polled[LANES], timed[LANES];
        hc_call *c[3] = {fake_call(S, HC_OP_RECV, LANES), polls(near, -1, polled, LANES), polls(near, 1000000, timed, LANES)};
        for (uint32_t i = 0; i < LANES; i++) {
            const int64_t values[] = {1, 0, near, 0};
            for (uint32_t k = 0; k < 4; k++) fake_arg(c[0], k, i, values[k]);
            fake_payload(c[0], HC_PAY_STAGED, i, &got[i], 1);
        }
        for (int i = 0; i < 3; i++) fake_begin(c[i]);
        side sides[2] = {{near, 0}, {far, 1}};
        pthread_t threads[2];
        int count = round % 3 ? 2 : 1; /* also: the close alone */
        for (int i = 0; i < count; i++) CHECK(pthread_create(&threads[i], NULL, disturb, &sides[count == 1 ? 0 : i]) == 0);
        for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
        for (int i = 0; i < 3; i++) {
            fake_wait(c[i]);
            for (uint32_t k = 0; k < LANES; k++) {
                int64_t r = c[i]->result[k];
                if (i == 0) CHECK(r == 1 || r == -EBADF);
                else CHECK(r == 1 || (r == 0 && i == 2));
            }
            fake_free(c[i]);
        }
        EQ(x_close(near), -EBADF);
        EQ(x_close(far), 0);
    }
}

static void a_server_that_closes_leaves_nobody(void) {
    scene();
    uint16_t port;
    int64_t fd = listener(&port), ends = x_pair();
    struct pollfd polled[LANES];
    uint8_t got[8];
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "full"};
    int host = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), queued = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(host, (struct sockaddr *)&un, sizeof un) == 0 && listen(host, 0) == 0);
    CHECK(connect(queued, (struct sockaddr *)&un, sizeof un) == 0);
    hc_call *c[4] = {words(HC_OP_ACCEPT, LANES, 3, 0, fd, 0), polls(fd, 3600ll * 1000000000ll, polled, LANES), fake_call(S, HC_OP_RECV, 1),
                     words(HC_OP_CONNECT, 1, 2, sizeof un, x_socket(AF_UNIX, SOCK_STREAM), 0)};
    const int64_t values[] = {8, 0, (int64_t)(uint32_t)ends, 0};
    for (uint32_t k = 0; k < 4; k++) fake_arg(c[2], k, 0, values[k]);
    fake_payload(c[2], HC_PAY_STAGED, 0, got, 8);
    fake_payload(c[3], HC_PAY_INLINE, 0, &un, sizeof un);
    for (int i = 0; i < 4; i++) fake_begin(c[i]);
    fake_settle(5);
    for (int i = 0; i < 4; i++) CHECK(!fake_done(c[i]));
    fake_close(S);
    for (int i = 0; i < 4; i++) {
        fake_wait(c[i]);
        for (uint32_t k = 0; k < c[i]->lanes; k++) EQ(c[i]->result[k], -ESHUTDOWN);
        fake_free(c[i]);
    }
    hc_call *late = words(HC_OP_ACCEPT, 1, 3, 0, fd, 0);
    EQ(answer(late), -ESHUTDOWN);
    close(host);
    close(queued);
}

/* --------------------------------------------------------------------------------------------------- hostile packets */
static uint64_t random_state = 88172645463325252ull;
static uint64_t any(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}
static int64_t odd(void) {
    static const int64_t values[] = {0, 1, -1, 2, 3, 4, 5, 6, 7, 8, 16, 28, 110, 128, 144, 145, 1000, 4096, INT32_MAX, INT64_MAX, INT64_MIN,
                                     UINT32_MAX, -100, 1ll << 32, 41};
    return values[any() % (sizeof values / sizeof *values)];
}

static void a_hostile_packet_gets_an_errno(void) {
    scene();
    EQ(hc_net_policy(S, 1, 1, 0), 0);
    uint16_t port;
    (void)listener(&port);
    (void)x_pair();
    hc_call *parked[6000];
    void *rooms[6000];
    int waiting = 0;
    for (int round = 0; round < 6000; round++) {
        uint32_t op = HC_OP_SOCKET + (uint32_t)(any() % (HC_OP_GETNAMEINFO - HC_OP_SOCKET + 1)), nargs = 0;
        for (size_t i = 0; i < hc_family_net.nops; i++)
            if (hc_family_net.ops[i].op == op) nargs = hc_family_net.ops[i].nargs;
        CHECK(nargs);
        hc_call *c = fake_call(S, op, 2);
        uint64_t bytes = any() % 5 ? any() % 600 : 0;
        uint32_t kind = (uint32_t)(any() % 4);
        uint8_t *room = malloc(bytes + 1);
        for (uint64_t i = 0; i < bytes; i++) room[i] = any() % 3 ? (uint8_t)(any() % 12) : (uint8_t)any();
        for (uint32_t lane = 0; lane < 2; lane++) {
            for (uint32_t k = 0; k < nargs; k++) fake_arg(c, k, lane, any() % 2 ? odd() : (int64_t)(any() % 12));
            if (any() % 2) fake_arg(c, 0, lane, (int64_t)bytes);
            fake_payload(c, kind, lane, kind == HC_PAY_NONE || any() % 9 == 0 ? NULL : room, kind == HC_PAY_NONE ? 0 : bytes);
        }
        if (op == HC_OP_POLL && c->arg[1][0] > 1000) fake_arg(c, 1, 0, 1000);
        fake_begin(c);
        if (fake_done(c)) {
            fake_free(c);
            free(room);
        } else {
            parked[waiting] = c;
            rooms[waiting++] = room;
        }
        if (round % 64 == 0) /* what was opened by accident makes room again */
            for (int fd = 8; fd < 60; fd++) (void)x_close(fd);
    }
    fake_close(S);
    for (int i = 0; i < waiting; i++) {
        fake_wait(parked[i]);
        fake_free(parked[i]);
        free(rooms[i]);
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} CASES[] = {
#define CASE(name) {#name, name},
    CASE(a_crowd_accepts_and_each_gets_one)
    CASE(a_wait_ends_once_whatever_comes_first)
    CASE(a_server_that_closes_leaves_nobody)
    CASE(a_hostile_packet_gets_an_errno)
};

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    CHECK(chdir(argv[2]) == 0);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        if (strcmp(argv[1], CASES[i].name)) continue;
        CASES[i].run();
        fake_stop(S);
        return 0;
    }
    return 2;
}
