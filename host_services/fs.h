/* SPDX-License-Identifier: Apache-2.0
 *
 * What the file-system services share: their state, and the numbers that cross the channel. Flags and constants on the
 * wire are those of Linux on x86-64 whatever the host is; they are translated here, so a host of another architecture
 * reads O_DIRECTORY as O_DIRECTORY.
 */
#ifndef HC_FS_H
#define HC_FS_H
#include "descriptors.h"
#include "paths.h"
#include "server.h"
#include "waits.h"

#define HC_WIRE_ACCMODE 03u
#define HC_WIRE_RDONLY 00u
#define HC_WIRE_WRONLY 01u
#define HC_WIRE_RDWR 02u
#define HC_WIRE_CREAT 0100u
#define HC_WIRE_EXCL 0200u
#define HC_WIRE_NOCTTY 0400u
#define HC_WIRE_TRUNC 01000u
#define HC_WIRE_APPEND 02000u
#define HC_WIRE_NONBLOCK 04000u
#define HC_WIRE_DSYNC 010000u
#define HC_WIRE_DIRECT 040000u
#define HC_WIRE_LARGEFILE 0100000u
#define HC_WIRE_DIRECTORY 0200000u
#define HC_WIRE_NOFOLLOW 0400000u
#define HC_WIRE_NOATIME 01000000u
#define HC_WIRE_CLOEXEC 02000000u
#define HC_WIRE_SYNC 04010000u
#define HC_WIRE_PATH 010000000u
#define HC_WIRE_TMPFILE 020200000u
#define HC_WIRE_FDCWD (-100)
#define HC_WIRE_SYMLINK_NOFOLLOW 0x100
#define HC_WIRE_REMOVEDIR 0x200
#define HC_WIRE_EACCESS 0x200
#define HC_WIRE_EMPTY_PATH 0x1000
#define HC_WIRE_SYMLINK_FOLLOW 0x400
#define HC_DUP_AT_LEAST 1u /* flags of HC_OP_DUP: `wanted` is a lower bound (F_DUPFD), not the number itself (dup2) */
#define HC_DUP_CLOEXEC 2u  /* the new number has FD_CLOEXEC */

typedef struct hc_fs {
    hc_server *server;
    hc_descriptors descriptors;
    hc_paths paths;
    hc_waits *waits;  /* lanes that wait for files */
    atomic_int umask; /* -1: nobody has set one, and the process's holds */
} hc_fs;

static inline hc_fs *hc_fs_of(hc_call *c) { return hc_server_part(c->server, HC_PART_FS); }

/* transfer.c: HC_OP_READ, HC_OP_WRITE, HC_OP_PREAD, HC_OP_PWRITE */
int hc_fs_transfer(hc_call *c);
/* batches.c: HC_OP_READ_AT, HC_OP_WRITE_AT */
int hc_fs_batch(hc_call *c);

/* A write that nobody reads or that passes the file size limit raises a signal that would end the process. Between
 * these two it only returns EPIPE or EFBIG. Free of effect on threads that block these signals anyway. */
typedef struct hc_quiet {
    bool restore, pending;
    uint64_t old[16]; /* sigset_t, kept opaque */
} hc_quiet;
void hc_quiet_begin(hc_quiet *q);
void hc_quiet_end(hc_quiet *q);
#endif
