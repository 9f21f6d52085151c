/* SPDX-License-Identifier: Apache-2.0
 *
 * C threads that play lanes. Whole blocks run at a time, each lane of a running block on a thread of its own, so lanes
 * may wait for each other and for the host. It knows nothing of channels.
 */
#include "server_internal.h"
#include "lane_threads.h"
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

/* What a lane does between polls, by their number: pause (looking again at once makes the reply come later), then give
 * the core away, then sleep. A lane that takes the core from nobody pauses for longer than most calls take. */
#define PAUSE_ROOMY  192u
#define PAUSE_SPIN   256u
#define PAUSE_YIELD  320u
#define NUDGE_FIRST  48u
#define NUDGE_AGAIN  120u /* the first may have come between the poller's last look and its sleep */
#define PAUSE_MIN_NS 20000u
#define PAUSE_MAX_NS 1000000u
#define BARRIER_SPIN 200u
#define GUARD_BYTES  (64u << 10)
/* Slots are 4 to a line of replies, 16 to a line of claims and 64 to a line of bells: neighbours would take these lines
 * from each other. Odd, so that the hints of as many lanes as there are slots are all different. */
#define HINT_STRIDE 67u

typedef struct place place;

typedef struct player {
    hc_host_lane lane; /* first: what a kernel's thread-local points at */
    jmp_buf out;
    jmp_buf *inner; /* of the innermost body that lane_enter runs */
    const hc_lane_locals *locals;
    hc_lane_set_self set_self;
    place *at;
    struct hc_lanes *pool;
    uint32_t index;
    pthread_t thread;
} player;

/* Where one block plays. */
struct place {
    pthread_mutex_t lock;
    pthread_cond_t turn;
    uint32_t playing, arrived; /* lanes that have not left; those of them at the barrier */
    uint32_t ended;            /* lanes that wait for the next block */
    _Atomic uint32_t sense;    /* changes with each barrier */
    _Atomic uint32_t
        turnover;   /* changes with each new block; apart from sense, as lanes that ended must not go on at a barrier */
    uint64_t block; /* index, or the grid's size: no more */
    hc_u64 scratch[HC_BLOCK_SCRATCH];
};

typedef struct launch {
    struct launch *next;
    int64_t ticket;
    hc_lane_entry entry;
    hc_lane_set_self set_self;
    uint32_t grid, block, places;
    void (*on_done)(void *);
    void *on_done_arg;
    _Atomic uint64_t next_block;
    uint32_t running; /* players not done with it */
    hc_lane_locals locals;
    _Alignas(max_align_t) unsigned char args[];
} launch;

struct hc_lanes {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    uint32_t max_threads, nthreads;
    size_t stack_bytes;
    player **players;
    place *places;
    launch *head, **end; /* head runs */
    hc_lane_entry last_entry; /* whose thread-locals these are: looking for them takes a while */
    hc_lane_locals last_locals;
    void (*nudge)(void *);
    void *nudge_argument;
    int64_t issued, finished;
    bool stopping;
    uint32_t fork_generation;
};

static uint32_t cores(void) {
    static _Atomic uint32_t known;
    uint32_t n = atomic_load_explicit(&known, memory_order_relaxed);
    if (!n) atomic_store_explicit(&known, n = hc_cores(), memory_order_relaxed);
    return n;
}

static _Thread_local const hc_lanes *pool_here;
/* Every lane of the launch has a core, and the poller has one too: waiting takes nothing from anybody. */
static _Thread_local bool roomy;

/* ------------------------------------------------------------------------------------------------------- what a lane
 * may call */
static void lane_pause(hc_u32 round) {
    if ((round == NUDGE_FIRST || round == NUDGE_AGAIN) && pool_here->nudge) pool_here->nudge(pool_here->nudge_argument);
    if (!roomy) round += cores() > 1 || round < 4 ? PAUSE_ROOMY : PAUSE_SPIN;
    if (round < PAUSE_SPIN) {
        hc_cpu_relax();
    } else if (round < PAUSE_YIELD) {
        (void)sched_yield();
    } else {
        uint64_t ns = PAUSE_MIN_NS * (uint64_t)(1 + (round - PAUSE_YIELD) / 16);
        struct timespec t = hc_timespec(ns < PAUSE_MAX_NS ? ns : PAUSE_MAX_NS);
        (void)nanosleep(&t, NULL);
    }
}

static hc_u64 lane_timer(void) { return hc_now_ns(); }

/* With the place's lock held: everybody at the barrier may go on. */
static void flip(place *p) {
    p->arrived = 0;
    (void)atomic_fetch_add_explicit(&p->sense, 1, memory_order_release);
    pthread_cond_broadcast(&p->turn);
}

/* Waits until `word` changes. With the lock held; returns with it released. */
static void await_change(place *p, _Atomic uint32_t *word) {
    uint32_t seen = atomic_load_explicit(word, memory_order_relaxed);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t i = 0; i < BARRIER_SPIN; i++) {
        if (atomic_load_explicit(word, memory_order_acquire) != seen) return;
        if (cores() <= 2)
            (void)sched_yield();
        else
            hc_cpu_relax();
    }
    pthread_mutex_lock(&p->lock);
    while (atomic_load_explicit(word, memory_order_acquire) == seen) pthread_cond_wait(&p->turn, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

static void lane_barrier(hc_host_lane *self) {
    place *p = ((player *)self)->at;
    if (self->block_dim == 1) return;
    pthread_mutex_lock(&p->lock);
    if (++p->arrived == p->playing) {
        flip(p);
        pthread_mutex_unlock(&p->lock);
    } else {
        await_change(p, &p->sense);
    }
}

static void lane_leave(hc_host_lane *self) { longjmp(((player *)self)->out, 1); }

/* The kernel's thread-locals, its lane pointer among them, as they are when a thread begins. */
static void renew(player *y) {
    if (!hc_lane_locals_renew(y->locals)) return;
    y->set_self(&y->lane);
}

static int lane_enter(hc_host_lane *self, void (*body)(void *), void *argument) {
    player *y = (player *)self;
    jmp_buf here, *const outer = y->inner;
    int unwound;
    renew(y);
    y->lane.err = 0;
    y->inner = &here;
    unwound = setjmp(here);
    if (!unwound) body(argument);
    y->inner = outer;
    return unwound != 0;
}

static void lane_unwind(hc_host_lane *self) {
    player *y = (player *)self;
    if (y->inner) longjmp(*y->inner, 1);
}

/* ---------------------------------------------------------------------------------------------------------- playing */
static void play_block(player *y, launch *l) {
    place *p = y->at;
    y->lane.block_id = (hc_u32)p->block;
    y->lane.err = 0;
    y->inner = NULL;
    renew(y);
    y->lane.strtok_at = 0;
    if (setjmp(y->out) == 0) l->entry(l->args);
    pthread_mutex_lock(&p->lock);
    p->playing--;
    if (p->playing && p->arrived == p->playing) flip(p); /* the others wait for lanes that still play only */
    if (++p->ended == l->block) {
        p->ended = 0;
        p->playing = l->block;
        memset(p->scratch, 0, sizeof p->scratch);
        p->block = atomic_fetch_add_explicit(&l->next_block, 1, memory_order_relaxed);
        (void)atomic_fetch_add_explicit(&p->turnover, 1, memory_order_release);
        pthread_cond_broadcast(&p->turn);
        pthread_mutex_unlock(&p->lock);
    } else {
        await_change(p, &p->turnover);
    }
}

static void play(player *y, launch *l) {
    uint32_t local = y->index % l->block;
    y->at = &y->pool->places[y->index / l->block];
    y->lane = (hc_host_lane){
        .local_id = local,
        .block_dim = l->block,
        .grid_dim = l->grid,
        .hint = y->index * HINT_STRIDE,
        .launch = (hc_u32)l->ticket,
        .barrier = lane_barrier,
        .pause = lane_pause,
        .leave = lane_leave,
        .timer_ns = lane_timer,
        .block_scratch = y->at->scratch,
        .rest = hc_lane_rest,
        .stir = hc_lane_stir,
        .enter = lane_enter,
        .unwind = lane_unwind,
        .block_at = y->lane.block_at,
    };
    hc_lane_stack(&y->lane.stack_base, &y->lane.stack_bytes);
    y->locals = &l->locals;
    y->set_self = l->set_self;
    roomy = l->places * l->block < cores();
    l->set_self(&y->lane);
    while (y->at->block < l->grid) play_block(y, l);
    l->set_self(NULL);
}

/* With the pool's lock held: makes the first launch of the queue ready to play. */
static void prepare(hc_lanes *p) {
    launch *l = p->head;
    if (!l) {
        if (p->stopping) pthread_cond_broadcast(&p->work);
        return;
    }
    l->running = l->places * l->block;
    atomic_store_explicit(&l->next_block, l->places, memory_order_relaxed);
    for (uint32_t i = 0; i < l->places; i++) {
        place *at = &p->places[i];
        at->playing = l->block;
        at->arrived = at->ended = 0;
        at->block = i;
        memset(at->scratch, 0, sizeof at->scratch);
    }
    pthread_cond_broadcast(&p->work);
}

/* With the pool's lock held: the first launch is over. */
static void retire(hc_lanes *p) {
    launch *l = p->head;
    if (l->on_done) {
        pthread_mutex_unlock(&p->lock);
        l->on_done(l->on_done_arg);
        pthread_mutex_lock(&p->lock);
    }
    p->head = l->next;
    if (!p->head) p->end = &p->head;
    p->finished = l->ticket;
    free(l);
    pthread_cond_broadcast(&p->done);
    prepare(p);
}

static void *player_main(void *arg) {
    player *y = arg;
    hc_lanes *p = y->pool;
    int64_t last = 0;
    pool_here = p;
    hc_faults_enter(&y->lane);
    pthread_mutex_lock(&p->lock);
    for (;;) {
        launch *l = p->head;
        if (l && l->ticket > last) {
            last = l->ticket;
            if (y->index < l->places * l->block) {
                pthread_mutex_unlock(&p->lock);
                play(y, l);
                pthread_mutex_lock(&p->lock);
                if (--l->running == 0) retire(p);
            }
            continue;
        }
        if (p->stopping && !l) break;
        pthread_cond_wait(&p->work, &p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    hc_faults_leave();
    return NULL;
}

/* --------------------------------------------------------------------------------------------------------- the pool */
hc_lanes *hc_lanes_create(uint32_t max_threads, size_t stack_bytes) {
    hc_lanes *p = max_threads ? calloc(1, sizeof *p) : NULL;
    if (!p) return NULL;
    p->max_threads = max_threads;
    p->stack_bytes = stack_bytes;
    p->end = &p->head;
    p->fork_generation = hc_fork_generation();
    p->players = calloc(max_threads, sizeof *p->players);
    p->places = calloc(max_threads, sizeof *p->places);
    if (!p->players || !p->places) {
        free(p->players);
        free(p->places);
        free(p);
        return NULL;
    }
    pthread_mutex_init(&p->lock, NULL);
    hc_cond_init(&p->work);
    hc_cond_init(&p->done);
    for (uint32_t i = 0; i < max_threads; i++) {
        pthread_mutex_init(&p->places[i].lock, NULL);
        pthread_cond_init(&p->places[i].turn, NULL);
    }
    return p;
}

void hc_lanes_nudge(hc_lanes *p, void (*nudge)(void *), void *argument) {
    p->nudge = nudge;
    p->nudge_argument = argument;
}

/* With the lock held: as many players as can be had, at most `want`. */
static void recruit(hc_lanes *p, uint32_t want) {
    sigset_t all, old;
    pthread_attr_t attr;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are for the embedding program's threads */
    pthread_attr_init(&attr);
    if (p->stack_bytes) (void)pthread_attr_setstacksize(&attr, p->stack_bytes);
    if (hc_faults_watched()) (void)pthread_attr_setguardsize(&attr, GUARD_BYTES); /* frames of some pages do not jump over it */
    while (p->nthreads < want) {
        player *y = calloc(1, sizeof *y);
        if (!y) break;
        y->pool = p;
        y->index = p->nthreads;
        if (pthread_create(&y->thread, &attr, player_main, y)) {
            free(y);
            break;
        }
        hc_thread_name(y->thread, "hc-lane-%u", y->index);
        p->players[p->nthreads++] = y;
    }
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

int64_t hc_lanes_launch(hc_lanes *p, hc_lane_entry entry, hc_lane_set_self set_self, const void *args, size_t arg_bytes,
                        uint32_t grid, uint32_t block, void (*on_done)(void *), void *on_done_arg) {
    if (p->fork_generation != hc_fork_generation()) return -ESHUTDOWN;
    if (!entry || !set_self || grid == 0 || block == 0 || block > p->max_threads) return -EINVAL;
    launch *l = calloc(1, sizeof *l + arg_bytes);
    if (!l) return -ENOMEM;
    l->entry = entry;
    l->set_self = set_self;
    l->grid = grid;
    l->block = block;
    l->on_done = on_done;
    l->on_done_arg = on_done_arg;
    if (arg_bytes) memcpy(l->args, args, arg_bytes);
    uint32_t places = p->max_threads / block;
    if (places > grid) places = grid;
    pthread_mutex_lock(&p->lock);
    if (p->last_entry != entry) {
        hc_lane_locals_find((uintptr_t)entry, &p->last_locals);
        p->last_entry = entry;
    }
    l->locals = p->last_locals;
    recruit(p, places * block);
    if (places > p->nthreads / block) places = p->nthreads / block;
    if (p->stopping || places == 0) {
        int64_t rc = p->stopping ? -ESHUTDOWN : -EAGAIN;
        pthread_mutex_unlock(&p->lock);
        free(l);
        return rc;
    }
    l->places = places;
    int64_t ticket = l->ticket = ++p->issued;
    bool first = !p->head;
    *p->end = l;
    p->end = &l->next;
    if (first) prepare(p);
    pthread_mutex_unlock(&p->lock);
    return ticket;
}

int hc_lanes_wait(hc_lanes *p, int64_t ticket, uint64_t timeout_ns) {
    if (p->fork_generation != hc_fork_generation()) return -ESHUTDOWN;
    uint64_t now = hc_now_ns();
    struct timespec until = hc_timespec(timeout_ns > UINT64_MAX - now ? UINT64_MAX : now + timeout_ns);
    int rc = 0;
    pthread_mutex_lock(&p->lock);
    if (ticket <= 0 || ticket > p->issued) rc = EINVAL;
    while (p->finished < ticket && rc == 0) rc = pthread_cond_timedwait(&p->done, &p->lock, &until);
    if (rc == ETIMEDOUT && p->finished >= ticket) rc = 0;
    pthread_mutex_unlock(&p->lock);
    return -rc;
}

void hc_lanes_destroy(hc_lanes *p) {
    if (!p || p->fork_generation != hc_fork_generation()) return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t i = 0; i < p->nthreads; i++) {
        pthread_join(p->players[i]->thread, NULL);
        free(p->players[i]);
    }
    for (uint32_t i = 0; i < p->max_threads; i++) {
        pthread_mutex_destroy(&p->places[i].lock);
        pthread_cond_destroy(&p->places[i].turn);
    }
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->done);
    pthread_mutex_destroy(&p->lock);
    free(p->places);
    free(p->players);
    free(p);
}
