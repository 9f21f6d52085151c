/* SPDX-License-Identifier: Apache-2.0
 *
 * The queues between the native threads and Python: calls of services by name (queue 0, several interpreter threads
 * take from it) and output in order (queue 1: sinks, log lines, progress). Native threads only append; they wait for
 * Python in one place alone, when a queue of things that nobody waits for has grown too long.
 */
#include "server_internal.h"

#define MOST_BYTES   (16u << 20) /* posted bytes in a queue before the drain thread waits */
#define MOST_ITEMS   65536u
#define NO_READER_NS 1000000000ull

typedef struct item {
    struct item *next;
    hc_python_item p;
    hc_call *call;               /* NULL: nobody waits, or its lanes have been told that the server closes */
    uint32_t rank[HC_MAX_LANES]; /* of each of p.lanes */
    uint64_t size;               /* bytes held against the limit */
    uint8_t *bytes;
    bool copying; /* a thread is between the call's payload and Python: the call must stay */
} item;

typedef struct queue {
    item *head, **end;
    item *held;                    /* with Python */
    uint64_t posted_out;          /* posted calls that Python has taken and not given back: at most one */
    uint64_t items, bytes, posted; /* posted: queued or held, and nobody waits */
    pthread_cond_t more, less;
    bool attached; /* somebody has asked for items */
} queue;

typedef struct python {
    hc_server *server;
    pthread_mutex_t lock;
    queue q[2];
    uint64_t token;
    uint64_t *names;
    size_t nnames, room;
    uint32_t inside; /* threads in hc_python_next */
    pthread_cond_t left;
} python;

static _Thread_local uint32_t holding; /* items that this thread has taken and not given back */

static uint64_t pad8(uint64_t n) { return (n + 7u) & ~7ull; }
static python *of(hc_server *s) { return hc_server_part(s, HC_PART_PYTHON); }

/* ------------------------------------------------------------------------------------------------------------ names */
static size_t name_place(const python *y, uint64_t hash) {
    size_t lo = 0, hi = y->nnames;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (y->names[mid] < hash)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}
static bool name_known(const python *y, uint64_t hash) {
    size_t at = name_place(y, hash);
    return at < y->nnames && y->names[at] == hash;
}

int hc_python_name(hc_server *s, uint64_t name_hash, int known) {
    if (hc_server_dead(s)) return -ESHUTDOWN;
    python *y = of(s);
    int rc = 0;
    pthread_mutex_lock(&y->lock);
    size_t at = name_place(y, name_hash);
    bool there = name_known(y, name_hash);
    if (known && !there) {
        if (y->nnames == y->room) {
            size_t room = y->room ? 2 * y->room : 16;
            uint64_t *more = realloc(y->names, room * sizeof *more);
            if (more) {
                y->names = more;
                y->room = room;
            } else {
                rc = -ENOMEM;
            }
        }
        if (!rc) {
            memmove(y->names + at + 1, y->names + at, (y->nnames - at) * sizeof *y->names);
            y->names[at] = name_hash;
            y->nnames++;
        }
    } else if (!known && there) {
        memmove(y->names + at, y->names + at + 1, (y->nnames - at - 1) * sizeof *y->names);
        y->nnames--;
    }
    pthread_mutex_unlock(&y->lock);
    return rc;
}

/* ----------------------------------------------------------------------------------------------- appending, with the
 * lock held */
static void append(python *y, queue *q, item *it) {
    it->p.token = ++y->token;
    it->next = NULL;
    *q->end = it;
    q->end = &it->next;
    q->items++;
    q->bytes += it->size;
    if (!it->call) q->posted++;
    pthread_cond_signal(&q->more);
}

/* Waits while a queue is too long. 0, -ESHUTDOWN, or -EAGAIN when nobody has ever read from it. */
static int make_room(python *y, queue *q) {
    struct timespec until = hc_timespec(hc_now_ns() + NO_READER_NS);
    while (q->bytes > MOST_BYTES || q->items > MOST_ITEMS) {
        if (hc_server_closing(y->server))
            return 0; /* what is queued is still delivered, and the drain must come to its end */
        if (q->attached)
            pthread_cond_wait(&q->less, &y->lock);
        else if (pthread_cond_timedwait(&q->less, &y->lock, &until))
            return -EAGAIN;
    }
    return 0;
}

static int post(hc_server *s, int which, const hc_python_item *p, const void *bytes, uint64_t n) {
    python *y = of(s);
    queue *q = &y->q[which];
    item *it = calloc(1, sizeof *it);
    if (!it) return -ENOMEM;
    it->p = *p;
    it->p.bytes = n;
    it->size = n + sizeof *it;
    it->bytes = malloc(n ? n : 1);
    if (!it->bytes) {
        free(it);
        return -ENOMEM;
    }
    if (n) memcpy(it->bytes, bytes, n);
    it->p.data = it->bytes;
    pthread_mutex_lock(&y->lock);
    int rc = make_room(y, q);
    if (!rc) append(y, q, it);
    pthread_mutex_unlock(&y->lock);
    if (rc) {
        free(it->bytes);
        free(it);
    }
    return rc;
}

int hc_python_emit(hc_server *s, uint32_t kind, uint32_t stream, const uint8_t *bytes, size_t n) {
    return post(s, 1, &(hc_python_item){.kind = kind, .lanes = stream}, bytes, n);
}

bool hc_python_posted(hc_server *s, uint32_t op, uint32_t immediate, const uint64_t *words, uint32_t nwords) {
    hc_tally *t = hc_tally_here(s);
    if (nwords < 3) return false;
    if (op == HC_POST_CALL) {
        uint64_t n = words[2];
        if (n > 8ull * (nwords - 3)) return false;
        python *y = of(s);
        pthread_mutex_lock(&y->lock);
        bool known = name_known(y, words[1]);
        pthread_mutex_unlock(&y->lock);
        hc_python_item p = {
            .kind = HC_PY_CALL, .lanes = 1, .name_hash = words[1], .posted = 1, .lane_bytes = {(uint32_t)n}};
        if (known && post(s, 0, &p, words + 3, n) == 0) return true;
        hc_bump(t, &t->python_errors, 1);
        return false; /* nobody waits for an answer that could say so: it is counted as lost */
    }
    /* Python gets the words as they are, after the lengths in them were held against the record's. */
    uint64_t room = 8ull * (nwords - 3), n = 8ull * (nwords - 1);
    hc_python_item p = {.kind = HC_PY_LOG, .lanes = immediate, .thread = (uint32_t)words[1]};
    if (op == HC_POST_LOG) {
        if (pad8((uint32_t)words[2]) + pad8(words[2] >> 32) > room) return false;
    } else {
        if (nwords < 4 || words[3] > room - 8) return false;
        p = (hc_python_item){.kind = HC_PY_PROGRESS};
    }
    if (post(s, 1, &p, words + 1, n)) hc_bump(t, &t->python_errors, 1);
    return true;
}

/* ---------------------------------------------------------------------------------------------------------- calls from
 * lanes */
/* `groups` of a call are answered one by one; the last one gives it back. c->token counts them. */
static void group_done(python *y, hc_call *c) {
    pthread_mutex_lock(&y->lock);
    bool last = --c->token == 0;
    pthread_mutex_unlock(&y->lock);
    if (last) hc_call_finish(c);
}

static void refuse(python *y, item *it, int64_t result) {
    for (uint32_t i = 0; i < it->p.lanes; i++) hc_call_finish_rank(it->call, it->rank[i], result);
    group_done(y, it->call);
    it->call = NULL;
}

static int64_t check_lane(const python *y, const hc_call *c, uint32_t r) {
    uint64_t in = (uint64_t)c->arg[2][r], out = (uint64_t)c->arg[3][r];
    if (!name_known(y, (uint64_t)c->arg[1][r])) return -ENOSYS;
    if (c->kind == HC_PAY_BYREF || in > c->payload_len[r] || in > UINT32_MAX) return -EINVAL;
    /* Inline payload has no way back. */
    if (out && (c->kind != HC_PAY_STAGED || out > c->payload_len[r])) return -EINVAL;
    return 0;
}

static int call_by_name(hc_call *c) {
    python *y = of(c->server);
    uint32_t good = 0, groups = 0;
    item *items = NULL;
    pthread_mutex_lock(&y->lock);
    for (uint32_t r = 0; r < c->lanes; r++) {
        c->result[r] = check_lane(y, c, r);
        if (c->result[r] == 0) good |= 1u << r;
    }
    pthread_mutex_unlock(&y->lock);
    /* Lanes of one packet may name different services: one item for each name. */
    for (uint32_t left = good; left;) {
        uint64_t hash = (uint64_t)c->arg[1][__builtin_ctz(left)], capacity = 0;
        item *it = calloc(1, sizeof *it);
        for (uint32_t m = left; m; m &= m - 1) {
            uint32_t r = (uint32_t)__builtin_ctz(m), i;
            if ((uint64_t)c->arg[1][r] != hash) continue;
            left &= ~(1u << r);
            if (!it) {
                c->result[r] = -ENOMEM;
                good &= ~(1u << r);
                continue;
            }
            i = it->p.lanes++;
            it->rank[i] = r;
            it->p.lane_bytes[i] = (uint32_t)c->arg[2][r];
            it->p.bytes += (uint64_t)c->arg[2][r];
            if ((uint64_t)c->arg[3][r] > capacity) capacity = (uint64_t)c->arg[3][r];
        }
        if (!it) continue;
        it->p.kind = HC_PY_CALL;
        it->p.name_hash = hash;
        it->p.capacity = capacity;
        it->call = c;
        it->next = items;
        items = it;
        groups++;
    }
    if (!groups) return HC_SERVED;
    /* A service may itself wait for what another lane does: its caller must hold no slot. */
    (void)hc_call_park(c, good);
    c->token = groups;
    pthread_mutex_lock(&y->lock);
    bool closing = hc_server_closing(y->server);
    for (item *it = items, *next; it && !closing; it = next) {
        next = it->next;
        append(y, &y->q[0], it);
    }
    pthread_mutex_unlock(&y->lock);
    for (item *it = items, *next; it && closing; it = next) {
        next = it->next;
        refuse(y, it, -ESHUTDOWN);
        free(it);
    }
    return HC_TAKEN;
}

/* ---------------------------------------------------------------------------------------------------- Python's side */
static int copy_in(item *it) {
    it->bytes = malloc(it->p.bytes ? it->p.bytes : 1);
    if (!it->bytes) return -ENOMEM;
    uint8_t *to = it->bytes;
    for (uint32_t i = 0; i < it->p.lanes; i++) {
        if (it->p.lane_bytes[i]) memcpy(to, it->call->payload[it->rank[i]], it->p.lane_bytes[i]);
        to += it->p.lane_bytes[i];
    }
    it->p.data = it->bytes;
    return 0;
}

static void unhold(queue *q, item *it) {
    for (item **at = &q->held; *at; at = &(*at)->next)
        if (*at == it) {
            *at = it->next;
            break;
        }
}

/* An item that was queued as posted keeps counting until Python gives it back. */
static void discard(queue *q, item *it) {
    if (it->size) q->posted--;
    if (it->p.posted && q->posted_out && --q->posted_out == 0) pthread_cond_broadcast(&q->more);
    pthread_cond_broadcast(&q->less);
    free(it->bytes);
    free(it);
}

int hc_python_next(hc_server *s, int which, uint64_t timeout_ns, hc_python_item *out) {
    memset(out, 0, sizeof *out);
    out->kind = HC_PY_CLOSED;
    if (hc_server_dead(s) || which < 0 || which > 1) return HC_PY_CLOSED;
    python *y = of(s);
    queue *q = &y->q[which];
    uint64_t now = hc_now_ns();
    struct timespec until = hc_timespec(timeout_ns > UINT64_MAX - now ? UINT64_MAX : now + timeout_ns);
    int rc = 0;
    pthread_mutex_lock(&y->lock);
    y->inside++;
    q->attached = true;
    /* Order: what was posted takes effect before what its lane asks or posts next, so while a posted call is with Python nothing that was
     * queued after it is handed out. */
    while ((!q->head || q->posted_out) && !hc_server_closing(s) && rc == 0)
        rc = pthread_cond_timedwait(&q->more, &y->lock, &until);
    item *it = q->posted_out && !hc_server_closing(s) ? NULL : q->head;
    if (it) {
        q->head = it->next;
        if (!q->head) q->end = &q->head;
        q->items--;
        q->bytes -= it->size;
        it->next = q->held;
        q->held = it;
        if (it->p.posted) q->posted_out++;
        pthread_cond_broadcast(&q->less);
        if (it->call) {
            it->copying = true;
            pthread_mutex_unlock(&y->lock);
            int failed = copy_in(it);
            pthread_mutex_lock(&y->lock);
            it->copying = false;
            if (failed || hc_server_closing(s)) {
                unhold(q, it);
                pthread_mutex_unlock(&y->lock);
                refuse(y, it, failed ? failed : -ESHUTDOWN);
                pthread_mutex_lock(&y->lock);
                discard(q, it);
                it = NULL;
                out->kind = hc_server_closing(s) ? HC_PY_CLOSED : HC_PY_NONE;
            }
        }
        if (it) {
            *out = it->p;
            holding++;
        }
    } else {
        out->kind = hc_server_closing(s) ? HC_PY_CLOSED : HC_PY_NONE;
    }
    int kind = (int)out->kind;
    if (--y->inside == 0) pthread_cond_broadcast(&y->left);
    pthread_mutex_unlock(&y->lock);
    return kind;
}

static item *find(queue *q, uint64_t token) {
    item *it = q->held;
    while (it && it->p.token != token) it = it->next;
    return it;
}

int hc_python_done(hc_server *s, uint64_t token, const int64_t *results, const uint8_t *out, const uint32_t *out_len,
                   uint32_t lanes) {
    if (hc_server_dead(s)) return -ESHUTDOWN;
    python *y = of(s);
    queue *q = &y->q[0];
    hc_tally *t = hc_tally_here(s);
    pthread_mutex_lock(&y->lock);
    item *it = find(q, token);
    if (!it || it->copying || it->p.lanes != lanes) {
        pthread_mutex_unlock(&y->lock);
        return it ? -EINVAL : -ENOENT;
    }
    hc_call *c = it->call;
    it->copying = true;
    pthread_mutex_unlock(&y->lock);
    hc_bump(t, &t->python_calls, 1);
    for (uint32_t i = 0; i < lanes; i++) {
        uint32_t n = out_len ? out_len[i] : 0;
        int64_t result = results[i];
        if (c && n && out) {
            uint32_t r = it->rank[i];
            if (n > (uint64_t)c->arg[3][r])
                result = -EMSGSIZE;
            else
                memcpy(c->payload[r], out, n);
        }
        if (out) out += n;
        if (result < 0) hc_bump(t, &t->python_errors, 1);
        if (c) hc_call_finish_rank(c, it->rank[i], result);
    }
    if (c) group_done(y, c);
    pthread_mutex_lock(&y->lock);
    unhold(q, it);
    discard(q, it);
    pthread_mutex_unlock(&y->lock);
    if (holding) holding--;
    return 0;
}

void hc_python_release(hc_server *s, const hc_python_item *given) {
    if (hc_server_dead(s)) return;
    python *y = of(s);
    queue *q = &y->q[1];
    pthread_mutex_lock(&y->lock);
    item *it = find(q, given->token);
    if (it) {
        unhold(q, it);
        discard(q, it);
    }
    pthread_mutex_unlock(&y->lock);
    if (it && holding) holding--;
}

int hc_python_quiet(hc_server *s, uint64_t until_ns) {
    if (holding) return 0; /* asked from within a handler: it would wait for itself */
    python *y = of(s);
    struct timespec until = hc_timespec(until_ns);
    int rc = 0;
    pthread_mutex_lock(&y->lock);
    for (int i = 0; i < 2; i++)
        while (y->q[i].attached && y->q[i].posted && !hc_server_closing(s) && rc == 0)
            rc = pthread_cond_timedwait(&y->q[i].less, &y->lock, &until);
    pthread_mutex_unlock(&y->lock);
    return rc ? -ETIMEDOUT : 0;
}

/* ----------------------------------------------------------------------------------------------------------- family */
static void *create(hc_server *s) {
    python *y = calloc(1, sizeof *y);
    if (!y) return NULL;
    y->server = s;
    pthread_mutex_init(&y->lock, NULL);
    hc_cond_init(&y->left);
    for (int i = 0; i < 2; i++) {
        y->q[i].end = &y->q[i].head;
        hc_cond_init(&y->q[i].more);
        hc_cond_init(&y->q[i].less);
    }
    return y;
}

/* Lanes that wait for Python are told; output stays queued for its reader, who gets CLOSED after the last of it. */
static void stop(hc_server *s, void *part) {
    python *y = part;
    queue *q = &y->q[0];
    pthread_mutex_lock(&y->lock);
    for (int i = 0; i < 2; i++) {
        pthread_cond_broadcast(&y->q[i].more);
        pthread_cond_broadcast(&y->q[i].less);
    }
    item *queued = q->head;
    q->head = NULL;
    q->end = &q->head;
    q->items = q->bytes = 0;
    for (;;) {
        item *it = q->held;
        while (it && (!it->call || it->copying)) it = it->next;
        if (!it) break;
        it->copying = true; /* keeps hc_python_done away */
        pthread_mutex_unlock(&y->lock);
        refuse(y, it, -ESHUTDOWN);
        pthread_mutex_lock(&y->lock);
        it->copying = false;
    }
    pthread_mutex_unlock(&y->lock);
    while (queued) {
        item *it = queued;
        queued = it->next;
        if (it->call)
            refuse(y, it, -ESHUTDOWN);
        else
            hc_bump(s->shared, &s->shared->python_errors, 1); /* a posted call that no thread took in time */
        pthread_mutex_lock(&y->lock);
        discard(q, it);
        pthread_mutex_unlock(&y->lock);
    }
}

static void free_items(item *it) {
    while (it) {
        item *next = it->next;
        free(it->bytes);
        free(it);
        it = next;
    }
}

static void destroy(hc_server *s, void *part) {
    python *y = part;
    (void)s;
    pthread_mutex_lock(&y->lock);
    while (y->inside) pthread_cond_wait(&y->left, &y->lock);
    pthread_mutex_unlock(&y->lock);
    for (int i = 0; i < 2; i++) {
        free_items(y->q[i].head);
        free_items(y->q[i].held);
        pthread_cond_destroy(&y->q[i].more);
        pthread_cond_destroy(&y->q[i].less);
    }
    pthread_cond_destroy(&y->left);
    pthread_mutex_destroy(&y->lock);
    free(y->names);
    free(y);
}

static const struct hc_family_op ops[] = {{HC_OP_CALL, call_by_name, "call", 4}};
const hc_family hc_family_python = {
    .name = "python",
    .part = HC_PART_PYTHON,
    .create = create,
    .stop = stop,
    .destroy = destroy,
    .ops = ops,
    .nops = sizeof ops / sizeof ops[0],
};
