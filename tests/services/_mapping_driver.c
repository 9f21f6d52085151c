/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives mmap, munmap and msync without a channel, from many threads at once: `_mapping_driver CASE DIRECTORY`. The driver
 * of the device is played here: its "device addresses" are the host's.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "_fake_core.h"
#include "fs.h"
#include "mapping.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES   20000
#define THREADS 4
#define ROUNDS  150

static hc_server *S;
static char BASE[4000];
static atomic_int registered, unregistered, asked;
static int delay_us, refuse_every;

static int set_current(void *context) { return context ? 0 : 1; }
static int register_host(void *host, size_t bytes, unsigned flags) {
    (void)host, (void)bytes, (void)flags;
    if (delay_us) usleep((useconds_t)delay_us);
    if (refuse_every && atomic_fetch_add(&asked, 1) % refuse_every == 0) return 1;
    atomic_fetch_add(&registered, 1);
    return 0;
}
static int unregister_host(void *host) {
    (void)host;
    atomic_fetch_add(&unregistered, 1);
    return 0;
}
static int device_pointer(unsigned long long *device, void *host, unsigned flags) {
    (void)flags;
    *device = (unsigned long long)(uintptr_t)host;
    return 0;
}
static hc_mapper *mapper(void) { return hc_server_part(S, HC_PART_MAPPING); }
static void use_driver(void) {
    hc_mapper *m = mapper();
    m->set_current = set_current;
    m->register_host = register_host;
    m->unregister_host = unregister_host;
    m->device_pointer = device_pointer;
    m->context = m;
    m->present = true;
}

static int64_t call(uint32_t op, uint32_t nargs, int64_t a, int64_t b, int64_t c, int64_t d) {
    int64_t args[4] = {a, b, c, d};
    hc_call *k = fake_call(S, op, 1);
    for (uint32_t i = 0; i < nargs; i++) fake_arg(k, i, 0, args[i]);
    fake_begin(k);
    fake_wait(k);
    int64_t r = k->result[0];
    fake_free(k);
    return r;
}
static int64_t x_mmap(int64_t fd, int64_t length, uint32_t prot, uint32_t sharing, int64_t offset) {
    return call(HC_OP_MMAP, 4, length, (int64_t)(prot | (uint64_t)sharing << 32), fd, offset);
}
static int64_t x_munmap(int64_t at, int64_t length) { return call(HC_OP_MUNMAP, 2, at, length, 0, 0); }
static int64_t x_msync(int64_t at, int64_t length, int64_t flags) { return call(HC_OP_MSYNC, 3, at, length, flags, 0); }
static int64_t x_open(const char *name) {
    char path[64];
    hc_call *k = fake_call(S, HC_OP_OPEN, 1);
    size_t n = strlen(name);
    memcpy(path, name, n);
    fake_arg(k, 0, 0, (int64_t)n);
    fake_arg(k, 1, 0, HC_WIRE_FDCWD);
    fake_arg(k, 2, 0, HC_WIRE_RDWR);
    fake_arg(k, 3, 0, 0);
    fake_payload(k, HC_PAY_STAGED, 0, path, n);
    fake_begin(k);
    fake_wait(k);
    int64_t r = k->result[0];
    fake_free(k);
    return r;
}

static void make(const char *name, int byte) {
    char path[4096], bytes[BYTES];
    snprintf(path, sizeof path, "%s/%s", BASE, name);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    memset(bytes, byte, sizeof bytes);
    CHECK(fd >= 0 && write(fd, bytes, sizeof bytes) == BYTES);
    close(fd);
}

static void begin(void) {
    make("one", 1);
    make("two", 2);
    S = fake_start(64);
    EQ(hc_fs_root_add(S, BASE, 1), 0);
}
static void end(void) {
    fake_stop(S);
    EQ(atomic_load(&registered), atomic_load(&unregistered));
}

/* What a lane may find: its mapping, or why there is none now. A mapping holds the byte of its file. */
static void *mix(void *arg) {
    unsigned seed = (unsigned)(uintptr_t)arg;
    int64_t fd[2] = {x_open("one"), x_open("two")};
    CHECK(fd[0] >= 0 && fd[1] >= 0);
    for (int i = 0; i < ROUNDS; i++) {
        int which = rand_r(&seed) % 2, writes = rand_r(&seed) % 2, shared = rand_r(&seed) % 2;
        int64_t offset = rand_r(&seed) % 3 * 4096, length = 1 + rand_r(&seed) % (BYTES - 8192);
        int64_t at = x_mmap(fd[which], length, writes ? 3 : 1, shared ? HC_WIRE_MAP_SHARED : HC_WIRE_MAP_PRIVATE, offset);
        if (at < 0) {
            EQ(at, -ENOTSUP);
            continue;
        }
        const uint8_t *p = (const uint8_t *)(uintptr_t)at;
        EQ(p[0], which + 1);
        EQ(p[length - 1], which + 1);
        if (writes && !shared) ((uint8_t *)(uintptr_t)at)[0] = 9; /* private: nobody else may see it */
        if (rand_r(&seed) % 4 == 0) EQ(x_msync(at, length, HC_WIRE_MS_ASYNC), 0);
        EQ(x_munmap(at, length), 0);
    }
    EQ(call(HC_OP_CLOSE, 1, fd[0], 0, 0, 0), 0);
    EQ(call(HC_OP_CLOSE, 1, fd[1], 0, 0, 0), 0);
    return NULL;
}
static void crowd(void) {
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, mix, (void *)(i + 1)) == 0);
    for (int i = 0; i < 20; i++) {
        fake_settle(2);
        if (mapper()->identity) hc_mapping_collect(S); /* of a driver only while no kernel runs: not beside the lanes here */
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    hc_mapping_collect(S);
    EQ(hc_mapping_count(S), 0);
}

static void many_lanes_of_copies(void) {
    begin();
    CHECK(hc_mapping_driver(S, "", 0) == 0);
    crowd();
    end();
}
static void many_lanes_of_registered_files(void) {
    begin();
    use_driver();
    crowd();
    end();
}
static void a_driver_that_refuses_now_and_then(void) {
    begin();
    use_driver();
    refuse_every = 3;
    crowd();
    end();
}
static void a_driver_that_answers_too_late(void) {
    begin();
    use_driver();
    delay_us = 3000;
    hc_mapping_patience(S, 1000000);
    crowd();
    end(); /* everything whose registration came late is given back */
}
static void nonsense_from_a_lane(void) {
    begin();
    use_driver();
    int64_t fd = x_open("one"), at = x_mmap(fd, BYTES, 1, HC_WIRE_MAP_SHARED, 0);
    CHECK(at > 0);
    const int64_t odd[] = {0, -1, 1, 4096, INT64_MAX, INT64_MIN, at, at + 1, at + 4096, at - 4096};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        for (size_t j = 0; j < sizeof odd / sizeof *odd; j++) {
            CHECK(x_msync(odd[i], odd[j], odd[(i + j) % 6]) <= 0);
            CHECK(x_mmap(odd[i], odd[j], 1, HC_WIRE_MAP_SHARED, 0) < 0 || odd[i] == fd);
            /* what is mapped, may be: page by page and from inside or behind the file */
            CHECK(x_mmap(fd, 1, (uint32_t)odd[i], (uint32_t)odd[j], odd[i]) < 0 || odd[i] == 0 || odd[i] == 4096);
            CHECK(x_mmap(fd, odd[j], 1, HC_WIRE_MAP_SHARED, odd[i]) < 0 || (odd[j] > 0 && (odd[i] == 0 || odd[i] == 4096)));
        }
    EQ(x_munmap(at + 4096, BYTES), -EINVAL); /* further than it reaches */
    EQ(x_munmap(at, 0), -EINVAL);
    end();
}

typedef struct test {
    const char *name;
    void (*run)(void);
} test;
#define CASE(name) {#name, name},
static const test CASES[] = {
    CASE(many_lanes_of_copies) CASE(many_lanes_of_registered_files) CASE(a_driver_that_refuses_now_and_then)
    CASE(a_driver_that_answers_too_late) CASE(nonsense_from_a_lane)
};

int main(int argc, char **argv) {
    CHECK(argc >= 3);
    snprintf(BASE, sizeof BASE, "%s", argv[2]);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        if (strcmp(CASES[i].name, argv[1]) == 0) {
            CASES[i].run();
            return 0;
        }
    fprintf(stderr, "no case %s\n", argv[1]);
    return 2;
}
