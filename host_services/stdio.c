/* SPDX-License-Identifier: Apache-2.0
 *
 * Device stdout and stderr: which record, and which print that came as a call, goes to which sink. FLUSH is in basic.c,
 * and write on descriptors 1 and 2 arrives through transfer.c.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "print.h"
#include "hc/print.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES (1u << 20) /* text of a stream that waits in memory; beyond it its page waits for its turn instead */

typedef struct hc_stdio {
    hc_sink sinks[4]; /* what the process gave; and what descriptors 1 and 2 were made to mean (dup2), unbuffered */
    hc_sink *_Atomic target[2]; /* where posted bytes go */
} hc_stdio;

/* Text of both streams that is not in its sinks yet. One thread at a time has it. */
struct hc_page {
    hc_server *server;
    hc_text text[2];
    hc_printer *printer;
    void (*turn)(void *owner);
    void *owner;
};

/* What a descriptor stands for that was never made to mean anything else. */
static hc_sink *sink_of(hc_server *s, uint32_t stream) {
    hc_stdio *io = hc_server_part(s, HC_PART_STDIO);
    return io && (stream == HC_STREAM_STDOUT || stream == HC_STREAM_STDERR) ? &io->sinks[stream - 1] : NULL;
}

/* Where posted bytes go. */
static hc_sink *target_of(hc_server *s, uint32_t stream) {
    hc_stdio *io = hc_server_part(s, HC_PART_STDIO);
    return io && (stream == HC_STREAM_STDOUT || stream == HC_STREAM_STDERR) ? atomic_load(&io->target[stream - 1]) : NULL;
}

/* Bytes for another file are written at once: a write to its descriptor comes behind them. With its lock held. */
static void settle(hc_server *s, hc_sink *k) {
    hc_stdio *io = hc_server_part(s, HC_PART_STDIO);
    if (k >= &io->sinks[2]) hc_sink_empty(k);
}

/* ------------------------------------------------------------------------------------------------------------ pages */
/* Too much for memory: once everything before this page is in the sinks, this text follows and the rest of it goes there
 * directly. The lock stays until hc_page_out: a line in the middle stays whole. */
static void take_turn(hc_text *t) {
    hc_page *p = t->owner;
    hc_sink *k = target_of(p->server, t == &p->text[0] ? HC_STREAM_STDOUT : HC_STREAM_STDERR);
    if (p->turn) p->turn(p->owner);
    pthread_mutex_lock(&k->lock);
    hc_sink_put(k, t->bytes, t->used);
    t->used = 0;
    t->sink = k;
}

hc_page *hc_page_new(hc_server *s, void (*turn)(void *owner), void *owner) {
    hc_page *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    *p = (hc_page){.server = s, .turn = turn, .owner = owner, .printer = hc_printer_new()};
    for (int i = 0; i < 2; i++) p->text[i] = (hc_text){.limit = PAGE_BYTES, .turn = take_turn, .owner = p};
    if (p->printer) return p;
    free(p);
    return NULL;
}

void hc_page_free(hc_page *p) {
    if (!p) return;
    hc_printer_free(p->printer);
    for (int i = 0; i < 2; i++) free(p->text[i].bytes);
    free(p);
}

bool hc_page_print(hc_page *p, uint32_t op, uint32_t immediate, const uint64_t *words, uint32_t nwords) {
    uint32_t stream = op == HC_POST_PRINTF ? hc_print_stream(immediate) : immediate;
    if (nwords < 2 || !sink_of(p->server, stream)) return false;
    hc_text *t = &p->text[stream - 1];
    if (op == HC_POST_PRINTF) return hc_print_record(p->printer, t, immediate, words, nwords);
    if (op != HC_POST_BYTES || hc_print_words(words[1]) != nwords - 2) return false;
    hc_text_put(t, (const uint8_t *)(words + 2), words[1]);
    return true;
}

void hc_page_out(hc_page *p) {
    for (uint32_t i = 0; i < 2; i++) {
        hc_text *t = &p->text[i];
        hc_sink *k = t->sink;
        if (!k && !t->used) continue;
        if (!k) {
            k = target_of(p->server, i + 1);
            pthread_mutex_lock(&k->lock);
            hc_sink_put(k, t->bytes, t->used);
        }
        settle(p->server, k);
        pthread_mutex_unlock(&k->lock);
        t->sink = NULL;
        t->used = 0;
    }
}

/* ------------------------------------------------------------------------------------------------------------ calls */
/* The payload is copied before it is looked at: lanes can write to it while it is checked. */
static int64_t print_rank(const hc_call *c, uint32_t rank) {
    int64_t bytes = c->arg[0][rank], stream = c->arg[1][rank], format_bytes = c->arg[2][rank], nargs = c->arg[3][rank];
    hc_sink *k = stream >= 0 && stream <= UINT32_MAX ? target_of(c->server, (uint32_t)stream) : NULL;
    if (!k) return -EBADF;
    if (bytes < 0 || bytes % 8 || format_bytes < 0 || nargs < 0) return -EINVAL;
    if ((uint64_t)bytes > HC_PRINT_MAX_TEXT) return -EOVERFLOW;
    if (bytes && ((c->kind != HC_PAY_INLINE && c->kind != HC_PAY_STAGED) || !c->payload[rank])) return -EFAULT;
    if ((uint64_t)bytes > (bytes ? c->payload_len[rank] : 0)) return -EINVAL;
    uint64_t *words = malloc(bytes ? (size_t)bytes : 8);
    if (!words) return -ENOMEM;
    if (bytes) memcpy(words, c->payload[rank], (size_t)bytes);
    int64_t r = hc_sink_print_call(k, (uint64_t)format_bytes, (uint64_t)nargs, words, (uint64_t)bytes / 8);
    free(words);
    pthread_mutex_lock(&k->lock);
    settle(c->server, k);
    pthread_mutex_unlock(&k->lock);
    return r;
}

static int print(hc_call *c) {
    if (!hc_on_worker()) return HC_WORKER;
    for (uint32_t rank = 0; rank < c->lanes; rank++) c->result[rank] = print_rank(c, rank);
    return HC_SERVED;
}

void hc_stdio_idle(hc_server *s) {
    for (uint32_t stream = HC_STREAM_STDOUT; stream <= HC_STREAM_STDERR; stream++) {
        hc_sink *k = sink_of(s, stream); /* the others keep nothing */
        if (!k) continue;
        pthread_mutex_lock(&k->lock);
        hc_sink_empty(k);
        pthread_mutex_unlock(&k->lock);
    }
}

int hc_stdio_flush(hc_server *s) {
    hc_stdio *io = hc_server_part(s, HC_PART_STDIO);
    int first = 0;
    for (uint32_t i = 0; io && i < 4; i++) {
        int rc = hc_sink_flush(&io->sinks[i]);
        if (!first) first = rc;
    }
    return first;
}

int64_t hc_stdio_write(hc_server *s, uint32_t stream, const uint8_t *bytes, uint64_t n) {
    hc_sink *k = sink_of(s, stream);
    if (!k) return -EBADF;
    pthread_mutex_lock(&k->lock);
    int64_t r = hc_sink_write(k, bytes, n);
    pthread_mutex_unlock(&k->lock);
    return r;
}

bool hc_stdio_discard(hc_server *s, uint32_t stream, uint64_t n) {
    hc_sink *k = sink_of(s, stream);
    if (!k || pthread_mutex_trylock(&k->lock)) return false;
    bool nowhere = k->kind == HC_SINK_NULL;
    if (nowhere) (void)atomic_fetch_add(&k->bytes, n);
    pthread_mutex_unlock(&k->lock);
    return nowhere;
}

int hc_stdio_stat(hc_server *s, uint32_t stream, void *st) {
    hc_sink *k = sink_of(s, stream);
    bool terminal;
    if (!k) return -EBADF;
    hc_sink_about(k, st, &terminal);
    return 0;
}

bool hc_stdio_isatty(hc_server *s, uint32_t stream) {
    hc_sink *k = sink_of(s, stream);
    struct stat st;
    bool terminal = false;
    if (k) hc_sink_about(k, &st, &terminal);
    return terminal;
}

int hc_stdio_descriptor(hc_server *s, uint32_t stream) {
    hc_sink *k = sink_of(s, stream);
    return k ? hc_sink_descriptor(k) : -1;
}

void hc_stdio_counts(hc_server *s, uint64_t *bytes, uint64_t *errors) {
    hc_stdio *io = hc_server_part(s, HC_PART_STDIO);
    *bytes = *errors = 0;
    for (uint32_t i = 0; io && i < 4; i++) {
        *bytes += atomic_load(&io->sinks[i].bytes);
        *errors += atomic_load(&io->sinks[i].errors);
    }
}

uint64_t hc_stdio_lost(hc_server *s) {
    hc_stdio *io = hc_server_part(s, HC_PART_STDIO);
    uint64_t lost = 0;
    for (uint32_t i = 0; io && i < 4; i++) lost += atomic_load(&io->sinks[i].lost);
    return lost;
}

void hc_stdio_follow(hc_server *s, uint32_t stream, uint32_t of, int fd) {
    hc_stdio *io = hc_server_part(s, HC_PART_STDIO);
    if (!io || (stream != HC_STREAM_STDOUT && stream != HC_STREAM_STDERR)) return;
    hc_sink *own = &io->sinks[2 + stream - 1], *old = atomic_load(&io->target[stream - 1]);
    hc_sink *now = of == HC_STREAM_STDOUT || of == HC_STREAM_STDERR ? &io->sinks[of - 1] : &io->sinks[stream - 1];
    (void)hc_sink_flush(old);
    /* A file that can't be written takes no posted bytes; they go where they went at first. */
    if (fd >= 0 && hc_sink_set(own, HC_SINK_FD, fd) == 0) now = own;
    atomic_store(&io->target[stream - 1], now);
    if (now != own && old == own) (void)hc_sink_set(own, HC_SINK_NULL, -1); /* lets go of the file: of a pipe somebody may wait for the end */
}

int hc_stdio_sink(hc_server *s, uint32_t stream, int kind, int fd) {
    hc_sink *k = sink_of(s, stream);
    return k ? hc_sink_set(k, kind, fd) : -EINVAL;
}

static void *stdio_create(hc_server *s) {
    hc_stdio *io = calloc(1, sizeof *io);
    if (!io) return NULL;
    for (uint32_t i = 0; i < 4; i++) {
        if (hc_sink_init(&io->sinks[i], s, HC_STREAM_STDOUT + i % 2) == 0) continue;
        while (i--) hc_sink_free(&io->sinks[i]);
        free(io);
        return NULL;
    }
    for (uint32_t i = 0; i < 2; i++) atomic_init(&io->target[i], &io->sinks[i]);
    return io;
}

static void stdio_stop(hc_server *s, void *part) {
    hc_stdio *io = part;
    (void)s;
    for (uint32_t i = 0; i < 4; i++) hc_sink_stop(&io->sinks[i]);
}

static void stdio_destroy(hc_server *s, void *part) {
    hc_stdio *io = part;
    (void)s;
    for (uint32_t i = 0; i < 4; i++) hc_sink_free(&io->sinks[i]);
    free(io);
}

static const struct hc_family_op OPS[] = {{HC_OP_PRINT, print, "print", 4}};

const hc_family hc_family_stdio = {
    .name = "stdio",
    .part = HC_PART_STDIO,
    .create = stdio_create,
    .stop = stdio_stop,
    .destroy = stdio_destroy,
    .ops = OPS,
    .nops = sizeof OPS / sizeof OPS[0],
};
