/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives what moves bytes of plain files: `_transfer_driver CASE DIRECTORY` runs one case in an empty directory. Pieces
 * are tried by themselves, writers that meet and batches through the services.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "_fake_core.h"
#include "fs.h"
#include "pieces.h"
#include "uring.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static hc_server *S;

static void scene(void) {
    S = fake_start(64);
    EQ(hc_fs_root_add(S, ".", 1), 0);
}

/* ----------------------------------------------------------------------------------------------------------- pieces */
static hc_file *open_file(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd < 0) return NULL;
    hc_file *file = hc_file_new(HC_FILE_PLAIN, fd);
    CHECK(file);
    file->reads = file->writes = true;
    file->direct = flags & O_DIRECT;
    file->appends = flags & O_APPEND;
    return file;
}
static void size_is(const char *path, off_t bytes) {
    struct stat st;
    CHECK(stat(path, &st) == 0);
    EQ(st.st_size, bytes);
}
/* System calls that wrote or read so far, by this thread; -1 where the kernel does not count. */
static long calls_made(const char *which) {
    FILE *f = fopen("/proc/thread-self/io", "r");
    long n = -1, value;
    char name[32];
    while (f && fscanf(f, "%31s %ld", name, &value) == 2)
        if (!strcmp(name, which)) n = value;
    if (f) fclose(f);
    return n;
}
static uint8_t letter(uint64_t at) { return (uint8_t)(at * 2654435761u >> 13); }

static void neighbours_travel_together_and_each_gets_its_count(void) {
    scene();
    enum { MOST = HC_MOST_PIECES, EACH = 48 };
    static uint8_t bytes[MOST * 64], back[MOST * 64];
    static hc_piece p[MOST];
    static int64_t result[MOST];
    for (uint32_t gap = 0; gap <= 16; gap += 16) { /* side by side in memory, or not */
        hc_file *file = open_file("f", O_RDWR | O_CREAT | O_TRUNC);
        CHECK(file);
        for (uint32_t i = 0; i < MOST; i++) {
            p[i] = (hc_piece){file, bytes + i * (EACH + gap), EACH, 0, &result[i]};
            for (uint32_t k = 0; k < EACH; k++) p[i].at[k] = letter(i * EACH + k);
        }
        long before = calls_made("syscw:");
        hc_pieces_move(p, MOST, true, false);
        if (before >= 0) EQ(calls_made("syscw:") - before, 1);
        for (uint32_t i = 0; i < MOST; i++) EQ(result[i], EACH);
        size_is("f", MOST * EACH);
        for (uint32_t i = 0; i < MOST; i++) {
            p[i].at = back + i * (EACH + gap);
            p[i].offset = i * EACH;
            result[i] = -1;
        }
        before = calls_made("syscr:");
        hc_pieces_move(p, MOST, false, true);
        if (before >= 0) CHECK(calls_made("syscr:") - before <= 3); /* the count itself is read, too */
        for (uint32_t i = 0; i < MOST; i++) {
            EQ(result[i], EACH);
            for (uint32_t k = 0; k < EACH; k++) EQ(p[i].at[k], letter(i * EACH + k));
        }
        hc_file_put(file);
    }
}

static void what_no_longer_fits_is_told_to_the_pieces_behind(void) {
    scene();
    static uint8_t bytes[5 * 16];
    int64_t result[5];
    hc_piece p[5];
    const struct rlimit limit = {25, RLIM_INFINITY};
    hc_file *file = open_file("f", O_RDWR | O_CREAT), *full = open_file("/dev/full", O_RDWR);
    CHECK(file && full);
    for (int i = 0; i < 5; i++) p[i] = (hc_piece){file, bytes + 16 * i, 10, 0, &result[i]};
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    hc_pieces_move(p, 5, true, false);
    const int64_t want[5] = {10, 10, 5, -EFBIG, -EFBIG};
    for (int i = 0; i < 5; i++) EQ(result[i], want[i]);
    for (int i = 0; i < 5; i++) p[i].file = full;
    hc_pieces_move(p, 5, true, false);
    for (int i = 0; i < 5; i++) EQ(result[i], -ENOSPC);
    hc_file_put(file);
    hc_file_put(full);
}

/* In a process that may mount: as root, or as the root of its own user namespace. */
static int on_a_small_disk(void) {
    enum { EACH = 3000, MOST = 40 };
    static uint8_t bytes[MOST][3008];
    static int64_t result[MOST];
    static hc_piece p[MOST];
    if (unshare(CLONE_NEWNS) && unshare(CLONE_NEWUSER | CLONE_NEWNS)) return 77;
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) return 77;
    if (mkdir("small", 0700) || mount("tmpfs", "small", "tmpfs", 0, "size=65536")) return 77;
    hc_file *file = open_file("small/f", O_RDWR | O_CREAT);
    CHECK(file);
    int64_t sum = 0;
    for (int i = 0; i < MOST; i++) {
        p[i] = (hc_piece){file, bytes[i], EACH, 0, &result[i]};
        memset(bytes[i], 'a' + i % 26, EACH);
    }
    hc_pieces_move(p, MOST, true, false);
    for (int i = 0; i < MOST; i++) { /* whole ones, at most one short, then none */
        CHECK(i == 0 || result[i] == -ENOSPC || result[i - 1] == EACH);
        CHECK(result[i] == EACH || result[i] == -ENOSPC || (result[i] > 0 && result[i] < EACH));
        if (result[i] > 0) sum += result[i];
    }
    size_is("small/f", sum);
    CHECK(sum > 0 && sum <= 65536);
    EQ(result[MOST - 1], -ENOSPC);
    return 0;
}

static void a_disk_that_fills_up_loses_no_count(void) {
    scene();
    pid_t child = fork();
    CHECK(child >= 0);
    if (!child) _exit(on_a_small_disk());
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) fprintf(stderr, "nothing was mounted: not allowed here\n");
    else EQ(WEXITSTATUS(status), 0);
}

static void an_error_belongs_to_its_piece_alone(void) {
    scene();
    enum { EACH = 4096, MOST = 6 };
    int64_t result[MOST];
    hc_piece p[MOST];
    uint8_t *at = mmap(NULL, MOST * EACH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(at != MAP_FAILED);
    memset(at, 'x', MOST * EACH);
    CHECK(mprotect(at + 3 * EACH, EACH, PROT_NONE) == 0);
    for (int direct = 0; direct < 2; direct++)
        for (int positioned = 0; positioned < 2; positioned++) {
            hc_file *file = open_file("f", O_RDWR | O_CREAT | O_TRUNC | (direct ? O_DIRECT : 0));
            if (!file) continue; /* this file system has no O_DIRECT */
            for (int i = 0; i < MOST; i++) p[i] = (hc_piece){file, at + EACH * i, EACH, EACH * i, &result[i]};
            if (direct) p[1].at++, p[1].bytes = 1; /* not a sector's place and length */
            if (direct && positioned) p[1].bytes = EACH;
            hc_pieces_move(p, MOST, true, positioned);
            for (int i = 0; i < MOST; i++) {
                if (i == 3) EQ(result[i], -EFAULT);
                else if (direct && i == 1) CHECK(result[i] == -EINVAL || result[i] == (int64_t)p[1].bytes);
                else if (!(direct && !positioned)) EQ(result[i], EACH);
                else CHECK(result[i] == EACH || result[i] == -EINVAL); /* behind a byte that was let in */
            }
            hc_file_put(file);
        }
    munmap(at, MOST * EACH);
}

static void beyond_the_end_there_is_nothing(void) {
    scene();
    static uint8_t bytes[25], back[6 * 16];
    int64_t result[6];
    hc_piece p[6];
    hc_file *file = open_file("f", O_RDWR | O_CREAT);
    CHECK(file && write(file->host, bytes, 25) == 25 && lseek(file->host, 0, SEEK_SET) == 0);
    for (int positioned = 0; positioned < 2; positioned++) {
        for (int i = 0; i < 6; i++) p[i] = (hc_piece){file, back + 16 * i, 10, 10 * i, &result[i]};
        hc_pieces_move(p, 6, false, positioned);
        const int64_t want[6] = {10, 10, 5, 0, 0, 0};
        for (int i = 0; i < 6; i++) EQ(result[i], want[i]);
    }
    CHECK(hc_pieces_try(p, 2) || !hc_file_may_try(file)); /* cached: where it can be asked, the answer is yes */
    CHECK(!hc_pieces_try(p, 3));                          /* short: somebody else finds out why */
    hc_file_put(file);
}

static void reads_here_and_there_find_their_bytes(void) {
    scene();
    enum { SIZE = 1 << 20, MOST = 200 };
    static uint8_t bytes[SIZE];
    uint8_t *back = aligned_alloc(4096, MOST * 8192);
    static int64_t result[MOST];
    static hc_piece p[MOST];
    CHECK(back);
    for (int i = 0; i < SIZE; i++) bytes[i] = letter((uint64_t)i);
    for (int f = 0; f < 2; f++) {
        int fd = open(f ? "g" : "f", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        CHECK(fd >= 0 && write(fd, bytes + f, SIZE - 1) == SIZE - 1 && fsync(fd) == 0);
        close(fd);
    }
    uint32_t state = 1;
    for (int round = 0; round < 12; round++) {
        bool direct = round % 4 == 3;
        hc_file *file[2] = {open_file("f", O_RDONLY | (direct ? O_DIRECT : 0)), open_file("g", O_RDONLY)};
        if (!file[0]) file[0] = open_file("f", O_RDONLY);
        CHECK(file[0] && file[1]);
        if (round % 2) CHECK(posix_fadvise(file[0]->host, 0, 0, POSIX_FADV_DONTNEED) == 0);
        for (int i = 0; i < MOST; i++) {
            state = state * 1103515245 + 12345;
            bool second = state >> 30 & 1;
            uint64_t offset = (state >> 8) % SIZE, n = 1 + (state >> 4) % 8000;
            if (!second && file[0]->direct) offset &= ~4095ull, n = 4096; /* the last one ends short */
            p[i] = (hc_piece){file[second], back + 8192 * i, n, (int64_t)offset, &result[i]};
        }
        hc_pieces_move(p, MOST, false, true);
        for (int i = 0; i < MOST; i++) {
            int64_t left = SIZE - 1 - p[i].offset, want = left < (int64_t)p[i].bytes ? left : (int64_t)p[i].bytes;
            EQ(result[i], want);
            for (int64_t k = 0; k < want; k++) EQ(p[i].at[k], letter((uint64_t)(p[i].offset + k + (p[i].file == file[1]))));
        }
        hc_file_put(file[0]);
        hc_file_put(file[1]);
    }
    free(back);
}

static void a_ring_brings_back_all_that_was_sent(void) {
    scene();
    enum { MOST = 150 };
    static uint8_t bytes[MOST][512], back[MOST][512];
    static hc_uring_io io[MOST];
    int fd = open("f", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    for (int i = 0; i < MOST; i++) {
        memset(bytes[i], i, 512);
        io[i] = (hc_uring_io){fd, bytes[i], 512, 512 * (MOST - 1 - i), 0};
    }
    if (!hc_uring_run(io, MOST, true)) {
        fprintf(stderr, "no io_uring here\n");
        close(fd);
        return;
    }
    for (int i = 0; i < MOST; i++) EQ(io[i].result, 512);
    size_is("f", 512 * MOST);
    for (int i = 0; i < MOST; i++) io[i].at = back[i];
    io[7].fd = -1;
    io[100].offset = 512 * MOST - 100;
    CHECK(hc_uring_run(io, MOST, false));
    for (int i = 0; i < MOST; i++) {
        EQ(io[i].result, i == 7 ? -EBADF : i == 100 ? 100 : 512);
        if (i != 7 && i != 100) CHECK(!memcmp(back[i], bytes[i], 512));
    }
    close(fd);
}

/* ------------------------------------------------------------------------------------------------------ the services */
static int64_t run(hc_call *c) {
    fake_begin(c);
    fake_wait(c);
    int64_t r = c->result[0];
    fake_free(c);
    return r;
}
static int64_t x_open(const char *path, uint32_t flags) {
    static uint8_t text[256];
    hc_call *c = fake_call(S, HC_OP_OPEN, 1);
    const int64_t args[4] = {(int64_t)strlen(path), HC_WIRE_FDCWD, flags, 0600};
    for (uint32_t k = 0; k < 4; k++) fake_arg(c, k, 0, args[k]);
    memcpy(text, path, strlen(path));
    fake_payload(c, HC_PAY_STAGED, 0, text, strlen(path));
    return run(c);
}
static void x_close(int64_t fd) {
    hc_call *c = fake_call(S, HC_OP_CLOSE, 1);
    fake_arg(c, 0, 0, fd);
    EQ(run(c), 0);
}

enum { BLOCK = 112, LANES = 32, PACKETS = 120, WRITERS = 6 };
typedef struct writer {
    int64_t fd;
    uint32_t who;
    uint32_t op;
} writer;

static void *writer_main(void *arg) {
    const writer *w = arg;
    uint8_t bytes[LANES][BLOCK];
    hc_quiet quiet;
    hc_quiet_begin(&quiet); /* as on a thread of the server */
    for (uint32_t n = 0; n < PACKETS; n++) {
        hc_call *c = fake_call(S, w->op, LANES);
        for (uint32_t i = 0; i < LANES; i++) {
            uint32_t block = (w->who * PACKETS + n) * LANES + i;
            memset(bytes[i], (int)(block % 251 + 1), BLOCK);
            memcpy(bytes[i], &block, sizeof block);
            const int64_t args[4] = {BLOCK, 0, w->fd, (int64_t)block * BLOCK};
            for (uint32_t k = 0; k < (w->op == HC_OP_PWRITE ? 4u : 3u); k++) fake_arg(c, k, i, args[k]);
            fake_payload(c, HC_PAY_STAGED, i, bytes[i], BLOCK);
        }
        fake_begin(c);
        fake_wait(c);
        for (uint32_t i = 0; i < LANES; i++) EQ(c->result[i], BLOCK);
        fake_free(c);
    }
    hc_quiet_end(&quiet);
    return NULL;
}

static void packets_that_meet_at_a_file_stay_whole(void) {
    scene();
    static uint8_t got[BLOCK];
    for (int how = 0; how < 3; how++) {
        static const uint32_t flags[3] = {0, HC_WIRE_APPEND, 0};
        static bool seen[WRITERS * PACKETS * LANES];
        int64_t fd = x_open("f", HC_WIRE_RDWR | HC_WIRE_CREAT | HC_WIRE_TRUNC | flags[how]);
        CHECK(fd >= 0);
        pthread_t threads[WRITERS];
        writer writers[WRITERS];
        memset(seen, 0, sizeof seen);
        for (uint32_t i = 0; i < WRITERS; i++) {
            writers[i] = (writer){fd, i, how == 2 || (how == 1 && i % 2) ? HC_OP_PWRITE : HC_OP_WRITE};
            CHECK(pthread_create(&threads[i], NULL, writer_main, &writers[i]) == 0);
        }
        for (int i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
        size_is("f", (off_t)BLOCK * WRITERS * PACKETS * LANES);
        int in = open("f", O_RDONLY | O_CLOEXEC);
        for (uint32_t at = 0; at < WRITERS * PACKETS * LANES; at++) {
            uint32_t block;
            CHECK(read(in, got, BLOCK) == BLOCK);
            memcpy(&block, got, sizeof block);
            CHECK(block < WRITERS * PACKETS * LANES && !seen[block] && (how != 2 || block == at));
            seen[block] = true;
            for (uint32_t k = sizeof block; k < BLOCK; k++) EQ(got[k], block % 251 + 1);
        }
        close(in);
        x_close(fd);
    }
}

static hc_call *batch_call(uint32_t op, int64_t fd, uint32_t kind, uint8_t *part, int64_t bytes, int64_t requests) {
    hc_call *c = fake_call(S, op, 1);
    const int64_t args[4] = {bytes, 0, fd, requests};
    for (uint32_t k = 0; k < 4; k++) fake_arg(c, k, 0, args[k]);
    fake_payload(c, kind, 0, part, bytes > 0 ? (uint64_t)bytes : 0);
    return c;
}
static int64_t x_batch(uint32_t op, int64_t fd, uint8_t *part, int64_t bytes, int64_t requests) {
    return run(batch_call(op, fd, HC_PAY_STAGED, part, bytes, requests));
}

static void a_batch_trusts_nothing_that_lanes_wrote(void) {
    scene();
    enum { ROOM = 96, REQUESTS = 4 };
    uint8_t *part = aligned_alloc(16, ROOM + 16 * REQUESTS); /* the sanitizer sees what goes beyond */
    CHECK(part);
    int64_t (*table)[2] = (int64_t(*)[2])(void *)(part + ROOM);
    int64_t fd = x_open("f", HC_WIRE_RDWR | HC_WIRE_CREAT), dir = x_open(".", HC_WIRE_DIRECTORY),
            in = x_open("f", HC_WIRE_RDONLY);
    CHECK(fd >= 0 && dir >= 0 && in >= 0);
    const int64_t all = ROOM + 16 * REQUESTS;
    memset(part, 'q', ROOM);
    const int64_t asked[][REQUESTS][2] = {
        {{0, 20}, {100, 16}, {-1, 4}, {40, 0}},
        {{0, INT64_MAX}, {0, 1}, {INT64_MAX, 1}, {0, -1}},
        {{0, -8}, {7, 1}, {0, INT64_MIN}, {3, 97}},
        {{5, 96}, {5, 1}, {5, 0}, {5, 0}},
    };
    const int64_t want[][REQUESTS] = {
        {20, 16, -EINVAL, 0}, {-EINVAL, -EINVAL, -EINVAL, -EINVAL}, {-EINVAL, -EINVAL, -EINVAL, -EINVAL}, {96, -EINVAL, 0, 0}};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        for (uint32_t op = HC_OP_WRITE_AT; op >= HC_OP_READ_AT; op--) {
            memcpy(table, asked[i], sizeof asked[i]);
            EQ(x_batch(op, fd, part, all, REQUESTS), REQUESTS);
            for (int k = 0; k < REQUESTS; k++) EQ(table[k][1], want[i][k]);
        }
    size_is("f", 116);
    EQ(x_batch(HC_OP_READ_AT, fd, part, all, 0), 0);
    EQ(x_batch(HC_OP_READ_AT, fd, part, all, -1), -EINVAL);
    EQ(x_batch(HC_OP_READ_AT, fd, part, all, 11), -EINVAL);
    EQ(x_batch(HC_OP_READ_AT, fd, part, all, INT64_MAX), -EINVAL);
    EQ(x_batch(HC_OP_READ_AT, fd, part, all - 1, 1), -EINVAL);
    EQ(x_batch(HC_OP_READ_AT, fd, part, 0, 1), -EINVAL);
    EQ(x_batch(HC_OP_READ_AT, 40, part, all, 1), -EBADF);
    EQ(x_batch(HC_OP_READ_AT, -1, part, all, 1), -EBADF);
    EQ(x_batch(HC_OP_READ_AT, dir, part, all, 1), -EISDIR);
    EQ(x_batch(HC_OP_WRITE_AT, dir, part, all, 1), -EBADF);
    EQ(x_batch(HC_OP_WRITE_AT, in, part, all, 1), -EBADF);
    EQ(x_batch(HC_OP_WRITE_AT, 1, part, all, 1), -ESPIPE);
    EQ(run(batch_call(HC_OP_READ_AT, fd, HC_PAY_INLINE, part, all, 1)), -EFAULT);
    EQ(run(batch_call(HC_OP_READ_AT, fd, HC_PAY_BYREF, part, all, 1)), -EFAULT);
    x_close(fd);
    x_close(dir);
    x_close(in);
    free(part);
}

static void batches_of_many_lanes_are_carried_out_together(void) {
    scene();
    enum { REQUESTS = 70, EACH = 48, PART = REQUESTS * (EACH + 16) }; /* more than one system call takes */
    static uint8_t parts[LANES][PART] __attribute__((aligned(16)));
    int64_t fd = x_open("f", HC_WIRE_RDWR | HC_WIRE_CREAT);
    for (uint32_t op = HC_OP_WRITE_AT; op >= HC_OP_READ_AT; op--) {
        hc_call *c = fake_call(S, op, LANES);
        for (uint32_t i = 0; i < LANES; i++) {
            const int64_t args[4] = {PART, 0, i == 5 ? 50 : fd, REQUESTS};
            for (uint32_t k = 0; k < 4; k++) fake_arg(c, k, i, args[k]);
            fake_payload(c, HC_PAY_STAGED, i, parts[i], PART);
            int64_t (*table)[2] = (int64_t(*)[2])(void *)(parts[i] + REQUESTS * EACH);
            for (uint32_t k = 0; k < REQUESTS; k++) {
                table[k][0] = (int64_t)((REQUESTS - 1 - k) * LANES + i) * EACH;
                table[k][1] = EACH;
                memset(parts[i] + k * EACH, op == HC_OP_WRITE_AT ? (int)((k * LANES + i) % 255 + 1) : 0, EACH);
            }
        }
        fake_begin(c);
        fake_wait(c);
        for (uint32_t i = 0; i < LANES; i++) {
            int64_t (*table)[2] = (int64_t(*)[2])(void *)(parts[i] + REQUESTS * EACH);
            EQ(c->result[i], i == 5 ? -EBADF : REQUESTS);
            for (uint32_t k = 0; i != 5 && k < REQUESTS; k++) {
                EQ(table[k][1], EACH);
                for (uint32_t b = 0; b < EACH; b++) EQ(parts[i][k * EACH + b], (k * LANES + i) % 255 + 1);
            }
        }
        fake_free(c);
    }
    x_close(fd);
}

static const struct {
    const char *name;
    void (*run)(void);
} CASES[] = {
#define CASE(name) {#name, name},
    CASE(neighbours_travel_together_and_each_gets_its_count)
    CASE(what_no_longer_fits_is_told_to_the_pieces_behind)
    CASE(a_disk_that_fills_up_loses_no_count)
    CASE(an_error_belongs_to_its_piece_alone)
    CASE(beyond_the_end_there_is_nothing)
    CASE(reads_here_and_there_find_their_bytes)
    CASE(a_ring_brings_back_all_that_was_sent)
    CASE(packets_that_meet_at_a_file_stay_whole)
    CASE(a_batch_trusts_nothing_that_lanes_wrote)
    CASE(batches_of_many_lanes_are_carried_out_together)
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
