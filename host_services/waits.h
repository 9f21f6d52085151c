/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for files that can keep somebody waiting: any number of waiters on any number of files, each with a time limit if it
 * wants one, behind one descriptor of the event thread. A file is watched once however many wait for it, and a waiter that has
 * ended leaves nothing behind. Waiters of one file are asked in the order in which they came, and no more of them than there is
 * something for.
 */
#ifndef HC_WAITS_H
#define HC_WAITS_H
#include "descriptors.h"
#include "server.h"

typedef enum hc_wake {
    HC_WAKE_READY,   /* a file may be ready */
    HC_WAKE_TIME,    /* the time is over */
    HC_WAKE_CLOSED,  /* the number of one of the files was closed */
    HC_WAKE_STOPPED, /* the server closes, or the kernel was stopped */
} hc_wake;

typedef struct hc_waiter hc_waiter;
typedef struct hc_watch_file hc_watch_file;

typedef struct hc_wait_link { /* one file that a waiter waits for; the caller sets the first two */
    hc_file *file;            /* the waiter holds a reference */
    uint32_t events;          /* EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP */
    hc_waiter *waiter;
    hc_watch_file *watch;
    struct hc_wait_link *next, *prev;
} hc_wait_link;

struct hc_waiter {
    /* True: it has ended and belongs to the callback again. False, after HC_WAKE_READY only: there was nothing for it. */
    bool (*fn)(hc_waiter *w, hc_wake why);
    uint64_t deadline_ns; /* CLOCK_MONOTONIC; 0: none */
    bool looks;           /* it takes nothing away: all such waiters are asked */
    uint32_t nlinks;
    hc_wait_link *links;
    /* the waits' own */
    size_t place; /* in the heap, plus 1 */
    uint64_t asked;
    hc_waiter *next, *prev;
};

typedef struct hc_waits hc_waits;
hc_waits *hc_waits_new(hc_server *s); /* NULL: no memory, no descriptor */
void hc_waits_free(hc_waits *q);      /* nobody waits any more */
/* From now on until its callback returned true the waiter is the waits'. Never blocks. 0, or -errno: it does not wait. */
int hc_waits_add(hc_waits *q, hc_waiter *w);
/* The file's number is gone: everybody who waits for it is told, on this thread. */
void hc_waits_closed(hc_waits *q, hc_file *file);
/* When a call on this socket is given up, by SO_RCVTIMEO or SO_SNDTIMEO; 0: never. The socket keeps these, for all descriptors that share it. */
uint64_t hc_file_deadline(const hc_file *file, bool writing);
#endif
