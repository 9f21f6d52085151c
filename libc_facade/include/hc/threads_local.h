/* SPDX-License-Identifier: Apache-2.0
 *
 * What a thread has of its own: a record, values of keys, destructors, thread-local variables where the target has none. A lane finds its
 * record by its number in a table with the launch's tag; places are never shared, and where there are too few, whoever needs one is refused.
 */
#ifndef HC_THREADS_LOCAL_H
#define HC_THREADS_LOCAL_H
#include "threads_wait.h"
#include "atexit.h"
#include "fs.h"
#include "heap.h"

#define HC_THREADS_MAX 8192u /* threads and lanes of main that have something of their own, at a time */
#define HC_LANE_PLACES 16384u
#define HC_KEYS_MAX 128u
#define HC_KEY_ROUNDS 4u /* destructors may set values anew, so often */
#define HC_THREAD_NAME 16u

/* record.state. A thread's record is free again when the thread is over and nobody will join it. */
#define HC_THREAD_LIVE 1u
#define HC_THREAD_OVER 2u
#define HC_THREAD_DETACHED 4u
#define HC_THREAD_JOINING 8u

typedef struct hc_key_value {
    hc_u32 use, reserved; /* of the key, when the value was set */
    const void *value;
} hc_key_value;
typedef struct hc_thread_end { /* a destructor of a thread-local object */
    struct hc_thread_end *next;
    void (*function)(void *);
    void *argument;
} hc_thread_end;

typedef struct hc_cleanup { /* what pthread_cleanup_push left on the stack */
    void (*routine)(void *);
    void *argument;
    struct hc_cleanup *outer;
} hc_cleanup;

typedef struct hc_thread {
    hc_u32 state, use; /* use: counts the threads that had this record */
    hc_u32 c11;        /* the function returns int */
    hc_u32 lane;       /* lane number */
    void *(*function)(void *);
    void *argument;
    void *result;
    hc_key_value *values; /* HC_KEYS_MAX, once one is set */
    hc_thread_end *ends;
    hc_cleanup *cleanups;
    void **locals; /* by the variable's index; [-1] is their number */
    char name[HC_THREAD_NAME];
} hc_thread;

typedef struct hc_thread_place {
    hc_u64 owner; /* launch : 32 | lane number : 32 */
    hc_thread *thread;
    struct hc_pool_lane *pool; /* what this lane is to the pool; 0: it runs main */
} hc_thread_place;

HC_STATE hc_thread hc_threads[HC_THREADS_MAX];
HC_STATE hc_thread_place hc_lane_places[HC_LANE_PLACES];
HC_STATE hc_u32 hc_thread_hint; /* where a free record was last found */

/* The place of this lane; 0 if it has none and none is wanted, or all are taken. */
HC_BODY hc_thread_place *hc_lane_place_here(int make) {
    hc_u64 owner = (hc_u64)hc_launch_token() << 32 | hc_lane_number();
    hc_u32 at = hc_lane_number() * 2654435761u >> 8, i;
    HC_ROLLED for (i = 0; i < 64u; i++) {
        hc_thread_place *p = &hc_lane_places[(at + i) % HC_LANE_PLACES];
        hc_u64 seen = hc_dev_load64(HC_AT64(&p->owner));
        if (seen == owner) return p;
        if (seen >> 32 == owner >> 32) continue; /* a neighbour's */
        if (!make) return 0;
        if (hc_dev_cas64(HC_AT64(&p->owner), seen, owner) == seen) {
            p->thread = 0;
            p->pool = 0;
            return p;
        }
        i--; /* somebody was here first: look again */
    }
    return 0;
}

/* A record with no owner; 0 if there is none. */
HC_BODY hc_thread *hc_thread_new(void) {
    hc_u32 from = hc_dev_load32(HC_AT64(&hc_thread_hint)), i;
    HC_ROLLED for (i = 0; i < HC_THREADS_MAX; i++) {
        hc_u32 index = (from + i) % HC_THREADS_MAX;
        hc_thread *t = &hc_threads[index];
        if (hc_dev_load32(HC_AT64(&t->state)) != 0 || hc_dev_cas32(HC_AT64(&t->state), 0, HC_THREAD_LIVE) != 0) continue;
        hc_dev_store32(HC_AT64(&hc_thread_hint), index + 1u);
        HC_SYNC_FENCE();
        (void)hc_dev_add32(HC_AT64(&t->use), 1);
        t->c11 = 0;
        t->function = 0;
        t->values = 0;
        t->ends = 0;
        t->cleanups = 0;
        t->locals = 0;
        t->name[0] = 0;
        return t;
    }
    return 0;
}
HC_FN void hc_thread_free(hc_thread *t) {
    (void)hc_dev_add32(HC_AT64(&t->use), 1); /* its handle is no thread's from here on */
    HC_SYNC_FENCE();
    (void)hc_dev_exch32(HC_AT64(&t->state), 0);
}

/* The record of this thread. A lane of main gets one when it first needs it. */
HC_BODY hc_thread *hc_thread_here(int make) {
    hc_thread_place *p = hc_lane_place_here(make);
    if (!p) return 0;
    if (!p->thread && make) {
        p->thread = hc_thread_new();
        if (p->thread) p->thread->lane = hc_lane_number();
    }
    return p->thread;
}

/* ------------------------------------------------------------------------------------------------------------------------- keys */
typedef struct hc_key {
    hc_u32 use; /* odd: taken */
    void (*destructor)(void *);
} hc_key;
HC_STATE hc_key hc_keys[HC_KEYS_MAX];

HC_BODY int hc_pthread_key_create(hc_u32 *key, void (*destructor)(void *)) {
    hc_u32 i;
    HC_ROLLED for (i = 0; i < HC_KEYS_MAX; i++) {
        hc_u32 use = hc_dev_load32(HC_AT64(&hc_keys[i].use));
        if (use & 1u || hc_dev_cas32(HC_AT64(&hc_keys[i].use), use, use + 1u) != use) continue;
        (void)hc_dev_exch64(HC_AT64(&hc_keys[i].destructor), HC_AT64(destructor));
        *key = i;
        return 0;
    }
    return HC_EAGAIN;
}
HC_FN int hc_key_use(hc_u32 key, hc_u32 *use) {
    *use = key < HC_KEYS_MAX ? hc_dev_load32(HC_AT64(&hc_keys[key].use)) : 0;
    return (int)(*use & 1u);
}
HC_FN int hc_pthread_key_delete(hc_u32 key) {
    hc_u32 use;
    if (!hc_key_use(key, &use)) return HC_EINVAL;
    return hc_dev_cas32(HC_AT64(&hc_keys[key].use), use, use + 1u) == use ? 0 : HC_EINVAL;
}
HC_BODY int hc_pthread_setspecific(hc_u32 key, const void *value) {
    hc_thread *t;
    hc_u32 use;
    if (!hc_key_use(key, &use)) return HC_EINVAL;
    t = hc_thread_here(value != 0);
    if (!t || !t->values) {
        if (!value) return 0; /* as it is */
        if (!t) return HC_ENOMEM;
        t->values = (hc_key_value *)hc_calloc(HC_KEYS_MAX, sizeof(hc_key_value));
        if (!t->values) return HC_ENOMEM;
    }
    t->values[key].use = use;
    t->values[key].value = value;
    return 0;
}
HC_BODY void *hc_pthread_getspecific(hc_u32 key) {
    hc_thread *t;
    hc_u32 use;
    if (!hc_key_use(key, &use)) return 0;
    t = hc_thread_here(0);
    return t && t->values && t->values[key].use == use ? (void *)(hc_size)t->values[key].value : 0;
}
HC_FN void hc_keys_end(hc_thread *t) {
    hc_u32 round, i, again = 1;
    HC_ROLLED for (round = 0; t->values && round < HC_KEY_ROUNDS && again; round++) {
        again = 0;
        HC_ROLLED for (i = 0; i < HC_KEYS_MAX; i++) {
            void *value = (void *)(hc_size)t->values[i].value;
            void (*destructor)(void *);
            hc_u32 use;
            if (!value || !hc_key_use(i, &use) || t->values[i].use != use) continue;
            destructor = (void (*)(void *))(hc_size)hc_dev_load64(HC_AT64(&hc_keys[i].destructor));
            if (!destructor) continue;
            t->values[i].value = 0;
            again = 1;
            destructor(value);
        }
    }
}

/* -------------------------------------------------------------------------------------------- destructors of thread-local objects */
HC_FN void hc_thread_ends(hc_thread *t) {
    while (t->ends) {
        hc_thread_end end = *t->ends;
        hc_free(t->ends);
        t->ends = end.next;
        end.function(end.argument);
    }
}
HC_FN void hc_main_ends(void *t) {
    if (t == hc_thread_here(0)) hc_thread_ends((hc_thread *)t);
}
/* A lane of main has its objects destroyed by exit, if it is the one that calls it. */
HC_BODY int hc_thread_atexit(void (*function)(void *), void *argument) {
    hc_thread *t = hc_thread_here(1);
    hc_thread_end *end = t ? (hc_thread_end *)hc_malloc(sizeof(hc_thread_end)) : 0;
    if (!end) return -1;
    if (!t->ends && !t->function) (void)hc_do_cxa_atexit(hc_main_ends, t);
    end->function = function;
    end->argument = argument;
    end->next = t->ends;
    t->ends = end;
    return 0;
}

/* ------------------------------------------------------------------------------------------ thread-local variables, where lowered
 * Targets without thread-local storage reach a variable through its description, which the toolchain makes (hostcall/programs/tls.py). */
typedef struct hc_local {
    const void *image; /* initial value */
    hc_u64 bytes, align;
    hc_u64 index; /* from 1; 0: nobody has asked yet */
} hc_local;
HC_STATE hc_u32 hc_locals_count;

HC_NORETURN HC_BODY void hc_local_failed(void) {
    const char text[] = "hostcall: no memory for variables of threads: give the program more heap (--heap)\n";
    (void)hc_write(2, text, sizeof text - 1u);
    hc_abort();
}
/* Locals of functions that start threads, which others may see (hostcall/programs/frames.py): a lane's own stack is out of their reach. */
HC_BODY void *hc_locals_take(hc_u64 bytes, hc_u64 align) {
    void *p = hc_aligned_alloc(align > 16u ? align : 16u, bytes ? bytes : 1u);
    if (!p) hc_local_failed();
    return p;
}

HC_FN hc_u32 hc_local_index(hc_local *l) {
    hc_u64 index = hc_dev_load64(HC_AT64(&l->index)), seen;
    if (index) return (hc_u32)index;
    index = hc_dev_add32(HC_AT64(&hc_locals_count), 1) + 1u;
    seen = hc_dev_cas64(HC_AT64(&l->index), 0, index);
    return (hc_u32)(seen ? seen : index);
}
/* Of this thread's own, by index: room for at least so many. */
HC_FN void hc_locals_grow(hc_thread *t, hc_u32 index) {
    hc_u64 had = t->locals ? (hc_u64)(hc_size)t->locals[-1] : 0, n = (hc_u64)index + 16u, i;
    void **more = (void **)hc_realloc(t->locals ? (void *)(t->locals - 1) : (void *)0, (n + 1u) * sizeof(void *));
    if (!more) hc_local_failed();
    more[0] = (void *)(hc_size)n;
    t->locals = more + 1;
    for (i = had; i < n; i++) t->locals[i] = 0;
}
HC_BODY void *hc_local_new(hc_thread *t, const hc_local *l, hc_u32 index) {
    char *copy = (char *)hc_locals_take(l->bytes, l->align);
    hc_u64 i;
    for (i = 0; i < l->bytes; i++) copy[i] = ((const char *)l->image)[i];
    t->locals[index] = copy;
    return copy;
}
HC_BODY void *hc_local_address(hc_local *l) {
    hc_thread *t = hc_thread_here(1);
    hc_u32 index = hc_local_index(l);
    if (!t) hc_local_failed();
    if (!t->locals || (hc_u64)(hc_size)t->locals[-1] <= index) hc_locals_grow(t, index);
    return t->locals[index] ? t->locals[index] : hc_local_new(t, l, index);
}
HC_FN void hc_locals_end(hc_thread *t) {
    hc_u64 i, n = t->locals ? (hc_u64)(hc_size)t->locals[-1] : 0;
    for (i = 0; i < n; i++)
        if (t->locals[i]) hc_free(t->locals[i]);
    if (t->locals) hc_free(t->locals - 1);
    t->locals = 0;
}

/* pthread_cleanup_push and pop; a lane without a record has nothing that pthread_exit could run. */
HC_BODY void hc_cleanup_push(hc_cleanup *c, void (*routine)(void *), void *argument) {
    hc_thread *t = hc_thread_here(1);
    c->routine = routine;
    c->argument = argument;
    c->outer = t ? t->cleanups : 0;
    if (t) t->cleanups = c;
}
HC_BODY void hc_cleanup_pop(hc_cleanup *c, int execute) {
    hc_thread *t = hc_thread_here(0);
    if (t) t->cleanups = c->outer;
    if (execute) c->routine(c->argument);
}
HC_FN void hc_cleanup_all(hc_thread *t) {
    while (t->cleanups) hc_cleanup_pop(t->cleanups, 1);
}

/* What a thread leaves behind it, in the order of Linux: thread-local objects, then keys. */
HC_BODY void hc_thread_clean(hc_thread *t) {
    hc_thread_ends(t);
    hc_keys_end(t);
    hc_thread_ends(t); /* a key's destructor may have touched one more */
    if (t->values) hc_free(t->values);
    t->values = 0;
    hc_locals_end(t);
}

#endif
