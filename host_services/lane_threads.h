/* SPDX-License-Identifier: Apache-2.0
 *
 * What a C thread that plays a lane needs so that the lane can become one thread of a program after another: sleep at a word, and
 * thread-locals that begin anew. Internal to the lanes.
 */
#ifndef HC_LANE_THREADS_H
#define HC_LANE_THREADS_H
#include "server.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The thread-locals of a shared object: its initial image, and where to ask for a thread's copy. bytes 0: none but the lane pointer. */
typedef struct hc_lane_locals {
    unsigned long module;
    const void *image;
    size_t image_bytes, bytes;
} hc_lane_locals;

/* Of the shared object that has code at this address; none for that of the server itself. */
void hc_lane_locals_find(uintptr_t code, hc_lane_locals *out);
/* This thread's copy is as at its start. False if there is nothing to do. */
bool hc_lane_locals_renew(const hc_lane_locals *locals);

void hc_lane_rest(hc_u64 at, hc_u32 seen, hc_u64 ns);
void hc_lane_stir(hc_u64 at);
void hc_lane_stack(hc_u64 *base, hc_u64 *bytes); /* of the calling thread */

#endif
