/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives hc/heap.h with warps of several lanes on the host: each lane is a thread, and the lane operations are rendezvous of the lanes in
 * their mask, which need not run at the same pace otherwise. That is more freedom than a GPU takes. Exit status 0 when all held.
 */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HC_HOST_SERVER /* of the platform only types and atomics: who plays the lanes is decided here */
#include "hc/platform.h"

enum { LANES = 8, MOST_WARPS = 8, SHELVES = 256 };

struct meeting {
    unsigned arrived, generation;
    hc_u64 in[LANES], out[LANES];
};

struct warp {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct meeting meetings[1u << LANES]; /* by mask: two meetings of one mask can't overlap */
};

static struct warp warps[MOST_WARPS];
static _Thread_local unsigned my_warp, my_lane, converged;
static _Thread_local uint64_t rng;

static uint64_t next_random(void) {
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return rng * 0x2545f4914f6cdd1dull;
}

static void meet(hc_mask mask, hc_u64 mine, hc_u64 all[LANES]) {
    struct warp *w = &warps[my_warp];
    struct meeting *m = &w->meetings[mask];
    pthread_mutex_lock(&w->lock);
    m->in[my_lane] = mine;
    if (++m->arrived == (unsigned)__builtin_popcount(mask)) {
        memcpy(m->out, m->in, sizeof m->out);
        m->arrived = 0;
        m->generation++;
        pthread_cond_broadcast(&w->moved);
    } else {
        unsigned before = m->generation;
        while (m->generation == before) pthread_cond_wait(&w->moved, &w->lock);
    }
    memcpy(all, m->out, sizeof m->out);
    pthread_mutex_unlock(&w->lock);
}

HC_FN hc_u32 hc_lane(void) { return my_lane; }
HC_FN hc_u32 hc_popc(hc_mask m) { return (hc_u32)__builtin_popcount(m); }
HC_FN hc_u32 hc_first(hc_mask m) { return (hc_u32)__builtin_ctz(m); }
HC_FN hc_u32 hc_rank(hc_mask m) { return hc_popc(m & ((1u << my_lane) - 1u)); }
HC_FN hc_u32 hc_warp_hint(void) { return my_warp; }
/* Who is here can't be told from inside: the first question after lanes came together is answered with all of them. */
HC_FN hc_mask hc_active_mask(void) {
    hc_mask here = converged ? (1u << LANES) - 1u : 1u << my_lane;
    converged = 0;
    return here;
}
HC_FN hc_u64 hc_shfl64(hc_mask m, hc_u64 v, hc_u32 src) {
    hc_u64 all[LANES];
    meet(m, v, all);
    return all[src];
}
HC_FN hc_u32 hc_shfl32(hc_mask m, hc_u32 v, hc_u32 src) { return (hc_u32)hc_shfl64(m, v, src); }
HC_FN hc_mask hc_match64(hc_mask m, hc_u64 v) {
    hc_u64 all[LANES];
    hc_mask same = 0;
    meet(m, v, all);
    for (unsigned i = 0; i < LANES; i++) {
        if ((m >> i & 1u) && all[i] == v) same |= 1u << i;
    }
    return same;
}
HC_FN hc_mask hc_ballot(hc_mask m, int pred) {
    hc_u64 all[LANES];
    hc_mask yes = 0;
    meet(m, pred != 0, all);
    for (unsigned i = 0; i < LANES; i++) {
        if ((m >> i & 1u) && all[i]) yes |= 1u << i;
    }
    return yes;
}

#define HC_HEAP_MEANWHILE() (next_random() % 16 == 0 ? (void)sched_yield() : (void)0)
#define HC_HEAP_CORE_ONLY
#include "hc/heap.h"

#define CHECK(cond, ...)                                                                                               \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            fprintf(stderr, "line %d: not %s: ", __LINE__, #cond);                                                     \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fputc('\n', stderr);                                                                                       \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static hc_u64 arena, arena_bytes;
static uint64_t shelf[SHELVES];
static pthread_barrier_t start_line;

/* The first two words name the owner, and the last one too: two owners of one block could not both find theirs. */
static void stamp(hc_u64 at, uint64_t size, uint64_t tag) {
    HC_AT(hc_u64, at)[0] = size;
    HC_AT(hc_u64, at)[1] = tag;
    HC_AT(hc_u64, at)[size / 8 - 1] = tag;
}
static void give_back(hc_u64 at) {
    uint64_t size = HC_AT(hc_u64, at)[0], tag = HC_AT(hc_u64, at)[1];
    CHECK(size >= 16 && size <= arena_bytes && HC_AT(hc_u64, at)[size / 8 - 1] == tag, "a block of %" PRIu64 " bytes has two owners", size);
    HC_AT(hc_u64, at)[1] = ~tag;
    HC_AT(hc_u64, at)[size / 8 - 1] = ~tag;
    CHECK(hc_heap_free(arena, arena_bytes, at) == 0, "free of %" PRIu64 " bytes at %#" PRIx64, size, (uint64_t)at);
}

struct player {
    pthread_t thread;
    unsigned warp, lane;
    uint64_t seed, rounds, got;
};

static void *play(void *arg) {
    struct player *me = arg;
    uint64_t common = me->seed * 0x9e3779b97f4a7c15ull + me->warp + 1; /* the same for all lanes of the warp */
    my_warp = me->warp;
    my_lane = me->lane;
    rng = common * 31 + me->lane + 1;
    pthread_barrier_wait(&start_line);
    for (uint64_t round = 0; round < me->rounds; round++) {
        const hc_heap_map m = hc_heap_map_of(arena, arena_bytes);
        uint64_t largest = (1u << m.shift) / 2, size, old;
        hc_u64 at;
        int runs;
        common = common * 6364136223846793005ull + 1442695040888963407ull;
        runs = (common >> 40) % 8 == 0;
        if (runs) size = largest + 8 + next_random() % (4 * largest);
        else if ((common >> 44) % 4 == 0) size = 16u << (common >> 50) % 4; /* all lanes the same class */
        else size = 16 + next_random() % (largest >> next_random() % 6);
        size = size / 8 * 8;
        if (!runs && size > largest) size = largest;
        if (size < 16) size = 16;
        converged = !runs;
        at = hc_heap_alloc(arena, arena_bytes, size, 16);
        converged = 0;
        if (at != 0) {
            stamp(at, size, round << 16 | me->warp << 8 | me->lane);
            me->got++;
        }
        old = __atomic_exchange_n(&shelf[next_random() % SHELVES], at, __ATOMIC_ACQ_REL);
        if (old != 0) give_back(old);
    }
    return NULL;
}

int main(int argc, char **argv) {
    static struct player players[MOST_WARPS * LANES];
    unsigned count;
    uint64_t seed, rounds, got = 0, whole;
    void *memory;
    hc_u64 all;
    if (argc != 5) {
        fprintf(stderr, "usage: %s SEED BYTES ROUNDS WARPS\n", argv[0]);
        return 2;
    }
    seed = strtoull(argv[1], NULL, 0);
    arena_bytes = strtoull(argv[2], NULL, 0);
    rounds = strtoull(argv[3], NULL, 0);
    count = (unsigned)strtoul(argv[4], NULL, 0);
    CHECK(count > 0 && count <= MOST_WARPS, "%u warps", count);
    memory = mmap(NULL, arena_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED, "no memory");
    arena = (hc_u64)(uintptr_t)memory;
    rng = seed + 1;
    pthread_barrier_init(&start_line, NULL, count * LANES);
    for (unsigned i = 0; i < count; i++) {
        pthread_mutex_init(&warps[i].lock, NULL);
        pthread_cond_init(&warps[i].moved, NULL);
    }
    for (unsigned i = 0; i < count * LANES; i++) {
        players[i] = (struct player){.warp = i / LANES, .lane = i % LANES, .seed = seed, .rounds = rounds};
        CHECK(pthread_create(&players[i].thread, NULL, play, &players[i]) == 0, "thread %u", i);
    }
    for (unsigned i = 0; i < count * LANES; i++) {
        pthread_join(players[i].thread, NULL);
        got += players[i].got;
    }
    printf("%" PRIu64 " of %" PRIu64 " granted\n", got, rounds * count * LANES);
    CHECK(got > rounds * count * LANES / 8, "hardly anything was granted");
    for (unsigned i = 0; i < SHELVES; i++) {
        if (shelf[i]) give_back(shelf[i]);
    }
    whole = (hc_u64)hc_heap_map_of(arena, arena_bytes).chunks << hc_heap_map_of(arena, arena_bytes).shift;
    CHECK(hc_heap_live(arena, arena_bytes) == 0, "live %" PRIu64, (uint64_t)hc_heap_live(arena, arena_bytes));
    CHECK(hc_dev_load64(arena + HC_HEAP_STAT_HELD) == 0, "held %" PRIu64, (uint64_t)hc_dev_load64(arena + HC_HEAP_STAT_HELD));
    CHECK(hc_dev_load64(arena + HC_HEAP_STAT_BAD_FREES) == 0, "bad frees");
    all = hc_heap_alloc(arena, arena_bytes, whole, 16);
    CHECK(all != 0 && hc_heap_free(arena, arena_bytes, all) == 0, "no block of all %" PRIu64 " bytes", whole);
    return 0;
}
