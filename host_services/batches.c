/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_read_at and hc_write_at: one lane's list of reads or writes at offsets of their own, in one packet. A lane's part
 * of the payload is the requests' bytes, each rounded up to 16, and at its very end a table of {offset, bytes} pairs, in
 * which the result takes the place of the length. The table stands behind the bytes so that these begin where the part
 * begins, aligned for O_DIRECT.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs.h"
#include "pieces.h"
#include <errno.h>
#include <string.h>

typedef struct batch {
    hc_piece pieces[HC_MOST_PIECES];
    uint32_t count;
    bool writing;
} batch;

static void flush(batch *b) {
    hc_quiet quiet;
    hc_quiet_begin(&quiet);
    hc_pieces_move(b->pieces, b->count, b->writing, true);
    hc_quiet_end(&quiet);
    b->count = 0;
}

/* 0, or why none of the lane's requests can be carried out. */
static int64_t refuse(const hc_call *c, uint32_t rank, bool writing, const hc_file *file) {
    int64_t requests = c->arg[3][rank];
    uint64_t room = c->payload_len[rank];
    if (!file || !(writing ? file->writes : file->reads)) return -EBADF;
    if (file->kind == HC_FILE_DIRECTORY) return -EISDIR;
    if (file->kind != HC_FILE_PLAIN) return -ESPIPE;
    if (requests == 0) return 0;
    if (c->kind != HC_PAY_STAGED || !c->payload[rank]) return -EFAULT;
    return requests < 0 || room % 16 || (uint64_t)requests > room / 16 ? -EINVAL : 0;
}

/* Lanes may write to the table meanwhile: each entry is read once. */
static void add(batch *b, const hc_call *c, uint32_t rank, hc_file *file) {
    uint64_t requests = (uint64_t)c->arg[3][rank], room = c->payload_len[rank] - 16 * requests, at = 0;
    uint8_t *table = c->payload[rank] + room;
    for (uint64_t i = 0; i < requests; i++, table += 16) {
        int64_t wire[2], result = 0;
        memcpy(wire, table, sizeof wire);
        uint64_t bytes = (uint64_t)wire[1];
        if (bytes > room - at || wire[0] < 0) result = -EINVAL;
        if (result < 0 || bytes == 0) {
            memcpy(table + 8, &result, sizeof result);
        } else {
            b->pieces[b->count++] = (hc_piece){file, c->payload[rank] + at, bytes, wire[0], (int64_t *)(void *)(table + 8)};
            if (b->count == HC_MOST_PIECES) flush(b);
        }
        if (bytes > room - at) at = room;
        else at += hc_round16(bytes) < room - at ? hc_round16(bytes) : room - at;
    }
}

int hc_fs_batch(hc_call *c) {
    if (!hc_on_worker()) return HC_WORKER;
    hc_file *file[HC_MAX_LANES];
    batch b = {.writing = c->op == HC_OP_WRITE_AT};
    for (uint32_t i = 0; i < c->lanes; i++) {
        file[i] = hc_descriptor_get(&hc_fs_of(c)->descriptors, c->arg[2][i]);
        c->result[i] = refuse(c, i, b.writing, file[i]);
        if (c->result[i] < 0) continue;
        c->result[i] = c->arg[3][i];
        add(&b, c, i, file[i]);
    }
    flush(&b);
    for (uint32_t i = 0; i < c->lanes; i++)
        if (file[i]) hc_file_put(file[i]);
    return HC_SERVED;
}
