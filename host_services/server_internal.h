/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the polling core share: the server's own state and the few steps that one noun asks of another.
 * Services never include it. No lock is held while a service runs, and at most one lock at a time is held anywhere
 * (parks.lock over pool.lock, and the two sinks of a page that outgrew its memory, apart).
 */
#ifndef HC_SERVER_INTERNAL_H
#define HC_SERVER_INTERNAL_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "server.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define HC_OPCODES        1024u /* opcodes below this have a place in the dispatch table */
#define HC_OPS_KNOWN      128u  /* services of all families together */
#define HC_HOT            16u   /* slots whose heads are looked at without waiting for the bell */
#define HC_NO_SLOT_ANSWER UINT32_MAX

/* A channel address as host memory. */
#define HC_HOST_AT(type, address) ((type *)(uintptr_t)(address))

static inline void hc_cpu_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
/* Vector instructions of every x86-64. ThreadSanitizer is shown scalar atomic accesses instead. */
#if defined(__SSE2__) && !defined(HC_TSAN)
#define HC_SSE 1
/* One word of the channel by one load; only its 8-byte halves need to be whole. */
static inline __m128i hc_bus_load_sse(uint64_t at) {
    __m128i w;
    __asm__ volatile("movdqa %1, %0" : "=x"(w) : "m"(*HC_HOST_AT(const __m128i, at)));
    return w;
}
static inline void hc_bus_store_sse(uint64_t at, __m128i w) {
    __asm__ volatile("movdqa %1, %0" : "=m"(*HC_HOST_AT(__m128i, at)) : "x"(w));
}
/* A reply word by one store; like hc_put_word. */
static inline void hc_put_reply(uint64_t at, uint64_t value, uint32_t tag) {
    hc_bus_store_sse(at, _mm_unpacklo_epi32(_mm_cvtsi64_si128((long long)value), _mm_set1_epi32((int)tag)));
}
#else
#define HC_SSE 0
static inline void hc_put_reply(uint64_t at, uint64_t value, uint32_t tag) { hc_put_word(at, value, tag); }
#endif
#define HC_LINE 64u
/* Sends for a line that will be written: the device has read it, so that a store alone would wait until it is ours. */
static inline void hc_prefetch_to_write(uint64_t at) {
#if defined(__x86_64__)
    __asm__ volatile("prefetchw %0" : : "m"(*HC_HOST_AT(const char, at)));
#else
    __builtin_prefetch(HC_HOST_AT(const void, at), 1);
#endif
}
/* Drains write-combining buffers: a reply that lies in one is not on its way yet. */
static inline void hc_store_fence(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_sfence();
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/* --------------------------------------------------------------------------------------------------------- counting */
typedef struct hc_tally_op {
    _Atomic uint64_t packets, lanes, bytes, errors, ticks, max_ticks;
} hc_tally_op;

/* One thread's counters. Only their thread writes them, so counting costs a plain store; `shared` is for threads that
 * are not ours. */
typedef struct hc_tally {
    bool shared;
    _Atomic uint64_t packets, lanes, posted_records, posted_words, posted_bad, bad_packets, fillers, holes, parked,
        worker_calls, nop_sum, python_calls, python_errors, busy_ticks, sweeps,
        naps;
    hc_tally_op ops[HC_OPS_KNOWN];
} hc_tally;

static inline void hc_bump(hc_tally *t, _Atomic uint64_t *counter, uint64_t n) {
    if (t->shared)
        (void)atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
    else
        atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}
extern _Thread_local hc_tally *hc_thread_tally; /* NULL on threads that are not the server's */
extern _Thread_local bool hc_thread_is_worker;
hc_tally *hc_tally_here(hc_server *s);

/* ---------------------------------------------------------------------------------------------------------- pollers */
typedef struct hc_poller {
    hc_server *server;
    uint32_t index;
    bool started;
    pthread_t thread;
    hc_tally *tally;
    hc_call *spare;         /* what the next packet is copied into */
    uint64_t executed_seen; /* last look at ring.executed */
    uint64_t held_checked;  /* ring.executed when the held calls were last gone through */
    uint64_t now_ns;        /* refreshed once a sweep */
    uint32_t plain_dense, plain_count, plain_lanes, plain_errors; /* answered by look_plain, not counted yet */
    uint64_t plain_since;   /* ticks when the first of them was looked at */
    uint32_t last_sweep;    /* packets served by it */
    const struct hc_op_entry *plain_entry; /* of the last plain packet: the next one is probably alike */
    hc_call *held, **held_end;
    uint32_t nheld;
    uint32_t hot[HC_HOT], nhot, hot_at;
    uint32_t hot_sweep[HC_HOT], sweeps; /* when each was last served; sweeps made */
    uint32_t replies; /* not yet pushed out of write-combining buffers */
    _Atomic bool seated; /* a thread has its slots and everything above: its own, or the first poller's for a sweep */
    uint8_t apart[128]; /* what one poller writes for every packet shares no line with what the next one reads */
} hc_poller;

/* ------------------------------------------------------------------------------------------------------ posted ring */
typedef struct hc_ring {
    /* the owner's: whoever has `busy` */
    uint64_t position, published, have; /* have: words of the record at `position` that are copied already */
    uint64_t *record, *into;            /* HC_MAX_RECORD_WORDS; where that record is copied to: `record`, or a batch */
    uint64_t idle_ns;                   /* when sinks were last told that the ring is dry */
    uint64_t until_ns;                  /* how long the owner waits for a free batch; 0: as long as it takes */
    bool stalled;                       /* it did, in vain */
    /* everybody's */
    _Atomic uint64_t executed;
    _Atomic uint64_t taken;    /* `published`, for those who may not trust the channel's copy of it */
    _Atomic uint64_t moved_ns; /* when `executed` last changed, or the drain thread began to sleep */
    _Atomic uint64_t next;     /* the word that a sleeping drain thread waits for */
    _Atomic uint32_t sleeping;
    pthread_mutex_t lock;
    pthread_cond_t owner_gone, wake;
    bool busy, wanted;
    pthread_t thread;
    bool started;
    hc_tally *tally;
} hc_ring;

/* ------------------------------------------------------------------------------------------------------- formatters */
#define HC_BATCH_WORDS    8192u /* two of the longest records; of short ones as many lines as take some 200 us to format */
#define HC_MAX_FORMATTERS 64u

/* Prints that follow each other in the ring, copied out of it, and their text. */
typedef struct hc_batch {
    struct hc_batch *next;   /* among the free ones, or among those that wait for a formatter */
    struct hc_batch *behind; /* the next one in ring order */
    struct hc_formatters *formatters;
    uint64_t end;            /* position behind its last record */
    uint32_t used;           /* words */
    bool here;               /* the ring's owner formats it itself */
    bool has_turn;           /* its page goes into the sinks while it is formatted */
    bool done;
    hc_page *page;
    uint64_t words[HC_BATCH_WORDS];
} hc_batch;

typedef struct hc_formatters {
    struct hc_server *server;
    /* the ring owner's */
    hc_batch *open; /* being filled */
    /* under `lock` */
    hc_batch *unused, *todo, **todo_end, *order, **order_end;
    bool going_out; /* somebody puts pages into the sinks; one at a time, so that they stay in order */
    bool flush;     /* with the next page */
    bool ended;
    pthread_mutex_t lock;
    pthread_cond_t work, moved;
    /* everybody's */
    _Atomic uint32_t under_way; /* handed over and not yet in the sinks */
    _Atomic uint32_t waiting;   /* of these, not yet begun */
    uint32_t started, nbatches;
    pthread_t threads[HC_MAX_FORMATTERS];
} hc_formatters;

/* -------------------------------------------------------------------------------------------------------- completion
 * words */
typedef struct hc_completion {
    uint32_t index, generation;
    int64_t value;
} hc_completion;

typedef struct hc_parks {
    pthread_mutex_t lock;
    uint32_t *generation;
    uint32_t *free_list, nfree;
    uint32_t *delivered, ndelivered; /* in order of delivery, not acknowledged yet */
    hc_call *waiting, **waiting_end; /* calls that found no completion word: their slots are unanswered */
    _Atomic uint32_t nwaiting;
    hc_completion *late; /* deferred transports: written by the next serve_once */
    size_t nlate, late_room;
} hc_parks;

/* ---------------------------------------------------------------------------------------------------------- workers */
typedef struct hc_workers {
    _Atomic(hc_call *) inbox; /* newest first: whoever brings work */
    char apart[64];           /* pollers write what is above, workers what is below: not in one cache line */
    _Atomic uint32_t looking; /* workers that are awake and have nothing to do */
    _Atomic uint32_t asleep;  /* workers that wait for a token nobody has posted yet */
    sem_t tokens;
    char apart2[64];
    pthread_mutex_t lock;
    hc_call *head;          /* oldest first */
    _Atomic uint32_t ready; /* head is not NULL, for those who only look */
    uint32_t count, created;
    _Atomic uint32_t started;
    pthread_t *threads;
    hc_tally **tallies;
} hc_workers;

/* ----------------------------------------------------------------------------------------------------------- events */
typedef void (*hc_event_fn)(hc_call *c, uint32_t rank, uint32_t events);
typedef struct hc_watch_entry {
    struct hc_watch_entry *next, *prev;
    hc_event_fn fn;
    hc_call *call;
    uint32_t rank;
    int fd;
} hc_watch_entry;
typedef struct hc_timer_entry {
    uint64_t at_ns;
    hc_event_fn fn;
    hc_call *call;
    uint32_t rank;
} hc_timer_entry;
typedef struct hc_events {
    pthread_mutex_t lock;
    int epoll, wake, timer;
    hc_watch_entry *watches;
    hc_timer_entry *heap;
    size_t timers, room;
    bool closed; /* nothing is accepted any more */
    pthread_t thread;
    bool started;
    hc_tally *tally;
} hc_events;

/* --------------------------------------------------------------------------------------------------------------- the
 * server */
typedef struct hc_op_entry {
    const struct hc_family_op *op;
    hc_plain_fn plain;
    uint32_t plain_head; /* head word 0 of a packet that `plain` can answer, but for the bits of per-lane arguments */
    uint32_t dense;       /* index in hc_tally.ops */
} hc_op_entry;

typedef struct hc_slab {
    struct hc_slab *next;
    hc_call calls[16];
} hc_slab;

struct hc_server {
    hc_server_options o;
    hc_layout layout;
    /* addresses of the parts */
    uint64_t heads, bells, acks, tails, reply_heads, reply_lanes, park_words, ring_words_at, payload, control;
    uint64_t payload_bytes;
    uint32_t *served; /* per slot: the last sequence accepted. Outlives poller threads: nothing is ever run twice. */
    uint8_t *mirror;  /* per slot: its low 8 bits, compared with the bells */
    uint8_t *hot;     /* per slot: on its poller's hot list */
    uint32_t groups, npollers, cores;
    uint64_t ring_words;
    double ticks_per_ns;
    uint64_t ticks_per_us, born_ns, born_ticks, real_ns;

    hc_op_entry table[HC_OPCODES];
    uint32_t nops;
    const struct hc_family_op *dense[HC_OPS_KNOWN];
    void *parts[HC_PARTS];
    const hc_family *families[HC_PARTS];

    _Atomic int64_t active;
    _Atomic bool closing;
    bool running, closed, stuck;
    uint32_t fork_generation;
    pthread_mutex_t lock;
    pthread_cond_t wake, threads_gone, launch_ended;
    uint64_t ended; /* launches */
    _Atomic uint32_t pollers_left; /* pollers that left their seats to the first one */
    _Atomic uint32_t napping;      /* futex: the first poller sleeps between two looks */
    uint32_t pollers_called;       /* counts the times that they were called back */
    uint32_t threads; /* started and not yet at their end */
    pthread_mutex_t close_lock;

    hc_poller pollers[HC_MAX_POLLERS];
    hc_ring ring;
    hc_formatters formatters;
    hc_parks parks;
    hc_workers workers;
    hc_events events;

    pthread_mutex_t pool_lock;
    hc_slab *slabs;
    hc_call *free_calls;
    _Atomic uint64_t calls_taken;
    char apart[64];              /* pollers take, workers give back: not in one cache line */
    _Atomic(hc_call *) returned; /* given back since: taken over when free_calls is empty */
    _Atomic uint64_t calls_returned;
    char apart2[64];

    pthread_rwlock_t range_lock;
    hc_range ranges[HC_MAX_RANGES];
    uint32_t nranges;
    _Atomic uint64_t byref_live;

    pthread_mutex_t abort_lock;
    _Atomic uint32_t aborted; /* abort_code, for those who only look */
    uint32_t abort_code, abort_thread, abort_block;
    int32_t abort_status;
    char *abort_message;
    size_t abort_bytes;

    pthread_mutex_t serve_lock;            /* serve_once and whoever else plays the poller of a deferred server */
    hc_tally *tallies[HC_MAX_POLLERS + 3]; /* pollers, drain, events, shared */
    hc_tally *shared;
};

/* server.c */
uint32_t hc_fork_generation(void);
bool hc_server_dead(
    const hc_server *s); /* this process is a child of the one that made the server: its threads do not exist */
void hc_cond_init(pthread_cond_t *c); /* waits by CLOCK_MONOTONIC */
struct timespec hc_timespec(uint64_t ns);
uint64_t hc_ticks(void);
void hc_thread_name(pthread_t thread, const char *format, uint32_t index) __attribute__((format(printf, 2, 0)));
uint32_t hc_cores(void); /* CPUs that this process may use */
void hc_thread_done(hc_server *s); /* last thing a thread of the server does */
bool hc_server_deferred(const hc_server *s);
void hc_refresh_clock(hc_server *s, uint64_t now_ns);

/* calls.c */
hc_call *hc_call_new(hc_server *s);
void hc_call_reset(hc_call *c); /* the fields that a copy does not set */
void hc_call_drop(hc_call *c);  /* back to the pool, nothing is answered */
uint64_t hc_calls_live(hc_server *s); /* taken and not given back */
void hc_calls_free(hc_server *s);
void hc_reply_value(hc_server *s, uint32_t slot, uint32_t seq, uint32_t form, uint64_t value);
void hc_reply_results(hc_call *c); /* the slot's reply: uniform or by lane */
/* The reply of the lanes in `mask`: n results in lane order, or one for all. */
void hc_reply_lanes(hc_server *s, uint32_t slot, uint32_t seq, uint32_t mask, uint32_t n, const int64_t *results);
void hc_reply_wrap(hc_server *s, uint32_t slot);
/* Finds each rank's payload; 0, or -EPROTO. By-reference ranks outside the registered ranges are taken out of the call
 * (fault_mask). `room`: bytes of inline payload there. */
int hc_call_payload(hc_call *c, uint64_t offset, uint8_t *inline_at, uint64_t room);
/* Answers and counts without giving the call back: what hc_call_finish does to a call that its poller wants to keep. */
void hc_call_settle(hc_call *c, hc_tally *t);
/* Runs a service on a poller or the drain thread. True: the call is settled and still the caller's; false: it belongs
 * to others now. */
bool hc_call_dispatch(hc_call *c, hc_tally *t);

/* parks.c */
int hc_parks_create(hc_server *s);
void hc_parks_destroy(hc_server *s);
void hc_parks_retry(hc_server *s);   /* calls that wait for a completion word, if acknowledgements have freed some */
void hc_parks_flush(hc_server *s);   /* deferred transports: writes what was finished between launches */
void hc_parks_settle(hc_call *c);    /* delivers what is not delivered yet */
void hc_parks_abandon(hc_server *s); /* at close: every parked rank that nobody finished gets -ESHUTDOWN */

/* poller.c */
void *hc_poller_main(void *arg);

/* sweep.c */
uint32_t hc_poller_sweep(hc_poller *p); /* number of packets accepted */
void hc_poller_release(hc_poller *p, bool closing);

/* posted.c */
int hc_ring_create(hc_server *s);
void hc_ring_destroy(hc_server *s);
void *hc_ring_main(void *arg);
bool hc_ring_ready(hc_server *s); /* the next word is there */
void hc_ring_wake(hc_server *s);
void hc_ring_settle(hc_server *s);                /* the owner's: `executed` catches up once no print is on its way */
int hc_ring_own(hc_server *s, uint64_t until_ns); /* 0 or -ETIMEDOUT */
void hc_ring_disown(hc_server *s);
/* The owner's: consumes at most `limit` words; returns the records run. */
uint64_t hc_ring_drain(hc_server *s, hc_tally *t, uint64_t limit);
uint64_t hc_ring_skip_hole(hc_server *s,
                           hc_tally *t); /* words skipped to the next record of this lap; 0: nothing more */

/* formatters.c: between the ring and the sinks. What the owner of the ring calls, unless said. */
int hc_formatters_create(hc_server *s);
void hc_formatters_destroy(hc_server *s);
void *hc_formatter_main(void *arg);
uint64_t *hc_formatters_room(hc_server *s, uint32_t nwords); /* where a record is copied to; NULL: no batch came free in time */
void hc_formatters_add(hc_server *s, uint32_t nwords);       /* the record in that room is whole */
/* The ring is dry: prints that are copied go on their way, all of them if `all`. */
void hc_formatters_dry(hc_server *s, bool all);
int hc_formatters_wait(hc_server *s, uint64_t until_ns); /* all copied prints are in the sinks: 0, or -ETIMEDOUT */
void hc_formatters_flush(hc_server *s);                  /* sinks write what they have with the next page */
void hc_formatters_end(hc_server *s);                    /* nothing comes any more: threads finish what there is */
void hc_formatters_join(hc_server *s);                   /* anybody */
static inline bool hc_formatters_clear(const hc_server *s) { /* no print is on its way */
    const hc_formatters *f = &s->formatters;
    return (!f->open || !f->open->used) && atomic_load_explicit(&f->under_way, memory_order_acquire) == 0;
}

/* workers.c */
int hc_workers_create(hc_server *s);
int hc_workers_start(hc_server *s);
void hc_workers_wake(hc_server *s);
void hc_workers_join(hc_server *s);
void hc_workers_destroy(hc_server *s);

/* events.c */
int hc_events_create(hc_server *s);
void *hc_events_main(void *arg);
void hc_events_wake(hc_server *s);
void hc_events_destroy(hc_server *s);

/* faults.c: by a thread that is about to play lanes, and when it has. Nothing unless faults are watched. */
bool hc_faults_watched(void);
void hc_faults_enter(const hc_host_lane *lane);
void hc_faults_leave(void);

/* python.c: waits until Python has taken everything that was posted; 0 or -ETIMEDOUT */
int hc_python_quiet(hc_server *s, uint64_t until_ns);
#endif
