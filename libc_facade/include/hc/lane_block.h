/* SPDX-License-Identifier: Apache-2.0
 *
 * What a lane has alone beside errno: where its strtok stands, and a block of the device's heap for the functions that answer in memory of
 * their own (localtime, asctime, strerror, ...), made when the lane calls one of them.
 */
#ifndef HC_LANE_BLOCK_H
#define HC_LANE_BLOCK_H
#include "errno.h"
#include "heap.h"

typedef struct hc_lane_block {
    hc_u64 broken_down[8]; /* of gmtime and localtime */
    char date[32];         /* of asctime and ctime */
    char text[64];         /* of strerror and strsignal, for numbers that have no text */
} hc_lane_block;

/* Where the address of a lane's block, or of the rest of its strtok, is kept; 0 where the lane has no place of its own. */
HC_FN hc_u64 *hc_lane_words(int block) {
#if defined(HC_HOST)
    return block ? &hc_self->block_at : &hc_self->strtok_at;
#else
    hc_u64 at = hc_own_place();
    if (!at || !hc_dev_load64(at)) return 0;
    return HC_AT(hc_u64, at + (block ? HC_PLACE_BLOCK : HC_PLACE_STRTOK));
#endif
}
/* 0, and ENOMEM: no memory, or no place. */
HC_BODY hc_lane_block *hc_lane_block_of(void) {
    hc_u64 *kept = hc_lane_words(1);
    if (kept && !*kept) *kept = hc_heap_get_block(sizeof(hc_lane_block), 16u);
    if (kept && *kept) return HC_AT(hc_lane_block, *kept);
    hc_errno_set(HC_ENOMEM);
    return 0;
}

#endif
