/* SPDX-License-Identifier: Apache-2.0
 *
 * Where device stdout and stderr go: a buffer, and behind it nothing, a descriptor of the process, or Python. What a
 * sink refuses is counted and reported, never forgotten. It knows bytes and lines, not records.
 */
#ifndef HC_SINKS_H
#define HC_SINKS_H
#include "server.h"
#include <pthread.h>
#include <sys/stat.h>

#define HC_SINK_BYTES (1u << 20)

typedef struct hc_sink {
    hc_server *server;
    uint32_t stream;
    pthread_mutex_t lock; /* held for the whole of one lane's output, so that nothing gets between its pieces */
    int kind, fd;
    bool plain, socket, host_nonblock;
    uint8_t *buffer; /* HC_SINK_BYTES and room for one more field */
    size_t used;
    int error; /* the first one that hc_sink_flush has not reported yet */
    pthread_mutex_t about_lock; /* guards the descriptor for hc_sink_about: a writer may hold `lock` for long */
    bool terminal;
    _Atomic uint64_t bytes, errors, lost;
    _Atomic uint64_t give_up_ns; /* closing: a reader that does not read has until then */
} hc_sink;

int hc_sink_init(hc_sink *k, hc_server *s, uint32_t stream);
void hc_sink_free(hc_sink *k);
int hc_sink_set(hc_sink *k, int kind, int fd);
void hc_sink_stop(hc_sink *k);

/* With lock held. */
void hc_sink_put(hc_sink *k, const uint8_t *bytes, size_t n);
uint8_t *hc_sink_room(hc_sink *k,
                      size_t n); /* n contiguous bytes at buffer + used, n <= HC_SINK_BYTES; the caller moves `used` */
void hc_sink_empty(hc_sink *k);
int64_t hc_sink_write(hc_sink *k, const uint8_t *bytes,
                      uint64_t n); /* behind what is buffered; n, a short count or -errno */

/* Without. */
void hc_sink_about(hc_sink *k, struct stat *st, bool *terminal);
int hc_sink_descriptor(hc_sink *k); /* a duplicate of its descriptor, or -1 */
int hc_sink_flush(hc_sink *k); /* 0, or the first error since the last flush as -errno */
#endif
