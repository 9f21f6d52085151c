/* SPDX-License-Identifier: Apache-2.0
 *
 * The server as a whole: made, started, counted, aborted, closed. It owns the threads and the lifetime of everything
 * else; what they do stands in sweep.c, poller.c, posted.c, formatters.c, workers.c and events.c.
 */
#include "server_internal.h"
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define CLOSE_DRAIN_NS                                                                                                 \
    1000000000ull /* what was posted may take this long to be out before a close goes on without it */
#define CLOSE_THREADS_NS 10000000000ull
#define RANGE_NS         1000000000ull
#define SERVE_NS         1000000000ull

_Thread_local hc_tally *hc_thread_tally;
_Thread_local bool hc_thread_is_worker;

/* ------------------------------------------------------------------------------------------------------ small parts */
static atomic_uint forks;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;
static void after_fork(void) { (void)atomic_fetch_add(&forks, 1); }
static void watch_forks(void) { (void)pthread_atfork(NULL, NULL, after_fork); }
uint32_t hc_fork_generation(void) {
    (void)pthread_once(&fork_once, watch_forks);
    return atomic_load(&forks);
}
bool hc_server_dead(const hc_server *s) { return s->fork_generation != hc_fork_generation(); }

void hc_cond_init(pthread_cond_t *c) {
    pthread_condattr_t a;
    pthread_condattr_init(&a);
    pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    pthread_cond_init(c, &a);
    pthread_condattr_destroy(&a);
}
struct timespec hc_timespec(uint64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
}
uint64_t hc_now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
uint64_t hc_ticks(void) {
#if defined(__x86_64__) || defined(__aarch64__)
    return hc_cycles();
#else
    return hc_now_ns();
#endif
}
uint32_t hc_cores(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return (uint32_t)CPU_COUNT(&set);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN); /* also where there are more CPUs than a cpu_set_t holds */
    return online > 0 ? (uint32_t)online : 1;
}
static uint64_t deadline(uint64_t timeout_ns) {
    uint64_t now = hc_now_ns();
    return timeout_ns > UINT64_MAX - now ? UINT64_MAX : now + timeout_ns;
}

bool hc_on_worker(void) { return hc_thread_is_worker; }
bool hc_server_closing(const hc_server *s) { return atomic_load_explicit(&s->closing, memory_order_acquire); }
bool hc_server_stopped(const hc_server *s) {
    return hc_server_closing(s) || atomic_load_explicit(&((hc_server *)(uintptr_t)s)->aborted, memory_order_acquire);
}
bool hc_server_deferred(const hc_server *s) { return (s->o.flags & HC_FLAG_DEFERRED) != 0; }
const struct hc_server_options *hc_server_options_of(const hc_server *s) { return &s->o; }
void *hc_server_part(hc_server *s, int which) { return which >= 0 && which < HC_PARTS ? s->parts[which] : NULL; }
hc_tally *hc_tally_here(hc_server *s) { return hc_thread_tally ? hc_thread_tally : s->shared; }

void hc_thread_done(hc_server *s) {
    pthread_mutex_lock(&s->lock);
    if (--s->threads == 0) pthread_cond_broadcast(&s->threads_gone);
    pthread_mutex_unlock(&s->lock);
}

void hc_refresh_clock(hc_server *s, uint64_t now_ns) {
    hc_bus_store64(s->control + HC_CTL_MONO_NS, now_ns);
    if (now_ns - s->real_ns < 1000000u) return; /* the wall clock is stepped rarely: once in a millisecond is enough */
    s->real_ns = now_ns;
    struct timespec real;
    clock_gettime(CLOCK_REALTIME, &real);
    hc_bus_store64(s->control + HC_CTL_REAL_OFFSET,
                   (uint64_t)real.tv_sec * 1000000000u + (uint64_t)real.tv_nsec - now_ns);
}

/* ----------------------------------------------------------------------------------------------------------- create */
static const char *bad_options(const hc_server_options *o) {
    const hc_geometry *g = &o->geometry;
    if (g->nslots == 0 || g->nslots % HC_BELL_GROUP) return "the number of slots is not a positive multiple of 64";
    if (g->posted_shift < 6 || g->posted_shift > 28) return "the posted ring must have between 2^6 and 2^28 words";
    if (!o->requests || !o->replies || !o->posted || !o->control || (!o->payload && g->payload_pages))
        return "a region has no address";
    if (o->requests % 64 || o->replies % 64 || o->posted % 64 || o->control % 64 || o->payload % 16)
        return "a region is not aligned to 64 bytes";
    if (o->pollers == 0 || o->pollers > HC_MAX_POLLERS) return "the number of pollers is not between 1 and 16";
    if (o->workers > 1024) return "there are more than 1024 workers";
    if (o->formatters > HC_MAX_FORMATTERS) return "there are more than 64 formatters";
    if (o->start_seq > HC_SEQ_MASK) return "start_seq has more than 30 bits";
    return NULL;
}

static bool add_family(hc_server *s, const hc_family *f) {
    for (size_t i = 0; i < f->nops; i++) {
        const struct hc_family_op *op = &f->ops[i];
        if (op->op >= HC_OPCODES || s->nops == HC_OPS_KNOWN || s->table[op->op].op || op->nargs > HC_MAX_ARGS)
            return false;
        s->dense[s->nops] = op;
        s->table[op->op] = (hc_op_entry){op, hc_basic_plain(op->op), hc_head_pack(op->op, op->nargs, 0, HC_PAY_NONE),
                                           s->nops++};
    }
    s->families[f->part] = f;
    return !f->create || (s->parts[f->part] = f->create(s)) != NULL;
}

static void free_all(hc_server *s) {
    for (int i = 0; i < HC_PARTS; i++)
        if (s->families[i] && s->families[i]->destroy && s->parts[i]) s->families[i]->destroy(s, s->parts[i]);
    hc_workers_destroy(s);
    hc_events_destroy(s);
    hc_formatters_destroy(s);
    hc_ring_destroy(s);
    hc_parks_destroy(s);
    hc_calls_free(s);
    for (size_t i = 0; i < sizeof s->tallies / sizeof s->tallies[0]; i++) free(s->tallies[i]);
    free(s->served);
    free(s->mirror);
    free(s->hot);
    free(s->abort_message);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->close_lock);
    pthread_mutex_destroy(&s->pool_lock);
    pthread_mutex_destroy(&s->abort_lock);
    pthread_mutex_destroy(&s->serve_lock);
    pthread_rwlock_destroy(&s->range_lock);
    pthread_cond_destroy(&s->wake);
    pthread_cond_destroy(&s->threads_gone);
    pthread_cond_destroy(&s->launch_ended);
    free(s);
}

static void place(hc_server *s) {
    const hc_server_options *o = &s->o;
    hc_layout_of(&o->geometry, &s->layout);
    s->heads = o->requests + s->layout.heads;
    s->bells = o->requests + s->layout.bells;
    s->acks = o->requests + s->layout.acks;
    s->tails = o->requests + s->layout.tails;
    s->reply_heads = o->replies + s->layout.reply_heads;
    s->reply_lanes = o->replies + s->layout.reply_lanes;
    s->park_words = o->replies + s->layout.parks;
    s->ring_words_at = o->posted;
    s->ring_words = 1ull << o->geometry.posted_shift;
    s->payload = o->payload;
    s->payload_bytes = s->layout.payload_bytes;
    s->control = o->control;
    s->groups = o->geometry.nslots / HC_BELL_GROUP;
    s->npollers = hc_server_deferred(s) ? 1 : o->pollers < s->groups ? o->pollers : s->groups;
}

static bool allocate(hc_server *s) {
    uint32_t n = s->o.geometry.nslots;
    s->served = malloc((size_t)n * sizeof *s->served);
    s->mirror = aligned_alloc(HC_BELL_GROUP, n);
    s->hot = calloc(n, 1);
    if (!s->served || !s->mirror || !s->hot) return false;
    for (uint32_t i = 0; i < n; i++) {
        s->served[i] = s->o.start_seq;
        s->mirror[i] = (uint8_t)s->o.start_seq;
    }
    for (size_t i = 0; i < sizeof s->tallies / sizeof s->tallies[0]; i++)
        if (!(s->tallies[i] = calloc(1, sizeof *s->tallies[i]))) return false;
    s->shared = s->tallies[HC_MAX_POLLERS + 2];
    s->shared->shared = true;
    for (uint32_t i = 0; i < s->npollers; i++) {
        hc_poller *p = &s->pollers[i];
        p->server = s;
        p->index = i;
        p->tally = s->tallies[i];
        p->held_end = &p->held;
    }
    s->ring.tally = s->tallies[HC_MAX_POLLERS];
    s->events.tally = s->tallies[HC_MAX_POLLERS + 1];
    return true;
}

static void measure_ticks(hc_server *s) {
    uint64_t ns;
    s->born_ns = hc_now_ns();
    s->born_ticks = hc_ticks();
    do ns = hc_now_ns() - s->born_ns;
    while (ns < 200000);
    s->ticks_per_ns = (double)(hc_ticks() - s->born_ticks) / (double)ns;
    s->ticks_per_us = (uint64_t)(s->ticks_per_ns * 1000.0);
    if (s->ticks_per_us == 0) s->ticks_per_us = 1;
}

hc_server *hc_server_create(const hc_server_options *o, char *error, size_t error_bytes) {
    const char *why = bad_options(o);
    hc_server *s = why ? NULL : calloc(1, sizeof *s);
    if (!s) {
        if (error_bytes) snprintf(error, error_bytes, "%s", why ? why : "out of memory");
        return NULL;
    }
    s->o = *o;
    s->fork_generation = hc_fork_generation();
    s->cores = hc_cores();
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->close_lock, NULL);
    pthread_mutex_init(&s->pool_lock, NULL);
    pthread_mutex_init(&s->abort_lock, NULL);
    pthread_mutex_init(&s->serve_lock, NULL);
    pthread_rwlock_init(&s->range_lock, NULL);
    hc_cond_init(&s->wake);
    hc_cond_init(&s->threads_gone);
    hc_cond_init(&s->launch_ended);
    place(s);
    int rc = hc_ring_create(s), rc2 = hc_parks_create(s), rc3 = hc_workers_create(s), rc4 = hc_events_create(s),
        rc5 = hc_formatters_create(s);
    if (rc || rc2 || rc3 || rc4 || rc5) {
        why = strerror(-(rc ? rc : rc2 ? rc2 : rc3 ? rc3 : rc4 ? rc4 : rc5));
    } else if (!allocate(s)) {
        why = "out of memory";
    } else {
        static const hc_family *const families[] = {&hc_family_basic, &hc_family_python, &hc_family_stdio,
                                                    &hc_family_fs,    &hc_family_mapping,
                                                    &hc_family_system, &hc_family_process, &hc_family_net};
        for (size_t i = 0; !why && i < sizeof families / sizeof families[0]; i++)
            if (!add_family(s, families[i])) why = families[i]->name;
    }
    if (why) {
        if (error_bytes) snprintf(error, error_bytes, "cannot set up the server: %s", why);
        free_all(s);
        return NULL;
    }
    measure_ticks(s);
    s->real_ns = s->born_ns - 1000000u;
    hc_refresh_clock(s, s->born_ns);
    return s;
}

/* ------------------------------------------------------------------------------------------------------------ start */
/* Names that ps and top show, at most 15 characters. */
void hc_thread_name(pthread_t thread, const char *format, uint32_t index) {
    char text[16];
    snprintf(text, sizeof text, format, index % 10000u);
#if defined(__linux__)
    (void)pthread_setname_np(thread, text);
#else
    (void)thread;
#endif
}

/* Ties a thread that reads and writes the channel to the CPUs beside it. It is a wish: where it cannot be had, the
 * thread runs anywhere. */
static void bring_near(const hc_server *s, pthread_t thread) {
#if defined(__linux__)
    cpu_set_t set;
    CPU_ZERO(&set);
    for (uint32_t i = 0; i < 64u * (sizeof s->o.near_cpus / sizeof s->o.near_cpus[0]) && i < CPU_SETSIZE; i++)
        if (s->o.near_cpus[i / 64u] >> (i % 64u) & 1u) CPU_SET(i, &set);
    if (CPU_COUNT(&set)) (void)pthread_setaffinity_np(thread, sizeof set, &set);
#else
    (void)s, (void)thread;
#endif
}

static int spawn(hc_server *s, pthread_t *thread, void *(*fn)(void *), void *arg, bool *started) {
    pthread_mutex_lock(&s->lock);
    int rc = pthread_create(thread, NULL, fn, arg);
    if (!rc) {
        s->threads++;
        *started = true;
    }
    pthread_mutex_unlock(&s->lock);
    return -rc;
}

int hc_server_start(hc_server *s) {
    if (hc_server_dead(s) || hc_server_closing(s)) return -ESHUTDOWN;
    if (s->running) return 0;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are for the embedding program's threads */
    int rc = hc_workers_start(s);
    if (!rc) rc = spawn(s, &s->events.thread, hc_events_main, s, &s->events.started);
    if (!hc_server_deferred(s)) {
        hc_formatters *f = &s->formatters;
        for (bool up = true; !rc && up && f->started < s->o.formatters; f->started += up) {
            up = false;
            rc = spawn(s, &f->threads[f->started], hc_formatter_main, s, &up);
        }
        if (!rc) rc = spawn(s, &s->ring.thread, hc_ring_main, s, &s->ring.started);
        for (uint32_t i = 0; !rc && i < s->npollers; i++)
            rc = spawn(s, &s->pollers[i].thread, hc_poller_main, &s->pollers[i], &s->pollers[i].started);
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    for (uint32_t i = 0; i < s->workers.created; i++) hc_thread_name(s->workers.threads[i], "hc-work-%u", i);
    if (s->events.started) hc_thread_name(s->events.thread, "hc-events", 0);
    if (s->ring.started) {
        hc_thread_name(s->ring.thread, "hc-drain", 0);
        bring_near(s, s->ring.thread);
    }
    for (uint32_t i = 0; i < s->npollers; i++)
        if (s->pollers[i].started) {
            hc_thread_name(s->pollers[i].thread, "hc-poll-%u", i);
            bring_near(s, s->pollers[i].thread);
        }
    s->running = true;
    if (rc) hc_server_close(s);
    return rc;
}

void hc_server_active(hc_server *s, int delta) {
    if (hc_server_dead(s)) return;
    int64_t now = atomic_fetch_add_explicit(&s->active, delta, memory_order_acq_rel) + delta;
    if (now <= 0) hc_ring_wake(s); /* the pollers that would have seen the last posts stop looking */
    pthread_mutex_lock(&s->lock);
    if (delta < 0) {
        s->ended += (uint64_t)-(int64_t)delta;
        pthread_cond_broadcast(&s->launch_ended);
    } else if (now > 0) {
        pthread_cond_broadcast(&s->wake);
    }
    pthread_mutex_unlock(&s->lock);
}
void hc_server_active_done(void *server) { hc_server_active(server, -1); }

uint64_t hc_server_ended(hc_server *s, uint64_t seen, uint64_t timeout_ns) {
    if (hc_server_dead(s)) return seen;
    struct timespec until = hc_timespec(deadline(timeout_ns));
    int rc = 0;
    pthread_mutex_lock(&s->lock);
    while (s->ended <= seen && rc == 0) rc = pthread_cond_timedwait(&s->launch_ended, &s->lock, &until);
    uint64_t ended = s->ended;
    pthread_mutex_unlock(&s->lock);
    return ended;
}

/* -------------------------------------------------------------------------------------------------------------- drain
 * and serve */
static int64_t drain_dry(hc_server *s, bool faulted, uint64_t until_ns, int *rc) {
    hc_tally *t = s->shared;
    uint64_t start = s->ring.position, records = 0;
    *rc = 0;
    /* What was posted before this began lies within one ring from here: more only comes from a kernel that still runs.
     */
    while (s->ring.position - start <= s->ring_words) {
        uint64_t n = hc_ring_drain(s, t, s->ring_words);
        records += n;
        if (s->ring.stalled) {
            *rc = -ETIMEDOUT;
            break;
        }
        if (n) continue;
        if (faulted && hc_ring_skip_hole(s, t)) continue;
        if (s->ring.have == 0) break;
        if (faulted) { /* a torn record at the very end, and nothing behind it */
            hc_bump(t, &t->holes, s->ring.have);
            s->ring.have = 0;
            break;
        }
        if (hc_now_ns() > until_ns) {
            *rc = -ETIMEDOUT;
            break;
        }
        (void)sched_yield();
    }
    return (int64_t)records;
}

int hc_server_drain(hc_server *s, int faulted, uint64_t timeout_ns) {
    if (hc_server_dead(s)) return -ESHUTDOWN;
    uint64_t until = deadline(timeout_ns);
    int rc = hc_ring_own(s, until);
    if (rc) return rc;
    s->ring.until_ns = until;
    (void)drain_dry(s, faulted != 0, until, &rc);
    s->ring.until_ns = 0;
    hc_formatters_dry(s, true);
    int late = hc_formatters_wait(s, until);
    hc_ring_settle(s);
    if (!rc) rc = late;
    atomic_store_explicit(&s->ring.next, s->ring.position + s->ring.have, memory_order_relaxed);
    hc_ring_disown(s);
    if (rc) {
        hc_ring_wake(s); /* what is still on its way has to be seen to its end */
        return rc;
    }
    rc = hc_stdio_flush(s);
    return rc == -ETIMEDOUT ? rc : hc_python_quiet(s, until);
}

int64_t hc_server_serve_once(hc_server *s) {
    if (hc_server_dead(s) || hc_server_closing(s)) return -ESHUTDOWN;
    if (!hc_server_deferred(s)) return -EINVAL; /* its own threads serve it */
    int rc;
    uint64_t until = deadline(SERVE_NS);
    pthread_mutex_lock(&s->serve_lock);
    hc_poller *p = &s->pollers[0];
    p->now_ns = hc_now_ns();
    hc_refresh_clock(s, p->now_ns);
    hc_parks_flush(s);
    (void)hc_ring_own(s, UINT64_MAX);
    int64_t records = drain_dry(s, false, until, &rc);
    hc_formatters_dry(s, true);
    hc_ring_settle(s);
    hc_ring_disown(s);
    (void)hc_poller_sweep(p);
    /* Calls under way may touch memory that is the device's again after this returns. Events that do not come leave
     * their tickets for a later turn. */
    while (hc_calls_live(s) > (p->spare != NULL) && hc_now_ns() < until) {
        struct timespec t = hc_timespec(20000);
        (void)nanosleep(&t, NULL);
    }
    hc_parks_flush(s);
    pthread_mutex_unlock(&s->serve_lock);
    hc_stdio_idle(s);
    return records;
}

/* ----------------------------------------------------------------------------------------------------------- ranges */
bool hc_range_host(hc_server *s, uint64_t address, uint64_t bytes, uint8_t **host) {
    bool found = false;
    pthread_rwlock_rdlock(&s->range_lock);
    for (uint32_t i = 0; i < s->nranges && !found; i++) {
        const hc_range *r = &s->ranges[i];
        if (address >= r->base && address <= r->end && bytes <= r->end - address) {
            *host = HC_HOST_AT(uint8_t, address + r->delta);
            found = true;
        }
    }
    pthread_rwlock_unlock(&s->range_lock);
    return found;
}

int hc_server_range_add(hc_server *s, uint64_t device_address, uint64_t bytes, uint64_t host_address) {
    if (!bytes || device_address + bytes < device_address || host_address + bytes < host_address || !host_address)
        return -EINVAL;
    int rc = 0;
    pthread_rwlock_wrlock(&s->range_lock);
    for (uint32_t i = 0; i < s->nranges; i++)
        if (device_address < s->ranges[i].end && s->ranges[i].base < device_address + bytes) rc = -EEXIST;
    if (!rc && s->nranges == HC_MAX_RANGES) rc = -ENOSPC;
    if (!rc)
        s->ranges[s->nranges++] = (hc_range){device_address, device_address + bytes, host_address - device_address, 0};
    pthread_rwlock_unlock(&s->range_lock);
    return rc;
}

int hc_server_range_remove(hc_server *s, uint64_t device_address) {
    int rc = -ENOENT;
    pthread_rwlock_wrlock(&s->range_lock);
    for (uint32_t i = 0; i < s->nranges && rc; i++)
        if (s->ranges[i].base == device_address) {
            s->ranges[i] = s->ranges[--s->nranges];
            rc = 0;
        }
    pthread_rwlock_unlock(&s->range_lock);
    /* New calls no longer find it; those that did must let go before its memory may. */
    uint64_t until = deadline(RANGE_NS);
    while (!rc && !hc_server_dead(s) && atomic_load_explicit(&s->byref_live, memory_order_acquire)) {
        if (hc_now_ns() > until) return -EBUSY;
        struct timespec t = hc_timespec(50000);
        (void)nanosleep(&t, NULL);
    }
    return rc;
}

/* ------------------------------------------------------------------------------------------------------------ abort */
void hc_server_abort(hc_server *s, uint32_t code, int32_t status, uint32_t thread, uint32_t block, const char *message,
                     size_t bytes) {
    pthread_mutex_lock(&s->abort_lock);
    if (!s->abort_code) {
        s->abort_code = code;
        atomic_store_explicit(&s->aborted, code, memory_order_release);
        s->abort_status = status;
        s->abort_thread = thread;
        s->abort_block = block;
        free(s->abort_message);
        s->abort_message = NULL;
        s->abort_bytes = 0;
        if (message && bytes && (s->abort_message = malloc(bytes)) != NULL) {
            memcpy(s->abort_message, message, bytes);
            s->abort_bytes = bytes;
        }
        hc_bus_store32(s->control + HC_CTL_ABORT, code);
    }
    pthread_mutex_unlock(&s->abort_lock);
    hc_events_wake(s); /* lanes that wait for events are answered */
}

uint32_t hc_server_abort_get(hc_server *s, int32_t *status, uint32_t *thread, uint32_t *block, char *message,
                             size_t bytes, int clear) {
    if (hc_server_dead(s)) return HC_ABORT_CLOSED;
    pthread_mutex_lock(&s->abort_lock);
    uint32_t code = s->abort_code;
    if (status) *status = s->abort_status;
    if (thread) *thread = s->abort_thread;
    if (block) *block = s->abort_block;
    if (message && bytes) {
        size_t n = s->abort_bytes < bytes - 1 ? s->abort_bytes : bytes - 1;
        if (n) memcpy(message, s->abort_message, n);
        message[n] = 0;
    }
    if (clear && code && !hc_server_closing(s)) {
        s->abort_code = 0;
        atomic_store_explicit(&s->aborted, 0, memory_order_release);
        s->abort_status = 0;
        s->abort_thread = s->abort_block = 0;
        s->abort_bytes = 0;
        hc_bus_store32(s->control + HC_CTL_ABORT, 0);
    }
    pthread_mutex_unlock(&s->abort_lock);
    return code;
}

/* ------------------------------------------------------------------------------------------------------------ close */
static bool threads_end(hc_server *s) {
    struct timespec until = hc_timespec(hc_now_ns() + CLOSE_THREADS_NS);
    int rc = 0;
    pthread_mutex_lock(&s->lock);
    while (s->threads && rc == 0) rc = pthread_cond_timedwait(&s->threads_gone, &s->lock, &until);
    bool gone = s->threads == 0;
    pthread_mutex_unlock(&s->lock);
    return gone;
}

void hc_server_close(hc_server *s) {
    if (hc_server_dead(s)) return; /* the parent's threads and locks; nothing here can be taken or joined */
    pthread_mutex_lock(&s->close_lock);
    if (s->closed) {
        pthread_mutex_unlock(&s->close_lock);
        return;
    }
    if (s->running) (void)hc_server_drain(s, 0, CLOSE_DRAIN_NS);
    hc_server_abort(s, HC_ABORT_CLOSED, 0, 0, 0, NULL, 0);
    atomic_store_explicit(&s->closing, true, memory_order_release);
    for (int i = 0; i < HC_PARTS; i++)
        if (s->families[i] && s->families[i]->stop) s->families[i]->stop(s, s->parts[i]);
    pthread_mutex_lock(&s->lock);
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
    hc_workers_wake(s);
    hc_events_wake(s);
    hc_ring_wake(s);
    if (!s->ring.started) hc_formatters_end(s); /* else the drain thread does, with the last it hands over */
    if (threads_end(s)) {
        for (uint32_t i = 0; i < s->npollers; i++)
            if (s->pollers[i].started) pthread_join(s->pollers[i].thread, NULL);
        if (s->ring.started) pthread_join(s->ring.thread, NULL);
        hc_formatters_join(s);
        if (s->events.started) pthread_join(s->events.thread, NULL);
        hc_workers_join(s);
        hc_parks_abandon(s);
    } else {
        s->stuck =
            true; /* a thread sits in a system call that does not end: its memory is given up rather than pulled away */
    }
    s->closed = true;
    pthread_mutex_unlock(&s->close_lock);
}

void hc_server_destroy(hc_server *s) {
    if (!s || hc_server_dead(s)) return;
    hc_server_close(s);
    if (!s->stuck) free_all(s);
}
