/* SPDX-License-Identifier: Apache-2.0
 *
 * Many reads or writes of plain files as few system calls. A piece is what one lane asked for, or one request of its
 * batch; where pieces go on where the one before ends they travel together, and each gets the result that its own call
 * would have had. Nothing here knows calls, lanes or descriptors' numbers.
 */
#ifndef HC_PIECES_H
#define HC_PIECES_H
#include "descriptors.h"

#define HC_MOST_BYTES 0x7ffff000ull /* what one call moves at most, as in Linux */
#define HC_MOST_PIECES 1024u        /* IOV_MAX of Linux */

typedef struct hc_piece {
    hc_file *file;   /* of kind HC_FILE_PLAIN */
    uint8_t *at;     /* host memory; where it is unmapped the result is -EFAULT */
    uint64_t bytes;  /* > 0 */
    int64_t offset;  /* unused where the file's own offset counts */
    int64_t *result; /* a count, or -errno */
} hc_piece;

/* Moves pieces in their order; those at offsets of their own may overtake one another. At most HC_MOST_PIECES. May
 * sleep. */
void hc_pieces_move(const hc_piece *p, uint32_t count, bool writing, bool positioned);
/* Reads pieces that follow one another at their offsets if all of it is cached; never sleeps. False: nothing is said
 * about any of them. Only where hc_file_may_try. */
bool hc_pieces_try(const hc_piece *p, uint32_t count);
static inline bool hc_file_may_try(hc_file *file) {
    return !file->direct && !atomic_load_explicit(&file->cannot_try, memory_order_relaxed);
}
#endif
