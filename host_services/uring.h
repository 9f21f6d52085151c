/* SPDX-License-Identifier: Apache-2.0
 *
 * Several reads or writes under way at the same time, by one thread that waits for all of them: io_uring, one small
 * ring per thread that ever asks, made when it does.
 */
#ifndef HC_URING_H
#define HC_URING_H
#include <stdbool.h>
#include <stdint.h>

typedef struct hc_uring_io {
    int fd;
    void *at;
    uint32_t bytes;
    int64_t offset;
    int64_t result; /* a count, or -errno; -EAGAIN: not tried */
} hc_uring_io;

/* False: there is no ring here (an old kernel, a sandbox), nothing was tried. */
bool hc_uring_run(hc_uring_io *io, uint32_t count, bool writing);
#endif
