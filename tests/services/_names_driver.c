/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives the services of names, flags, the system and commands: `_names_driver CASE DIRECTORY` runs one case in an empty
 * directory. What matters here is what a hostile packet can do and what several threads do at once; what each call means
 * is tested by kernels.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "_fake_core.h"
#include "fs.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static hc_server *S;

static void scene(void) {
    S = fake_start(200);
    EQ(hc_fs_root_add(S, ".", 1), 0);
}

static hc_call *words(uint32_t op, uint32_t n, int64_t a, int64_t b, int64_t c) {
    hc_call *call = fake_call(S, op, 1);
    const int64_t values[] = {a, b, c};
    for (uint32_t k = 0; k < n; k++) fake_arg(call, k, 0, values[k]);
    return call;
}
static int64_t answer(hc_call *c) {
    fake_begin(c);
    fake_wait(c);
    int64_t r = c->result[0];
    fake_free(c);
    return r;
}
static int64_t with_text(uint32_t op, uint32_t n, const char *text, int64_t b) {
    uint64_t bytes = strlen(text);
    hc_call *c = words(op, n, (int64_t)bytes, b, 0);
    fake_payload(c, HC_PAY_STAGED, 0, (void *)(uintptr_t)text, bytes);
    return answer(c);
}
static int64_t x_open(const char *path, uint32_t flags) {
    uint64_t bytes = strlen(path);
    hc_call *c = fake_call(S, HC_OP_OPEN, 1);
    fake_arg(c, 0, 0, (int64_t)bytes);
    fake_arg(c, 1, 0, HC_WIRE_FDCWD);
    fake_arg(c, 2, 0, flags);
    fake_arg(c, 3, 0, 0644);
    fake_payload(c, HC_PAY_STAGED, 0, (void *)(uintptr_t)path, bytes);
    return answer(c);
}

/* ---------------------------------------------------------------------------------------------------- hostile packets */
static uint64_t seed = 0x9e3779b97f4a7c15ull;
static uint64_t next(void) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}
static int64_t number(void) {
    static const int64_t odd[] = {0,  1,         -1,        2,         3,        5,          7,          HC_WIRE_FDCWD, 16,   31, 32, 33, 40, 60, 64,
                                  88, INT64_MIN, INT64_MAX, INT32_MIN, INT32_MAX, UINT32_MAX, 1ll << 40, 4096,          4097, 36, 37, 0x1000, 0x1400};
    return next() % 8 == 0 ? (int64_t)next() : odd[next() % (sizeof odd / sizeof *odd)];
}
static const struct {
    uint32_t op, nargs;
} OPS[] = {{HC_OP_FCNTL, 3},    {HC_OP_LOCK, 3},    {HC_OP_FLOCK, 2},    {HC_OP_ALLOCATE, 4}, {HC_OP_ADVISE, 4},   {HC_OP_SYNC, 1},
           {HC_OP_COPY, 6},     {HC_OP_LINK, 5},    {HC_OP_SYMLINK, 4},  {HC_OP_READLINK, 4}, {HC_OP_CHMOD, 4},    {HC_OP_CHOWN, 4},
           {HC_OP_UMASK, 1},    {HC_OP_UTIMES, 4},  {HC_OP_MKNOD, 4},    {HC_OP_STATVFS, 4},  {HC_OP_REALPATH, 4}, {HC_OP_PATHCONF, 3},
           {HC_OP_IOCTL, 3},    {HC_OP_TTYNAME, 2}, {HC_OP_NUMBER, 1},   {HC_OP_TEXT, 2},     {HC_OP_RUSAGE, 2},   {HC_OP_SYSINFO, 1},
           {HC_OP_ACCOUNT, 4},  {HC_OP_SYSTEM, 1},  {HC_OP_POPEN, 2},    {HC_OP_PCLOSE, 1}};

/* Numbers and bytes that no lane of ours would send: an answer, and no byte outside of the lane's own. */
static void hostile(void) {
    scene();
    static const char *texts[] = {"a", "b", "a/b", "../x", "/", "", "a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0b", "/etc/passwd", "link"};
    (void)x_open("a", HC_WIRE_RDWR | HC_WIRE_CREAT);
    for (int round = 0; round < 20000; round++) {
        uint32_t which = (uint32_t)(next() % (sizeof OPS / sizeof *OPS)), lanes = 1 + (uint32_t)(next() % 3);
        uint64_t bytes = next() % 160;
        hc_call *c = fake_call(S, OPS[which].op, lanes);
        uint8_t *memory[3] = {0};
        for (uint32_t i = 0; i < lanes; i++) {
            for (uint32_t k = 0; k < OPS[which].nargs; k++) fake_arg(c, k, i, number());
            /* Calls that allocate would fill the disk, not find a mistake. */
            if (OPS[which].op == HC_OP_ALLOCATE) c->arg[3][i] &= 0xffff, c->arg[2][i] &= 0xffff;
            CHECK((memory[i] = malloc(bytes ? bytes : 1))); /* its end is guarded */
            for (uint64_t k = 0; k < bytes; k++) memory[i][k] = next() % 4 ? (uint8_t)"ab/.x"[next() % 5] : (uint8_t)next();
            if (next() % 2) {
                const char *text = texts[next() % (sizeof texts / sizeof *texts)];
                memcpy(memory[i], text, bytes < 17 ? (bytes < strlen(text) + 1 ? bytes : strlen(text) + 1) : strlen(text) + 1);
            }
            if (next() % 4 == 0) c->arg[0][i] = (int64_t)bytes;
            if (next() % 8 == 0) c->arg[1][i] = HC_WIRE_FDCWD;
            if (next() % 4 == 0 && OPS[which].nargs > 3) c->arg[3][i] = (int64_t)(bytes ? next() % bytes : 0);
        }
        uint32_t kind = (uint32_t)(next() % 5);
        if (kind > HC_PAY_BYREF) kind = HC_PAY_STAGED;
        for (uint32_t i = 0; i < lanes; i++)
            if (kind) fake_payload(c, kind, i, next() % 16 ? memory[i] : NULL, bytes);
        fake_begin(c);
        fake_wait(c);
        for (uint32_t i = 0; i < lanes; i++) {
            CHECK(c->result[i] >= -4095);
            free(memory[i]);
        }
        fake_free(c);
        (void)umask(022);
        if (round % 64 == 0) /* what was opened meanwhile goes */
            for (int64_t fd = 4; fd < 200; fd++) (void)answer(words(HC_OP_CLOSE, 1, fd, 0, 0));
    }
    fake_stop(S);
}

/* Numbers that share a description come and go while others set its flags. */
static void *set_flags(void *arg) {
    for (int i = 0; i < 300; i++) {
        (void)answer(words(HC_OP_FCNTL, 3, 3, 4, i & 1 ? HC_WIRE_APPEND : HC_WIRE_NONBLOCK));
        CHECK(answer(words(HC_OP_FCNTL, 2 + 1, 3, 3, 0)) >= 0);
    }
    return arg;
}
static void *dup_and_close(void *arg) {
    for (int i = 0; i < 300; i++) {
        int64_t fd = answer(words(HC_OP_DUP, 3, 3, -1, 0));
        CHECK(fd > 3);
        int64_t flags = answer(words(HC_OP_FCNTL, 3, fd, 3, 0));
        CHECK(flags >= 0);
        EQ(answer(words(HC_OP_CLOSE, 1, fd, 0, 0)), 0);
    }
    return arg;
}
static void flags_of_many(void) {
    scene();
    EQ(x_open("a", HC_WIRE_RDWR | HC_WIRE_CREAT), 3);
    pthread_t t[4];
    for (int i = 0; i < 4; i++) CHECK(pthread_create(&t[i], NULL, i & 1 ? set_flags : dup_and_close, NULL) == 0);
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
    fake_stop(S);
}

/* ------------------------------------------------------------------------------------------------------------ commands */
static void commands(void) {
    scene();
    EQ(with_text(HC_OP_SYSTEM, 1, "exit 3", 0), -EACCES);
    EQ(hc_process_allow(S, "A=b\0", 4, 2), 0);
    EQ(with_text(HC_OP_SYSTEM, 1, "exit 3", 0), 3 << 8);
    EQ(with_text(HC_OP_SYSTEM, 1, "test $A = b && test -z \"$PATH_OF_MINE\" && echo out && echo err >&2", 0), 0);
    int64_t r = with_text(HC_OP_POPEN, 2, "echo popped; exit 5", 0), fd = r & 0xffffffff, id = r >> 32;
    CHECK(r > 0);
    char text[16] = {0};
    hc_call *c = fake_call(S, HC_OP_READ, 1);
    fake_arg(c, 0, 0, 7);
    fake_arg(c, 1, 0, 0);
    fake_arg(c, 2, 0, fd);
    fake_payload(c, HC_PAY_STAGED, 0, text, 7);
    EQ(answer(c), 7);
    CHECK(!strcmp(text, "popped\n"));
    EQ(answer(words(HC_OP_CLOSE, 1, fd, 0, 0)), 0);
    EQ(answer(words(HC_OP_PCLOSE, 1, id, 0, 0)), 5 << 8);
    EQ(answer(words(HC_OP_PCLOSE, 1, id, 0, 0)), -ECHILD);
    EQ(answer(words(HC_OP_PCLOSE, 1, -1, 0, 0)), -ECHILD);
    int64_t first = with_text(HC_OP_POPEN, 2, "exec sleep 600", 1), second = with_text(HC_OP_POPEN, 2, "exec sleep 600", 0);
    CHECK(first > 0 && second > 0);
    EQ(with_text(HC_OP_POPEN, 2, "exit 0", 0), -EAGAIN);
    fake_stop(S); /* ends both */
}

/* ----------------------------------------------------------------------------------------------------------------- main */
static const struct {
    const char *name;
    void (*run)(void);
} CASES[] = {
#define CASE(name) {#name, name}
    CASE(hostile), CASE(flags_of_many), CASE(commands)};

int main(int argc, char **argv) {
    CHECK(argc >= 3 && chdir(argv[2]) == 0);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        if (strcmp(argv[1], CASES[i].name)) continue;
        CASES[i].run();
        return 0;
    }
    fprintf(stderr, "no case %s\n", argv[1]);
    return 2;
}
