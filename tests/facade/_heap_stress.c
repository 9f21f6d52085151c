/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives hc/heap.h on the host, with pthreads playing lanes: one test a run, chosen by the first argument, exit
 * status 0 when it held. It knows the heap by its documented interface and statistics only, so a change of the
 * inside can't make it lie.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "hc/platform.h"

static hc_u64 arena, arena_bytes;

HC_FN void hc_heap_where(hc_u64 *base, hc_u64 *bytes) {
    *base = arena;
    *bytes = arena_bytes;
}
HC_FN void hc_errno_set(int code) { hc_self->err = code; }

/* A lane that sees something and then loses its core is what lanes of a GPU are to each other all the time. */
static void meanwhile(void);
#define HC_HEAP_MEANWHILE() meanwhile()
#include "hc/heap.h"

#define CHECK(cond, ...)                                                                                               \
    do {                                                                                                               \
        if (!(cond)) fail(__LINE__, #cond, __VA_ARGS__);                                                               \
    } while (0)

__attribute__((noreturn, format(printf, 3, 4))) static void fail(int line, const char *what, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    fprintf(stderr, "line %d: not %s: ", line, what);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

static uint64_t next_random(uint64_t *state) {
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return x * 0x2545f4914f6cdd1dull;
}

static _Thread_local uint64_t pauses; /* 0: never */
static _Thread_local void (*script)(void);
static void meanwhile(void) {
    if (pauses && next_random(&pauses) % 16 == 0) sched_yield();
    if (script) script();
}

static uint64_t seeded(uint64_t seed) { return (seed + 1) * 0x9e3779b97f4a7c15ull; }

static hc_u64 stat_of(unsigned offset) { return hc_dev_load64(arena + offset); }

/* mmap, so that what lies outside the arena is not ours by luck; the front is moved to try every base alignment. */
static void make_arena(uint64_t bytes, uint64_t shift_base) {
    unsigned char *p = mmap(NULL, bytes + (1u << 17), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED, "mmap of %" PRIu64 " bytes: %s", bytes, strerror(errno));
    arena = (hc_u64)(uintptr_t)p + shift_base;
    arena_bytes = bytes;
}

static void be_lane(hc_host_lane *lane, unsigned index) {
    memset(lane, 0, sizeof *lane);
    lane->hint = index;
    hc_self = lane;
}

static hc_u64 chunks_bytes(void) {
    const hc_heap_map m = hc_heap_map_of(arena, arena_bytes);
    return (hc_u64)m.chunks << m.shift;
}

/* Everything was freed: the numbers say so, and one block of all chunks fits, which no leak and no lost chunk
 * survives. */
static void check_empty(void) {
    hc_u64 all = chunks_bytes(), failures = stat_of(HC_HEAP_STAT_FAILURES), at, usable;
    CHECK(hc_heap_live(arena, arena_bytes) == 0, "live %" PRIu64, (uint64_t)hc_heap_live(arena, arena_bytes));
    CHECK(stat_of(HC_HEAP_STAT_HELD) == 0, "held %" PRIu64, (uint64_t)stat_of(HC_HEAP_STAT_HELD));
    at = hc_heap_alloc(arena, arena_bytes, all, 16);
    CHECK(at != 0, "no block of all %" PRIu64 " bytes", (uint64_t)all);
    usable = hc_heap_usable(arena, arena_bytes, at);
    CHECK(usable == all, "usable %" PRIu64, (uint64_t)usable);
    CHECK(at >= arena && at + all <= arena + arena_bytes, "block outside the arena");
    CHECK(hc_heap_alloc(arena, arena_bytes, 1, 1) == 0, "a block too many");
    CHECK(stat_of(HC_HEAP_STAT_FAILURES) == failures + 1, "failure not counted");
    CHECK(hc_heap_free(arena, arena_bytes, at) == 0, "free of the whole");
    CHECK(stat_of(HC_HEAP_STAT_HELD_PEAK) == all, "peak %" PRIu64, (uint64_t)stat_of(HC_HEAP_STAT_HELD_PEAK));
}

static void fill(hc_u64 at, uint64_t size, uint64_t tag) {
    unsigned char *p = (unsigned char *)(uintptr_t)at;
    for (uint64_t i = 0; i < size; i++) p[i] = (unsigned char)(tag + i * 7);
}

static void check_fill(hc_u64 at, uint64_t size, uint64_t tag) {
    const unsigned char *p = (const unsigned char *)(uintptr_t)at;
    for (uint64_t i = 0; i < size; i++) {
        CHECK(p[i] == (unsigned char)(tag + i * 7), "byte %" PRIu64 " of %" PRIu64, i, size);
    }
}

static uint64_t random_size(uint64_t *rng) {
    uint64_t r = next_random(rng), span = 16ull << (r % 9);
    if ((r >> 8) % 64 == 0) return (r >> 20) % (arena_bytes / 8);
    return (r >> 20) % span + ((r >> 9) & 1 ? span / 4 : 0);
}

static uint64_t random_align(uint64_t *rng) {
    uint64_t r = next_random(rng);
    return r % 4 ? 16 : 1ull << ((r >> 8) % 14);
}

/* --------------------------------------------------------------------------------------------------------- one lane */
struct block {
    hc_u64 at;
    uint64_t size, usable, tag;
};

static void model(uint64_t seed, uint64_t operations) {
    enum { MOST = 4096 };
    static struct block blocks[MOST];
    uint64_t rng = seeded(seed), live = 0, failed = 0;
    unsigned n = 0;
    unsigned char *taken = calloc(arena_bytes / 16 + 1, 1);
    for (uint64_t op = 0; op < operations; op++) {
        /* Drifts between nearly empty and nearly full. */
        int grow = n == 0 || (n < MOST && next_random(&rng) % 100 < ((op / 5000) & 1 ? 40u : 60u));
        if (grow) {
            struct block *b = &blocks[n];
            uint64_t align = random_align(&rng);
            b->size = random_size(&rng);
            b->at = hc_heap_alloc(arena, arena_bytes, b->size, align);
            if (b->at == 0) {
                failed++;
                continue;
            }
            b->usable = hc_heap_usable(arena, arena_bytes, b->at);
            b->tag = op;
            CHECK((b->at & (align - 1)) == 0 && (b->at & 15) == 0, "alignment %" PRIu64, align);
            CHECK(b->usable >= b->size && b->usable >= 16, "usable %" PRIu64 " of %" PRIu64, b->usable, b->size);
            CHECK(b->at >= arena && b->at + b->usable <= arena + arena_bytes, "outside the arena");
            for (uint64_t g = (b->at - arena) / 16; g < (b->at - arena + b->usable) / 16; g++) {
                CHECK(!taken[g], "overlap at %#" PRIx64, (uint64_t)(arena + g * 16));
                taken[g] = 1;
            }
            fill(b->at, b->usable, b->tag);
            live += b->usable;
            n++;
        } else {
            unsigned i = (unsigned)(next_random(&rng) % n);
            struct block b = blocks[i];
            check_fill(b.at, b.usable, b.tag);
            memset(taken + (b.at - arena) / 16, 0, b.usable / 16);
            CHECK(hc_heap_free(arena, arena_bytes, b.at) == 0, "free");
            CHECK(hc_heap_usable(arena, arena_bytes, b.at) == 0, "freed block still usable");
            live -= b.usable;
            blocks[i] = blocks[--n];
        }
        CHECK(hc_heap_live(arena, arena_bytes) == live, "live %" PRIu64 " but %" PRIu64, (uint64_t)hc_heap_live(arena, arena_bytes), live);
    }
    CHECK(stat_of(HC_HEAP_STAT_FAILURES) == failed, "failures");
    CHECK(stat_of(HC_HEAP_STAT_BAD_FREES) == 0, "bad frees");
    while (n > 0) {
        n--;
        check_fill(blocks[n].at, blocks[n].usable, blocks[n].tag);
        CHECK(hc_heap_free(arena, arena_bytes, blocks[n].at) == 0, "last frees");
    }
    check_empty();
    printf("%" PRIu64 " operations, %" PRIu64 " refused\n", operations, failed);
    free(taken);
}

/* The arena's bytes are turned over `times` times at a fill where allocations fail now and then. */
static void turnover(uint64_t seed, uint64_t times, uint64_t floor) {
    enum { MOST = 1 << 16 };
    static struct block blocks[MOST];
    uint64_t rng = seeded(seed), turned = 0, asked = 0, worst = ~0ull, last = 0, all = chunks_bytes();
    unsigned n = 0;
    while (turned < times * all) {
        struct block b;
        b.size = 1 + next_random(&rng) % (16u << (next_random(&rng) % 9));
        b.at = n < MOST ? hc_heap_alloc(arena, arena_bytes, b.size, 16) : 0;
        if (b.at != 0) {
            turned += b.size;
            asked += b.size;
            blocks[n++] = b;
            continue;
        }
        CHECK(n > 0, "an empty heap refuses %" PRIu64 " bytes", b.size);
        last = asked * 1000 / all;
        if (last < worst) worst = last;
        for (unsigned drop = n / 4 + 1; drop > 0; drop--) {
            unsigned i = (unsigned)(next_random(&rng) % n);
            CHECK(hc_heap_free(arena, arena_bytes, blocks[i].at) == 0, "free");
            asked -= blocks[i].size;
            blocks[i] = blocks[--n];
        }
    }
    printf("asked for when an allocation failed, per mille: worst %" PRIu64 ", last %" PRIu64 "\n", worst, last);
    while (n > 0) CHECK(hc_heap_free(arena, arena_bytes, blocks[--n].at) == 0, "last frees");
    check_empty();
    CHECK(worst > floor, "fragmentation: %" PRIu64 " per mille", worst);
}

static void bad_frees(void) {
    hc_u64 small[64], large, bad = 0;
    for (unsigned i = 0; i < 64; i++) small[i] = hc_heap_alloc(arena, arena_bytes, 48, 16);
    large = hc_heap_alloc(arena, arena_bytes, arena_bytes / 4, 16);
    CHECK(large != 0 && small[63] != 0, "set-up");
    const hc_u64 live = hc_heap_live(arena, arena_bytes), wild[] = {
        0, 1, 16, arena - 16, arena, arena + 8, arena + HC_HEAP_TABLES, arena + arena_bytes, arena + arena_bytes + 4096,
        ~0ull, small[5] + 8, small[5] + 16, small[5] + 1, large + 16, large + 4096, large + arena_bytes / 8,
    };
    for (unsigned i = 0; i < sizeof wild / sizeof *wild; i++) {
        CHECK(hc_heap_free(arena, arena_bytes, wild[i]) == -1, "wild free %u", i);
        CHECK(hc_heap_usable(arena, arena_bytes, wild[i]) == 0, "wild usable %u", i);
        bad++;
    }
    CHECK(hc_heap_live(arena, arena_bytes) == live, "a bad free changed the heap");
    for (unsigned i = 0; i < 64; i++) {
        CHECK(hc_heap_free(arena, arena_bytes, small[i]) == 0, "free");
        CHECK(hc_heap_free(arena, arena_bytes, small[i]) == -1, "double free %u", i);
        bad++;
    }
    CHECK(hc_heap_free(arena, arena_bytes, large) == 0, "free");
    CHECK(hc_heap_free(arena, arena_bytes, large) == -1, "double free of a run");
    CHECK(stat_of(HC_HEAP_STAT_BAD_FREES) == bad + 1, "counted %" PRIu64, (uint64_t)stat_of(HC_HEAP_STAT_BAD_FREES));
    check_empty();
    /* Arenas that can't be used answer 0 and are not written to. */
    CHECK(hc_heap_alloc(arena, HC_HEAP_MIN_BYTES - 1, 16, 16) == 0, "too small an arena");
    CHECK(hc_heap_alloc(arena + 8, arena_bytes - 8, 16, 16) == 0, "misaligned arena");
    CHECK(hc_heap_alloc(0, 0, 16, 16) == 0 && hc_heap_free(0, 0, 64) == -1, "no arena");
    CHECK(hc_heap_alloc(arena, arena_bytes, 16, 48) == 0, "48 is no alignment");
    CHECK(hc_heap_alloc(arena, arena_bytes, ~0ull, 16) == 0, "huge size");
    CHECK(hc_heap_alloc(arena, arena_bytes, 16, 1ull << 63) == 0, "huge alignment");
}

static void libc_names(void) {
    hc_host_lane *lane = hc_self;
    hc_u64 failures;
    void *p = hc_malloc(0), *q = hc_malloc(0), *out = &out;
    unsigned char *bytes;
    CHECK(p && q && p != q && lane->err == 0, "malloc(0) gives unique pointers");
    hc_free(p);
    hc_free(q);
    hc_free(NULL);
    CHECK(stat_of(HC_HEAP_STAT_BAD_FREES) == 0, "free(NULL) is no bad free");
    CHECK(!hc_malloc(arena_bytes) && lane->err == ENOMEM, "ENOMEM");
    lane->err = 0;
    failures = stat_of(HC_HEAP_STAT_FAILURES);
    CHECK(!hc_calloc(1ull << 33, 1ull << 31) && lane->err == ENOMEM, "calloc overflow to 0");
    lane->err = 0;
    CHECK(!hc_calloc(~0ull / 16 + 2, 16) && lane->err == ENOMEM, "calloc overflow to 16");
    CHECK(stat_of(HC_HEAP_STAT_FAILURES) == failures, "an overflow is no failure of the heap");
    lane->err = 0;
    for (unsigned i = 0; i < 64; i++) {
        bytes = hc_malloc(777);
        fill((hc_u64)(uintptr_t)bytes, 777, 255);
        hc_free(bytes);
    }
    bytes = hc_calloc(37, 21);
    for (unsigned i = 0; i < 777; i++) CHECK(bytes[i] == 0, "calloc byte %u", i);
    hc_free(bytes);
    CHECK(hc_calloc(0, 5) && hc_calloc(5, 0), "calloc of nothing is like malloc(0)");

    p = hc_realloc(NULL, 100);
    fill((hc_u64)(uintptr_t)p, 100, 1);
    for (uint64_t size = 100; size < arena_bytes / 6; size = size * 3 / 2) {
        p = hc_realloc(p, size * 3 / 2);
        CHECK(p, "realloc to %" PRIu64, size * 3 / 2);
        check_fill((hc_u64)(uintptr_t)p, size, 1);
        fill((hc_u64)(uintptr_t)p, size * 3 / 2, 1);
    }
    q = p;
    CHECK(!hc_realloc(p, arena_bytes) && lane->err == ENOMEM, "realloc too large");
    lane->err = 0;
    check_fill((hc_u64)(uintptr_t)q, 100, 1);
    p = hc_realloc(p, 64);
    CHECK(p && hc_heap_usable(arena, arena_bytes, (hc_u64)(uintptr_t)p) == 64, "a shrunk block gives back");
    check_fill((hc_u64)(uintptr_t)p, 64, 1);
    CHECK(!hc_realloc(p, 0) && lane->err == 0, "realloc to 0 frees");
    CHECK(!hc_realloc(p, 10) && lane->err == EINVAL, "realloc of a freed block");
    CHECK(stat_of(HC_HEAP_STAT_BAD_FREES) == 1, "realloc of a freed block is counted");
    lane->err = 0;

    for (uint64_t align = 1; align <= 8192; align *= 2) {
        p = hc_aligned_alloc(align, 24);
        CHECK(p && ((uintptr_t)p & (align - 1)) == 0, "aligned_alloc %" PRIu64, align);
        hc_free(p);
        CHECK(hc_posix_memalign(&out, align, 5000) == (align < 8 ? EINVAL : 0), "posix_memalign %" PRIu64, align);
        if (align >= 8) {
            CHECK(((uintptr_t)out & (align - 1)) == 0, "posix_memalign %" PRIu64, align);
            hc_free(out);
        }
    }
    CHECK(!hc_aligned_alloc(24, 24) && lane->err == EINVAL, "24 is no alignment");
    CHECK(!hc_aligned_alloc(0, 24), "0 is no alignment");
    lane->err = 0;
    out = &out;
    CHECK(hc_posix_memalign(&out, 24, 1) == EINVAL && out == &out, "24 is no alignment");
    CHECK(hc_posix_memalign(&out, 64, arena_bytes) == ENOMEM && out == &out && lane->err == 0, "errno is left alone");
    {
        hc_u64 had = arena_bytes;
        arena_bytes = 0;
        CHECK(!hc_malloc(1) && lane->err == ENOMEM && !hc_realloc(q, 1), "no heap");
        hc_free(q);
        arena_bytes = had;
    }
}

/* ------------------------------------------------------------------------------------------------------- many lanes */
enum { MOST_THREADS = 64, SHELVES = 1024 };

struct worker {
    pthread_t thread;
    hc_host_lane lane;
    unsigned index;
    uint64_t rng, operations, size, got, *kept;
};

static uint64_t shelf[SHELVES]; /* an address that whoever comes by takes, checks and frees */
static pthread_barrier_t start_line;

struct header {
    uint64_t size, tag;
};

static void take_back(uint64_t at) {
    struct header h = *(struct header *)(uintptr_t)at;
    check_fill(at + sizeof h, h.size - sizeof h, h.tag);
    CHECK(hc_heap_free(arena, arena_bytes, at) == 0, "free of %" PRIu64 " bytes at %#" PRIx64, h.size, at);
}

static void *trade(void *arg) {
    struct worker *me = arg;
    be_lane(&me->lane, me->index);
    pauses = seeded(me->rng);
    pthread_barrier_wait(&start_line);
    for (uint64_t op = 0; op < me->operations; op++) {
        uint64_t r = next_random(&me->rng), old;
        struct header h = {sizeof h + random_size(&me->rng), r};
        hc_u64 at = hc_heap_alloc(arena, arena_bytes, h.size, 16);
        if (at != 0) {
            *(struct header *)(uintptr_t)at = h;
            fill(at + sizeof h, h.size - sizeof h, h.tag);
            me->got++;
        }
        /* A refused allocation still takes something off a shelf, so the heap can't get stuck full. */
        old = __atomic_exchange_n(&shelf[r % SHELVES], at, __ATOMIC_ACQ_REL);
        if (old != 0) take_back(old);
    }
    return NULL;
}

static void *use_up(void *arg) {
    struct worker *me = arg;
    be_lane(&me->lane, me->index);
    pauses = seeded(me->rng);
    pthread_barrier_wait(&start_line);
    for (;;) {
        hc_u64 at = hc_heap_alloc(arena, arena_bytes, me->size, 16);
        if (at == 0) break;
        *(hc_u64 *)(uintptr_t)at = at ^ me->index;
        me->kept[me->got++] = at;
    }
    pthread_barrier_wait(&start_line);
    for (uint64_t i = 0; i < me->got; i++) {
        CHECK(*(hc_u64 *)(uintptr_t)me->kept[i] == (me->kept[i] ^ me->index), "block of two owners");
        CHECK(hc_heap_free(arena, arena_bytes, me->kept[i]) == 0, "free");
    }
    return NULL;
}

/* The same block is freed by all lanes at once: exactly one may succeed. */
static uint64_t contested[256];
static void *free_all(void *arg) {
    struct worker *me = arg;
    be_lane(&me->lane, me->index);
    pauses = seeded(me->rng);
    for (uint64_t round = 0; round < me->operations; round++) {
        if (pthread_barrier_wait(&start_line) == PTHREAD_BARRIER_SERIAL_THREAD) {
            for (unsigned i = 0; i < 256; i++) {
                contested[i] = hc_heap_alloc(arena, arena_bytes, i % 32 ? 40 : arena_bytes / 32, 16);
                CHECK(contested[i] != 0, "set-up");
            }
        }
        pthread_barrier_wait(&start_line);
        for (unsigned i = 0; i < 256; i++) me->got += hc_heap_free(arena, arena_bytes, contested[i]) == 0;
    }
    return NULL;
}

/* A lane adds to the count of a chunk that has become part of a run since it looked. The run's own changes must leave that addition in
 * place until the lane takes it back. */
static sem_t lane_goes, run_goes;
static hc_u64 last_block, whole_run;
static int run_is_freed;

static void wait_for(sem_t *s) {
    while (sem_wait(s) != 0) continue;
}
static void lane_script(void) {
    static unsigned step;
    switch (++step) {
    case 1: /* saw a chunk of its class with room: now the chunk becomes empty, and another lane gathers a run */
        script = NULL;
        CHECK(hc_heap_free(arena, arena_bytes, last_block) == 0, "free");
        script = lane_script;
        sem_post(&run_goes);
        wait_for(&lane_goes);
        break;
    case 2: /* has added to the run's first chunk */
        script = NULL;
        step = 0;
        sem_post(&run_goes);
        wait_for(&lane_goes);
        break;
    }
}
static void run_script(void) {
    static unsigned step;
    if (++step == 2) { /* has claimed the first chunk */
        step = 0;
        script = NULL;
        sem_post(&lane_goes);
        wait_for(&run_goes);
    }
}
static void *gather(void *arg) {
    hc_host_lane *lane = arg;
    be_lane(lane, 0);
    wait_for(&run_goes);
    script = run_script;
    whole_run = hc_heap_alloc(arena, arena_bytes, chunks_bytes(), 16);
    script = NULL;
    if (run_is_freed) CHECK(hc_heap_free(arena, arena_bytes, whole_run) == 0, "free of the run");
    sem_post(&lane_goes);
    return NULL;
}
static void in_vain(void) {
    sem_init(&lane_goes, 0, 0);
    sem_init(&run_goes, 0, 0);
    for (run_is_freed = 0; run_is_freed < 2; run_is_freed++) {
        hc_host_lane lane;
        pthread_t thread;
        hc_u64 at;
        last_block = hc_heap_alloc(arena, arena_bytes, 48, 16);
        CHECK(last_block != 0 && pthread_create(&thread, NULL, gather, &lane) == 0, "set-up");
        script = lane_script;
        at = hc_heap_alloc(arena, arena_bytes, 48, 16);
        script = NULL;
        pthread_join(thread, NULL);
        CHECK(whole_run != 0, "the run");
        CHECK((at != 0) == run_is_freed, "one block besides a run of all chunks");
        if (at != 0) CHECK(hc_heap_free(arena, arena_bytes, at) == 0, "free");
        if (!run_is_freed) {
            CHECK(hc_heap_usable(arena, arena_bytes, whole_run) == chunks_bytes(), "the run's length");
            CHECK(hc_heap_free(arena, arena_bytes, whole_run) == 0, "free of the run");
        }
        CHECK(stat_of(HC_HEAP_STAT_BAD_FREES) == 0, "bad frees");
        check_empty();
    }
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t race(void *(*body)(void *), unsigned threads, uint64_t operations, uint64_t size, uint64_t seed) {
    static struct worker workers[MOST_THREADS];
    uint64_t got = 0;
    CHECK(threads > 0 && threads <= MOST_THREADS, "%u threads", threads);
    pthread_barrier_init(&start_line, NULL, threads);
    for (unsigned i = 0; i < threads; i++) {
        struct worker *w = &workers[i];
        memset(w, 0, sizeof *w);
        w->index = i;
        w->rng = seeded(seed * MOST_THREADS + i);
        w->operations = operations;
        w->size = size;
        w->kept = size ? malloc(arena_bytes / size * sizeof *w->kept + 8) : NULL;
        CHECK(pthread_create(&w->thread, NULL, body, w) == 0, "thread %u", i);
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        got += workers[i].got;
        free(workers[i].kept);
    }
    pthread_barrier_destroy(&start_line);
    return got;
}

int main(int argc, char **argv) {
    static hc_host_lane lane;
    uint64_t seed, bytes, count;
    unsigned threads;
    if (argc != 6) {
        fprintf(stderr, "usage: %s TEST SEED BYTES COUNT THREADS (turnover: FLOOR per mille)\n", argv[0]);
        return 2;
    }
    seed = strtoull(argv[2], NULL, 0);
    bytes = strtoull(argv[3], NULL, 0);
    count = strtoull(argv[4], NULL, 0);
    threads = (unsigned)strtoul(argv[5], NULL, 0);
    make_arena(bytes, 64 * (seed % 1024));
    be_lane(&lane, 0);
    if (!strcmp(argv[1], "model")) {
        model(seed, count);
    } else if (!strcmp(argv[1], "turnover")) {
        turnover(seed, count, threads);
    } else if (!strcmp(argv[1], "bad")) {
        bad_frees();
    } else if (!strcmp(argv[1], "vain")) {
        in_vain();
    } else if (!strcmp(argv[1], "libc")) {
        libc_names();
    } else if (!strcmp(argv[1], "trade")) {
        double begin = now();
        uint64_t got = race(trade, threads, count, 0, seed);
        double rate = (double)got / (now() - begin) * 1e-6;
        printf("%.2f M pairs/s, %" PRIu64 " of %" PRIu64 " granted\n", rate, got, count * threads);
        CHECK(got > count * threads / 4, "hardly anything was granted");
        for (unsigned i = 0; i < SHELVES; i++) {
            if (shelf[i]) take_back(shelf[i]);
        }
        CHECK(stat_of(HC_HEAP_STAT_BAD_FREES) == 0, "bad frees");
        check_empty();
    } else if (!strcmp(argv[1], "exhaust")) {
        /* Lanes that ask for one size get every slot of every chunk between them: nothing is refused too early,
         * nothing lost. */
        static const uint64_t sizes[] = {16, 48, 1024};
        for (uint64_t i = 0; i < count; i++) {
            const hc_heap_map m = hc_heap_map_of(arena, arena_bytes);
            uint64_t size = sizes[i % 3], got = race(use_up, threads, 0, size, seed);
            uint64_t want = m.chunks * (uint64_t)((1u << m.shift) / size);
            CHECK(got == want, "%" PRIu64 " of %" PRIu64 " blocks of %" PRIu64, got, want, size);
            CHECK(stat_of(HC_HEAP_STAT_BAD_FREES) == 0, "bad frees");
        }
        check_empty();
    } else if (!strcmp(argv[1], "contend")) {
        uint64_t got = race(free_all, threads, count, 0, seed);
        CHECK(got == count * 256, "%" PRIu64 " of %" PRIu64 " blocks freed", got, count * 256);
        CHECK(stat_of(HC_HEAP_STAT_BAD_FREES) == count * 256 * (threads - 1), "bad frees");
        check_empty();
    } else {
        fprintf(stderr, "no test %s\n", argv[1]);
        return 2;
    }
    return 0;
}
