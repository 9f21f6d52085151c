/* SPDX-License-Identifier: Apache-2.0
 *
 * Stands in for the polling core, so that services can be driven without a channel: calls are filled in by hand, parked
 * lanes end up in c->result, events come from a thread of its own. Waits are bounded and say what they waited for.
 */
#ifndef HC_FAKE_CORE_H
#define HC_FAKE_CORE_H
#include "server.h"
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                  \
        }                                                                             \
    } while (0)
#define EQ(got, want)                                                                                                 \
    do {                                                                                                              \
        long long got_ = (long long)(got), want_ = (long long)(want);                                                 \
        if (got_ != want_) {                                                                                          \
            fprintf(stderr, "%s:%d: %s is %lld, expected %lld (%s)\n", __FILE__, __LINE__, #got, got_, want_, #want); \
            exit(1);                                                                                                  \
        }                                                                                                             \
    } while (0)

hc_server *fake_start(uint32_t max_open);
void fake_close(hc_server *s); /* as hc_server_close: callbacks of waiting calls get events = 0 */
void fake_stop(hc_server *s);  /* and destroys it */

/* A call with `lanes` lanes. Payload memory is the caller's; kind is HC_PAY_NONE until fake_payload. */
hc_call *fake_call(hc_server *s, uint32_t op, uint32_t lanes);
void fake_arg(hc_call *c, uint32_t k, uint32_t rank, int64_t value);
void fake_payload(hc_call *c, uint32_t kind, uint32_t rank, void *at, uint64_t bytes);
void fake_begin(hc_call *c); /* runs the service */
/* A posted record, on a page of its own. */
bool fake_posted(hc_server *s, uint32_t op, uint32_t immediate, const uint64_t *words, uint32_t nwords);
bool fake_done(hc_call *c);
bool fake_rank_done(hc_call *c, uint32_t rank);
void fake_wait(hc_call *c);         /* at most 20 s */
void fake_settle(int milliseconds); /* lets other threads get on */
void fake_free(hc_call *c);

/* What hc_python_emit took. */
extern char *fake_python;
extern size_t fake_python_bytes, fake_python_chunks;
extern size_t fake_python_cut_lines; /* chunks that do not end with a newline */
extern int fake_python_error;
#endif
