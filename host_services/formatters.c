/* SPDX-License-Identifier: Apache-2.0
 *
 * Formatting beside the ring. The ring's owner copies prints into batches, which gives their space back at once; threads
 * format batches into pages side by side; pages go into the sinks one at a time, in ring order, by whoever finishes the
 * one whose turn it is. A print counts as executed once its text is in its sink: from then on whatever a later call
 * writes there comes behind it. Batches are few, so a sink that is slow holds up the ring and nothing grows.
 */
#include "server_internal.h"

#define SMALL_WORDS 256u   /* so little is formatted sooner than another thread wakes */
#define PART_WORDS  1024u  /* worth a thread of its own */
#define SPIN_ROUNDS 2000u  /* a formatter looks so often before it sleeps */
#define SLICE_NS    1000000u

/* ------------------------------------------------------------------------------------------------------------ batches */
static void its_turn(void *batch);

static hc_batch *batch_new(hc_server *s) {
    hc_batch *b = malloc(sizeof *b);
    if (!b) return NULL;
    b->next = b->behind = NULL;
    b->formatters = &s->formatters;
    b->used = 0;
    b->done = b->here = b->has_turn = false;
    if ((b->page = hc_page_new(s, its_turn, b))) return b;
    free(b);
    return NULL;
}

static void batch_free(hc_batch *b) {
    if (!b) return;
    hc_page_free(b->page);
    free(b);
}

int hc_formatters_create(hc_server *s) {
    hc_formatters *f = &s->formatters;
    f->server = s;
    f->todo_end = &f->todo;
    f->order_end = &f->order;
    pthread_mutex_init(&f->lock, NULL);
    hc_cond_init(&f->work);
    hc_cond_init(&f->moved);
    f->nbatches = 1;
    return (f->unused = batch_new(s)) ? 0 : -ENOMEM;
}

void hc_formatters_destroy(hc_server *s) {
    hc_formatters *f = &s->formatters;
    batch_free(f->open);
    for (hc_batch *b = f->unused, *next; b; b = next) next = b->next, batch_free(b);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->work);
    pthread_cond_destroy(&f->moved);
}

/* ------------------------------------------------------------------------------------------------------- a batch's text */
static void print_all(hc_server *s, hc_batch *b) {
    for (uint32_t at = 0; at < b->used;) {
        const uint64_t *words = b->words + at;
        uint32_t d = (uint32_t)words[0], nwords = d >> 16;
        if (!hc_page_print(b->page, d & 0xffffu, (uint32_t)(words[0] >> 32), words, nwords)) {
            hc_tally *t = hc_tally_here(s);
            hc_bump(t, &t->posted_bad, 1);
        }
        at += nwords;
    }
    b->used = 0;
}

/* By the ring's owner itself: nothing else is under way. */
static void print_here(hc_server *s) {
    hc_batch *b = s->formatters.open;
    b->here = true;
    print_all(s, b);
    hc_page_out(b->page);
    b->here = false;
}

/* ---------------------------------------------------------------------------------------------------------- the sinks */
/* Puts finished pages into the sinks, in order, until one is not finished. With the lock; the caller has set going_out. */
static void put_out(hc_formatters *f) {
    hc_server *s = f->server;
    hc_batch *b;
    while ((b = f->order) && b->done) {
        bool flush = f->flush;
        f->flush = false;
        pthread_mutex_unlock(&f->lock);
        hc_page_out(b->page);
        if (flush) hc_stdio_idle(s);
        /* Once the text is in its sink, and before the count below says that nothing is under way: from then on the ring's
         * owner moves this position, and an older one must not come after. */
        atomic_store_explicit(&s->ring.executed, b->end, memory_order_release);
        atomic_store_explicit(&s->ring.moved_ns, hc_now_ns(), memory_order_relaxed);
        pthread_mutex_lock(&f->lock);
        if (!(f->order = b->behind)) f->order_end = &f->order;
        b->behind = NULL;
        b->done = false;
        b->next = f->unused;
        f->unused = b;
        (void)atomic_fetch_sub_explicit(&f->under_way, 1, memory_order_release);
        pthread_cond_broadcast(&f->moved);
    }
    f->going_out = false;
    pthread_cond_broadcast(&f->moved);
}

/* A page has outgrown its memory: waits until everything before it is out. No other page goes out until this one has. */
static void its_turn(void *batch) {
    hc_batch *b = batch;
    hc_formatters *f = b->formatters;
    if (b->here || b->has_turn) return;
    pthread_mutex_lock(&f->lock);
    while (f->order != b || f->going_out) pthread_cond_wait(&f->moved, &f->lock);
    f->going_out = b->has_turn = true;
    pthread_mutex_unlock(&f->lock);
}

/* ---------------------------------------------------------------------------------------------------------- the threads */
/* Work comes in a stream: who has just finished finds the next batch sooner than a sleeper wakes. */
static void look_around(hc_formatters *f) {
    if (f->server->cores <= 2) return;
    for (uint32_t i = 0; i < SPIN_ROUNDS; i++) {
        if (atomic_load_explicit(&f->waiting, memory_order_relaxed)) return;
        hc_cpu_relax();
    }
}

void *hc_formatter_main(void *arg) {
    hc_server *s = arg;
    hc_formatters *f = &s->formatters;
    pthread_mutex_lock(&f->lock);
    for (;;) {
        while (!f->todo && !f->ended) pthread_cond_wait(&f->work, &f->lock);
        hc_batch *b = f->todo;
        if (!b) break;
        if (!(f->todo = b->next)) f->todo_end = &f->todo;
        (void)atomic_fetch_sub_explicit(&f->waiting, 1, memory_order_relaxed);
        pthread_mutex_unlock(&f->lock);
        print_all(s, b);
        pthread_mutex_lock(&f->lock);
        bool mine = b->has_turn || !f->going_out;
        b->has_turn = false;
        b->done = true;
        if (mine) {
            f->going_out = true;
            put_out(f);
        }
        if (f->todo || f->ended) continue;
        pthread_mutex_unlock(&f->lock);
        look_around(f);
        pthread_mutex_lock(&f->lock);
    }
    pthread_mutex_unlock(&f->lock);
    hc_thread_done(s);
    return NULL;
}

void hc_formatters_end(hc_server *s) {
    hc_formatters *f = &s->formatters;
    pthread_mutex_lock(&f->lock);
    f->ended = true;
    pthread_cond_broadcast(&f->work);
    pthread_mutex_unlock(&f->lock);
}

void hc_formatters_join(hc_server *s) {
    for (uint32_t i = 0; i < s->formatters.started; i++) pthread_join(s->formatters.threads[i], NULL);
}

/* ------------------------------------------------------------------------------------------------------ the ring's owner */
static bool threads_live(const hc_formatters *f) { return f->started && !f->ended; }

static void hand_over(hc_server *s) {
    hc_formatters *f = &s->formatters;
    hc_batch *b = f->open;
    f->open = NULL;
    b->end = s->ring.position;
    b->next = NULL;
    pthread_mutex_lock(&f->lock);
    *f->order_end = b;
    f->order_end = &b->behind;
    *f->todo_end = b;
    f->todo_end = &b->next;
    (void)atomic_fetch_add_explicit(&f->under_way, 1, memory_order_relaxed);
    (void)atomic_fetch_add_explicit(&f->waiting, 1, memory_order_relaxed);
    pthread_cond_signal(&f->work);
    pthread_mutex_unlock(&f->lock);
}

/* An unused batch: one more while there may be, else the next that is out. */
static hc_batch *batch_get(hc_server *s) {
    hc_formatters *f = &s->formatters;
    hc_batch *b;
    pthread_mutex_lock(&f->lock);
    while (!(b = f->unused)) {
        if (f->nbatches < 2 * f->started + 1 && (b = batch_new(s))) {
            f->nbatches++;
            break;
        }
        uint64_t now = hc_now_ns();
        if (s->ring.until_ns && now > s->ring.until_ns) break;
        struct timespec until = hc_timespec(now + SLICE_NS);
        (void)pthread_cond_timedwait(&f->moved, &f->lock, &until);
    }
    if (b && b == f->unused) f->unused = b->next;
    pthread_mutex_unlock(&f->lock);
    return b;
}

uint64_t *hc_formatters_room(hc_server *s, uint32_t nwords) {
    hc_formatters *f = &s->formatters;
    if (f->open && HC_BATCH_WORDS - f->open->used < nwords) {
        if (threads_live(f))
            hand_over(s);
        else
            print_here(s);
    }
    if (!f->open && !(f->open = batch_get(s))) return NULL;
    return f->open->words + f->open->used;
}

void hc_formatters_add(hc_server *s, uint32_t nwords) { s->formatters.open->used += nwords; }

void hc_formatters_dry(hc_server *s, bool all) {
    hc_formatters *f = &s->formatters;
    if (!f->open || !f->open->used) return;
    uint32_t under_way = atomic_load_explicit(&f->under_way, memory_order_acquire), used = f->open->used;
    /* While others are busy a batch grows: what comes in small pieces is not handed over in small pieces. */
    if (under_way == 0 && (!threads_live(f) || used <= SMALL_WORDS))
        print_here(s);
    else if (all || under_way == 0 || (used >= PART_WORDS && under_way < f->started))
        hand_over(s);
}

int hc_formatters_wait(hc_server *s, uint64_t until_ns) {
    hc_formatters *f = &s->formatters;
    struct timespec until = hc_timespec(until_ns);
    int rc = 0;
    pthread_mutex_lock(&f->lock);
    while (atomic_load_explicit(&f->under_way, memory_order_acquire) && rc == 0)
        rc = pthread_cond_timedwait(&f->moved, &f->lock, &until);
    pthread_mutex_unlock(&f->lock);
    return rc ? -ETIMEDOUT : 0;
}

void hc_formatters_flush(hc_server *s) {
    pthread_mutex_lock(&s->formatters.lock);
    s->formatters.flush = true;
    pthread_mutex_unlock(&s->formatters.lock);
}
