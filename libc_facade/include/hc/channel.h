/* SPDX-License-Identifier: Apache-2.0
 *
 * The protocol: where everything lies in a channel, what a packet looks like, and which tag makes it valid. The same text serves
 * the lanes and the server. No I/O, no allocation, no waiting policy: callers bring those.
 *
 * The unit is the word: 16 bytes, two halves of 8, each {32 bits of data, 32-bit tag}. A half is read and written by one 8-byte
 * access; data are taken from the very load that carried the accepted tag, so nothing has to be fenced and nothing is ever cleared.
 */
#ifndef HC_CHANNEL_H
#define HC_CHANNEL_H
#include "platform.h"

#define HC_MAGIC 0x48434331u /* "HCC1" */
#define HC_ABI_VERSION 1u

/* ------------------------------------------------------------------------------------------------------------- sizes */
#define HC_WORD 16u
#define HC_HEAD_WORDS 4u                            /* 64 bytes: one PCIe write, one cache line */
#define HC_HEAD_BYTES (HC_HEAD_WORDS * HC_WORD)
#define HC_MAX_ARGS 6u
#define HC_TAIL_WORDS (HC_MAX_ARGS * HC_MAX_LANES)  /* room for six arguments of 32 lanes, or the same room as inline payload */
#define HC_TAIL_BYTES (HC_TAIL_WORDS * HC_WORD)
#define HC_BELL_GROUP 64u                           /* slots per doorbell line: one byte each */
#define HC_PAGE 4096u                               /* unit of the payload arena */
#define HC_MAX_POLLERS 16u
#define HC_MAX_RANGES 64u
#define HC_LIMBO_ENTRIES 1024u
#define HC_MAX_RECORD_WORDS 4096u                   /* longest record of the posted ring */
#define HC_ORDER_ENTRIES 65536u
#define HC_BLOCK_PLACES 4096u                       /* OpenCL: broadcast places of block collectives */

/* ------------------------------------------------------------------------------------------------------- sequence, tags */
/* A tag is 32 bits: the sequence number of the use in 30, the form of the reply in 2. Sequence 0 is never used, so zeroed memory
 * matches nothing. When a slot's sequence wraps, the writer of each side rewrites all words it owns of that slot first
 * (hc_seq_wraps): otherwise a word untouched for 2^30 uses could carry the tag that is expected now. */
#define HC_SEQ_MASK 0x3fffffffu
#define HC_FORM_SHIFT 30
#define HC_FORM_UNIFORM 0u /* the value is the result of every lane */
#define HC_FORM_LANES 1u   /* look at your own lane word: its form says value (0) or parked (2) */
#define HC_FORM_PARKED 2u  /* the value is {completion index, generation}; the slot is free again */

HC_FN hc_u32 hc_seq_next(hc_u32 seq) {
    hc_u32 n = (seq + 1u) & HC_SEQ_MASK;
    return n ? n : 1u;
}
HC_FN int hc_seq_wraps(hc_u32 seq) { return seq == 1u; }

HC_FN hc_u64 hc_half(hc_u32 data, hc_u32 tag) { return (hc_u64)data | ((hc_u64)tag << 32); }
HC_FN hc_u32 hc_half_tag(hc_u64 h) { return (hc_u32)(h >> 32); }
HC_FN hc_u32 hc_half_data(hc_u64 h) { return (hc_u32)h; }
HC_FN hc_u64 hc_word_value(hc_u64 lo, hc_u64 hi) { return (hc_u64)hc_half_data(lo) | ((hc_u64)hc_half_data(hi) << 32); }
HC_FN int hc_word_has(hc_u64 lo, hc_u64 hi, hc_u32 tag) { return hc_half_tag(lo) == tag && hc_half_tag(hi) == tag; }
HC_FN void hc_put_word(hc_u64 at, hc_u64 value, hc_u32 tag) {
    hc_bus_store_word(at, hc_half((hc_u32)value, tag), hc_half((hc_u32)(value >> 32), tag));
}

/* Posted ring: a word at position p carries its lap. Every word of every lap is written (records or fillers), so the lap alone
 * tells this lap's word from the last one's. */
HC_FN hc_u32 hc_posted_tag(hc_u64 position, hc_u32 shift) { /* the lap modulo 2^32 - 1, plus 1: never 0, and no division */
    hc_u64 lap = position >> shift, sum = (lap & 0xffffffffull) + (lap >> 32);
    hc_u32 rest = (hc_u32)sum + (hc_u32)(sum >> 32);
    return rest == 0xffffffffu ? 1u : rest + 1u;
}

/* ----------------------------------------------------------------------------------------------------------- request head */
/* word 0: lo = opcode:16 | nargs:3 | 0:1 | per-lane argument bits:6 | payload kind:2 | 0:4 ; hi = lane mask
 * word 1: lo = order (position after the lane's last post, low 32 bits) ; hi = payload offset in the arena / 16
 * word 2, 3: arguments 0 and 1 where they are uniform
 * tail: for each argument in turn, if per-lane one word for each lane of the mask in lane order, else (argument 2 and up) one word;
 *       inline payload begins at tail word nargs * lanes, 8 bytes of payload in a word. */
#define HC_PAY_NONE 0u
#define HC_PAY_INLINE 1u
#define HC_PAY_STAGED 2u  /* argument 0 is the byte length of the lane's part; parts are packed in lane order, each rounded up to 16 */
#define HC_PAY_BYREF 3u   /* argument 0 is the length, argument 1 the address: memory that both sides can reach, in a registered range */

HC_FN hc_u32 hc_head_pack(hc_u32 op, hc_u32 nargs, hc_u32 perlane, hc_u32 kind) {
    return (op & 0xffffu) | (nargs << 16) | (perlane << 20) | (kind << 26);
}
#define HC_HEAD_PERLANE (0x3fu << 20)
HC_FN hc_u32 hc_head_op(hc_u32 d) { return d & 0xffffu; }
HC_FN hc_u32 hc_head_nargs(hc_u32 d) { return (d >> 16) & 7u; }
HC_FN hc_u32 hc_head_perlane(hc_u32 d) { return (d >> 20) & 0x3fu; }
HC_FN hc_u32 hc_head_kind(hc_u32 d) { return (d >> 26) & 3u; }
HC_FN int hc_head_sane(hc_u32 d) { return (d & 0xf0080000u) == 0 && hc_head_nargs(d) <= HC_MAX_ARGS; }
HC_FN hc_u64 hc_round16(hc_u64 n) { return (n + 15u) & ~(hc_u64)15u; }

/* ---------------------------------------------------------------------------------------------------------- posted records */
/* header word: lo = opcode:16 | words in the record:16 ; hi = 32 bits of immediate. The record's other words follow. */
HC_FN hc_u32 hc_record_pack(hc_u32 op, hc_u32 nwords) { return (op & 0xffffu) | (nwords << 16); }

/* ------------------------------------------------------------------------------------------------------------- control */
/* Written by the host, read by lanes that wait. */
#define HC_CTL_ABORT 0u        /* u32: 0, or the code that makes every call answer -ESHUTDOWN */
#define HC_CTL_POSTED_HEAD 8u  /* u64: the posted ring is consumed up to here */
#define HC_CTL_MONO_NS 16u     /* u64: CLOCK_MONOTONIC, refreshed by the server (devices without a clock) */
#define HC_CTL_REAL_OFFSET 24u /* i64: CLOCK_REALTIME = CLOCK_MONOTONIC + this */
#define HC_CTL_TIMER_OFFSET 32u /* i64: CLOCK_MONOTONIC = device timer + this */
#define HC_CTL_BEATS 128u      /* u32 per poller: changes while the poller lives */
#define HC_CONTROL_BYTES 4096u

#define HC_ABORT_CLOSED 1u
#define HC_ABORT_EXIT 2u
#define HC_ABORT_ABORT 3u
#define HC_ABORT_ASSERT 4u
#define HC_ABORT_INTERRUPT 5u

/* --------------------------------------------------------------------------------------------------------- device state */
#define HC_SLOT_BUSY 0x80000000u

/* Counters that lanes bump and the host reads when no kernel runs. */
#define HC_CNT_POSTED_DROPPED 0u /* records given up because the ring was full (when_full = "drop", deferred) */
#define HC_CNT_ERRNO_FULL 1u     /* an errno that found no place */
#define HC_CNT_LIMBO_FULL 2u     /* a deadline that had to wait because the limbo list was full */
#define HC_CNT_TICKETS_FULL 3u
#define HC_CNT_TRAPS 4u
#define HC_COUNTERS 32u

#define HC_FLAG_DEFERRED 1u     /* the host answers only between launches */
#define HC_FLAG_DROP_FULL 2u    /* when_full = "drop" */
#define HC_FLAG_TRAP 4u         /* on_abort = "trap" */
#define HC_FLAG_HOST_CLOCK 8u   /* no device clock: read HC_CTL_MONO_NS */

typedef struct hc_range {
    hc_u64 base, end; /* device addresses [base, end) that the host can read and write at the same address plus delta */
    hc_u64 delta, reserved;
} hc_range;

/* What device code finds behind hostcall_client_v1. Lies at the start of device state; addresses are the device's. The first 128 bytes are one
 * line of the cache: what every call needs. */
typedef struct hc_client {
    hc_u32 magic, version, bytes, flags;
    hc_u32 nslots, units;
    hc_u32 home_count, poll_first;           /* kept slots: slot s < home_count is the home of place s; cycles before the first look at a reply */
    hc_u64 heads, bells;                     /* requests: lanes write, the server polls */
    hc_u64 reply_heads, slot_state;          /* replies: the server writes, lanes poll */
    hc_u64 homes, order;
    hc_u64 tails, reply_lanes;
    hc_u64 control, payload;
    hc_u32 nparks, ntickets, pollers, reserved0;

    hc_u64 acks, parks, posted;
    hc_u32 posted_shift, payload_pages, lanes_per_warp, errno_places;
    hc_u64 counters, posted_tail, posted_seen, limbo, arena_map, arena_refs, ticket_state, errno_table;
    hc_u64 ranges, env, block_places, heap;
    hc_u64 heap_bytes, silence_ns, env_bytes;
    hc_u32 range_count, epoch;               /* epoch: bumped when no launch is live; older errno places are free */
    hc_u64 posted_slack;                     /* words that concurrent claims may overshoot a credit check by */
    hc_u64 files, files_owed;                /* streams: HC_FILES of hc_stream, then a u64: how many were ever used; a u32 each: unwritten bytes */
    hc_u64 reserved[4];
} hc_client;
HC_STATIC_ASSERT(sizeof(hc_client) <= 512, hc_client_fits);
/* Offsets of the two fields that change while kernels run (read by hc_dev_load32, never cached). */
#define HC_CLIENT_RANGE_COUNT 288u
#define HC_CLIENT_EPOCH 292u
/* Pairs of fields that a call takes by one 16-byte load each (txn.h). */
#define HC_CLIENT_SIZES 16u
#define HC_CLIENT_HEADS 32u
#define HC_CLIENT_REPLIES 48u
#define HC_CLIENT_HOMES 64u
HC_STATIC_ASSERT(sizeof(hc_range) == 32, hc_range_size);


typedef struct hc_home { /* at a warp's place: for whom its slot is kept (home.h) */
    hc_u32 owner;        /* 0: nobody; complement: pending */
    hc_u32 reserved0;
    hc_u32 state;        /* as in slot_state */
    hc_u32 habit;        /* opcode of the last call and when to look for its reply (home.h) */
    hc_u32 calls, epoch; /* calls while pending; client epoch of the owner */
    hc_u64 reserved;
} hc_home;
HC_STATIC_ASSERT(sizeof(hc_home) == 32, hc_home_size);
#define HC_HOME_STATE 8u
#define HC_HOME_CALLS 16u
#define HC_HOME_EPOCH 20u

/* A FILE of device code (file.h). Lanes read and write it with its lock held; the host looks when no lane is live. */
#define HC_FILES 1024u      /* the first three are stdin, stdout and stderr */
#define HC_FILES_TOP (HC_FILES * 256ull) /* behind the table: a u64, one more than the largest index ever used */
#define HC_FILES_FORGET (HC_FILES_TOP + 8u) /* and a u32: set by _exit, taken back by the host */
#define HC_STREAM_OWN 128u  /* buffer of a FILE that has none from the heap */
typedef struct hc_stream {
    hc_u64 owner;           /* of the lock: epoch, grid and thread; 0: free */
    hc_u32 depth, state;    /* how often the owner has it; HC_STREAM_* of file.h */
    hc_u32 flags;           /* HC_FILE_* of file.h */
    hc_i32 fd;
    hc_u32 at, end;         /* of the buffer: unread bytes lie in [at, end); with HC_FILE_WRITING unwritten ones in [0, at) */
    hc_u32 size, owed;      /* bytes that the buffer takes; what the host was told of unwritten ones */
    hc_u64 buffer, process; /* its address, 0: none yet; the process of popen */
    hc_u64 reserved[9];
    hc_u8 own[HC_STREAM_OWN];
} hc_stream;
HC_STATIC_ASSERT(sizeof(hc_stream) == 256, hc_stream_size);

typedef struct hc_limbo { /* what a deadline left behind: the host's until its late reply is there */
    hc_u32 state;         /* 0 free, 1 being filled, 2 slot, 3 completion */
    hc_u32 index, tag, pages;
    hc_u64 chunk;         /* first arena page + 1, or 0 */
    hc_u64 reserved;
} hc_limbo;
HC_STATIC_ASSERT(sizeof(hc_limbo) == 32, hc_limbo_size);

#if defined(HC_HOST) /* NVRTC and OpenCL C have no offsetof; they compile the same text */
HC_STATIC_ASSERT(__builtin_offsetof(hc_client, nslots) == HC_CLIENT_SIZES && __builtin_offsetof(hc_client, heads) == HC_CLIENT_HEADS &&
                     __builtin_offsetof(hc_client, reply_heads) == HC_CLIENT_REPLIES && __builtin_offsetof(hc_client, homes) == HC_CLIENT_HOMES &&
                     __builtin_offsetof(hc_client, acks) == 128,
                 hc_client_first_line);
HC_STATIC_ASSERT(__builtin_offsetof(hc_client, range_count) == HC_CLIENT_RANGE_COUNT, hc_range_count_offset);
HC_STATIC_ASSERT(__builtin_offsetof(hc_home, state) == HC_HOME_STATE && __builtin_offsetof(hc_home, habit) == HC_HOME_STATE + 4u && __builtin_offsetof(hc_home, calls) == HC_HOME_CALLS &&
                     __builtin_offsetof(hc_home, epoch) == HC_HOME_EPOCH,
                 hc_home_offsets);
HC_STATIC_ASSERT(__builtin_offsetof(hc_client, epoch) == HC_CLIENT_EPOCH, hc_epoch_offset);
#endif

/* --------------------------------------------------------------------------------------------------- layout of the regions */
typedef struct hc_geometry {
    hc_u32 nslots;        /* multiple of HC_BELL_GROUP */
    hc_u32 posted_shift;  /* log2 of the words of the posted ring */
    hc_u32 payload_pages; /* multiple of 32 */
    hc_u32 nparks, ntickets, errno_places;
    hc_u32 lanes_per_warp;
    hc_u32 home_count;    /* slots that warps may keep, at most nslots */
    hc_u32 reserved;
    hc_u32 units;         /* multiprocessors: warps find their slots by them */
    hc_u64 env_bytes;
} hc_geometry;

typedef struct hc_layout {
    hc_u64 heads, bells, acks, tails, files_owed, requests_bytes;
    hc_u64 reply_heads, reply_lanes, parks, replies_bytes;
    hc_u64 posted_bytes, payload_bytes, control_bytes;
    hc_u64 client, ranges, env, counters, posted_tail, posted_seen, slot_state, limbo, arena_map, arena_refs, order, ticket_state, errno_table,
        block_places, homes, files, state_bytes;
} hc_layout;

#if defined(HC_HOST)
static inline hc_u64 hc_carve(hc_u64 *at, hc_u64 bytes) {
    hc_u64 here = *at;
    *at = (here + bytes + 127u) & ~(hc_u64)127u; /* regions' parts never share a 128-byte line */
    return here;
}
static inline void hc_layout_of(const hc_geometry *g, hc_layout *l) {
    hc_u64 at = 0;
    l->heads = hc_carve(&at, (hc_u64)g->nslots * HC_HEAD_BYTES);
    l->bells = hc_carve(&at, g->nslots);
    l->acks = hc_carve(&at, (hc_u64)g->nparks * 4u);
    l->tails = hc_carve(&at, (hc_u64)g->nslots * HC_TAIL_BYTES);
    l->files_owed = hc_carve(&at, HC_FILES * 4u);
    l->requests_bytes = at;
    at = 0;
    l->reply_heads = hc_carve(&at, (hc_u64)g->nslots * HC_WORD);
    l->reply_lanes = hc_carve(&at, (hc_u64)g->nslots * HC_MAX_LANES * HC_WORD);
    l->parks = hc_carve(&at, ((hc_u64)g->nparks + g->ntickets) * HC_WORD);
    l->replies_bytes = at;
    l->posted_bytes = (hc_u64)HC_WORD << g->posted_shift;
    l->payload_bytes = (hc_u64)g->payload_pages * HC_PAGE;
    l->control_bytes = HC_CONTROL_BYTES;
    at = 0;
    l->client = hc_carve(&at, 512);
    l->ranges = hc_carve(&at, HC_MAX_RANGES * sizeof(hc_range));
    l->env = hc_carve(&at, g->env_bytes);
    l->counters = hc_carve(&at, HC_COUNTERS * 8u);
    l->posted_tail = hc_carve(&at, 8);
    l->posted_seen = hc_carve(&at, 16); /* then a u32: somebody looks across the bus */
    l->slot_state = hc_carve(&at, (hc_u64)g->nslots * 4u);
    l->limbo = hc_carve(&at, HC_LIMBO_ENTRIES * sizeof(hc_limbo));
    l->arena_map = hc_carve(&at, (hc_u64)g->payload_pages / 8u);
    l->arena_refs = hc_carve(&at, (hc_u64)g->payload_pages * 4u);
    l->order = hc_carve(&at, HC_ORDER_ENTRIES * 8u);
    l->ticket_state = hc_carve(&at, (hc_u64)g->ntickets * 4u);
    l->errno_table = hc_carve(&at, ((hc_u64)g->errno_places + 1u) * 32u); /* HC_PLACE_BYTES */
    l->block_places = hc_carve(&at, HC_BLOCK_PLACES * 64u);
    l->homes = hc_carve(&at, (hc_u64)g->home_count * sizeof(hc_home));
    l->files = hc_carve(&at, HC_FILES * sizeof(hc_stream) + 16u);
    l->state_bytes = at;
}
#endif

/* ------------------------------------------------------------------------------------------------------------- opcodes */
/* Numbers are ABI: never reused, only appended (docs/protocol.md lists argument and payload of each). */
#define HC_OP_NOP 1u         /* (x, y) -> x + y: dispatch without work */
#define HC_OP_NOP_WORKER 2u  /* the same through the worker pool */
#define HC_OP_ECHO 3u        /* (n): payload n bytes, unchanged */
#define HC_OP_NOP6 4u        /* (a, b, c, d, e, f) -> their sum */
#define HC_OP_CALL 8u        /* (reserved bytes, name hash, in bytes, out capacity): a service by name */
#define HC_OP_EXIT 16u       /* (status, thread, block) */
#define HC_OP_ABORT 17u      /* (bytes, kind, thread, block): message in the payload; kind is HC_ABORT_* */
#define HC_OP_PING 18u       /* () -> server's monotonic ns */
#define HC_OP_CLOCK 19u      /* (n, clock id, which: 0 get, 1 res) -> payload: two i64 (s, ns) */
#define HC_OP_GETRANDOM 20u  /* (n, flags) -> payload */
#define HC_OP_GETPID 21u
#define HC_OP_FLUSH 22u      /* (): sinks have written what was posted before */
#define HC_OP_PRINT 23u      /* (bytes, stream, format bytes, argument count): payload = 64-bit words: the format text padded to 8, one word per argument, then string bytes padded to 8 each, as in print.h */

#define HC_OP_OPEN 32u       /* (bytes, dirfd, flags, mode): path */
#define HC_OP_CLOSE 33u      /* (fd) */
#define HC_OP_READ 34u       /* (n, address|0, fd): payload out */
#define HC_OP_WRITE 35u      /* (n, address|0, fd): payload in */
#define HC_OP_PREAD 36u      /* (n, address|0, fd, offset) */
#define HC_OP_PWRITE 37u     /* (n, address|0, fd, offset) */
#define HC_OP_LSEEK 38u      /* (fd, offset, whence) */
#define HC_OP_FSYNC 39u      /* (fd, data only) */
#define HC_OP_FTRUNCATE 40u  /* (fd, length) */
#define HC_OP_DUP 41u        /* (fd, wanted or -1, flags) */
#define HC_OP_FSTAT 42u      /* (reserved, fd) -> payload: hc_stat */
#define HC_OP_STAT 43u       /* (reserved, dirfd, flags, path bytes): path in, hc_stat out */
#define HC_OP_ACCESS 44u     /* (bytes, dirfd, mode, flags): path */
#define HC_OP_MKDIR 45u      /* (bytes, dirfd, mode): path */
#define HC_OP_UNLINK 46u     /* (bytes, dirfd, flags): path (AT_REMOVEDIR: rmdir) */
#define HC_OP_RENAME 47u     /* (bytes, dirfd, dirfd2, bytes of the first): two paths, the second at hc_round16(bytes of the first) */
#define HC_OP_GETDENTS 48u   /* (n, fd) -> payload: hc_dirent records */
#define HC_OP_GETCWD 49u     /* (n) -> payload */
#define HC_OP_PIPE 50u       /* (flags) -> read end | write end << 32 */
#define HC_OP_ISATTY 51u     /* (fd) */
#define HC_OP_CHDIR 52u      /* (bytes, dirfd): path; empty path: dirfd itself */
#define HC_OP_TRUNCATE 53u   /* (bytes, dirfd, length): path */
#define HC_OP_MMAP 54u       /* (length, protection | sharing << 32, fd, offset) -> device address; -ENOTSUP: the lane makes a copy by itself */
#define HC_OP_MUNMAP 55u     /* (address, length) */
#define HC_OP_MSYNC 56u      /* (address, length, flags) */
#define HC_OP_READ_AT 57u    /* (n, 0, fd, requests): payload: bytes of each request, padded to 16, and at its end {offset, bytes -> result} of each */
#define HC_OP_WRITE_AT 58u   /* (n, 0, fd, requests): the same, bytes going the other way */

/* files, the system and processes: 64 to 111 */
#define HC_OP_FCNTL 64u      /* (fd, command, argument): F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_GETPIPE_SZ, F_SETPIPE_SZ */
#define HC_OP_LOCK 65u       /* (bytes, fd, command): F_GETLK, F_SETLK and the F_OFD_ ones; payload: hc_lock_wire in and out */
#define HC_OP_FLOCK 66u      /* (fd, operation): never waits */
#define HC_OP_ALLOCATE 67u   /* (fd, mode or -1: posix_fallocate, offset, length) */
#define HC_OP_ADVISE 68u     /* (fd, offset, length, advice) */
#define HC_OP_SYNC 69u       /* (fd or -1): the file system of fd, or those of all roots */
#define HC_OP_COPY 70u       /* (n, 0, from, to, offset or -1: the descriptor's own, offset or -1): between files; -ENOTSUP: the lane copies by itself */
#define HC_OP_LINK 71u       /* (bytes, dirfd, dirfd2, bytes of the first, flags): two paths, as for RENAME */
#define HC_OP_SYMLINK 72u    /* (bytes, 0, dirfd, bytes of the first): the target's text, and the path, as for RENAME */
#define HC_OP_READLINK 73u   /* (reserved bytes, dirfd, room, path bytes): path in, text out */
#define HC_OP_CHMOD 74u      /* (bytes, dirfd, mode, flags): path; empty path with AT_EMPTY_PATH: dirfd itself */
#define HC_OP_CHOWN 75u      /* (bytes, dirfd, owner | group << 32, flags): the same */
#define HC_OP_UMASK 76u      /* (mask, or -1 to ask) -> the mask before */
#define HC_OP_UTIMES 77u     /* (bytes, dirfd, flags, path bytes): two pairs of i64 (s, ns), then the path */
#define HC_OP_MKNOD 78u      /* (bytes, dirfd, mode, device): path */
#define HC_OP_STATVFS 79u    /* (reserved bytes, dirfd, 0, path bytes): path in, hc_statvfs_wire out; no path: of dirfd */
#define HC_OP_REALPATH 80u   /* (reserved bytes, dirfd, room, path bytes): path in, text with its NUL out */
#define HC_OP_PATHCONF 81u   /* (bytes, dirfd, name): path; none: of dirfd */
#define HC_OP_IOCTL 82u      /* (bytes, fd, request): FIONREAD, FIONBIO, TIOCGWINSZ, TCGETS; payload in and out */
#define HC_OP_TTYNAME 83u    /* (bytes, fd) -> payload: text with its NUL */
#define HC_OP_NUMBER 84u     /* (HC_NUMBER_*) */
#define HC_OP_TEXT 85u       /* (bytes, HC_TEXT_*) -> payload: text with its NUL */
#define HC_OP_RUSAGE 86u     /* (bytes, who) -> payload: 18 i64 as in struct rusage */
#define HC_OP_SYSINFO 87u    /* (bytes) -> payload: hc_sysinfo_wire */
#define HC_OP_ACCOUNT 88u    /* (reserved bytes, HC_ACCOUNT_*, id, name bytes): name in, the line of the user or group out */
#define HC_OP_SYSTEM 96u     /* (bytes): command -> wait status; no command: whether there is a shell */
#define HC_OP_POPEN 97u      /* (bytes, 0: read, 1: write): command -> fd | process << 32 */
#define HC_OP_PCLOSE 98u     /* (process) -> wait status */

#define HC_NUMBER_PPID 1u
#define HC_NUMBER_UID 2u
#define HC_NUMBER_EUID 3u
#define HC_NUMBER_GID 4u
#define HC_NUMBER_EGID 5u
#define HC_NUMBER_PGID 6u
#define HC_NUMBER_SID 7u
#define HC_NUMBER_OPEN_MAX 8u
#define HC_NUMBER_HOSTID 9u
#define HC_TEXT_SYSNAME 1u
#define HC_TEXT_NODENAME 2u
#define HC_TEXT_RELEASE 3u
#define HC_TEXT_VERSION 4u
#define HC_TEXT_MACHINE 5u
#define HC_TEXT_DOMAIN 6u
#define HC_TEXT_LOGIN 7u
#define HC_ACCOUNT_UID 1u
#define HC_ACCOUNT_USER 2u
#define HC_ACCOUNT_GID 3u
#define HC_ACCOUNT_GROUP 4u
/* sockets: addresses, options and flags as Linux has them on x86-64 */
#define HC_OP_SOCKET 112u      /* (domain, type, protocol) -> descriptor */
#define HC_OP_SOCKETPAIR 113u  /* (domain, type, protocol) -> one end | the other << 32 */
#define HC_OP_BIND 114u        /* (bytes, fd): address */
#define HC_OP_LISTEN 115u      /* (fd, backlog) */
#define HC_OP_ACCEPT 116u      /* (n, fd, flags) -> descriptor; payload: hc_name_wire */
#define HC_OP_CONNECT 117u     /* (bytes, fd): address */
#define HC_OP_SHUTDOWN 118u    /* (fd, how) */
#define HC_OP_SEND 119u        /* (n, address|0, fd, flags): payload in */
#define HC_OP_RECV 120u        /* (n, address|0, fd, flags): payload out */
#define HC_OP_SENDTO 121u      /* (n, fd, flags, bytes of the address): address, then data at hc_round16 */
#define HC_OP_RECVFROM 122u    /* (n, fd, flags) -> bytes; payload: hc_name_wire, then data */
#define HC_OP_SOCKNAME 123u    /* (n, fd, 0: own, 1: peer's); payload: hc_name_wire */
#define HC_OP_GETSOCKOPT 124u  /* (n, fd, level, name) -> bytes; payload both ways: value */
#define HC_OP_SETSOCKOPT 125u  /* (bytes, fd, level, name): value */
#define HC_OP_POLL 126u        /* (n, timeout in ns or -1) -> how many are ready; payload both ways: struct pollfd */
#define HC_OP_GETADDRINFO 127u /* (n, bytes of the node or -1, bytes of the service or -1, flags | family << 32, type | protocol << 32) -> bytes, or
                                  -(HC_NAME_ERROR + n) for EAI code -n: node and service in, each padded to 16; hc_addrinfo_wire out */
#define HC_OP_GETNAMEINFO 128u /* (n, bytes of the address, flags) -> 0 or as above: address in; text of the host, then at HC_NAME_HOST the service's */

/* posted */
#define HC_POST_FILLER 0x100u /* a claim given up */
#define HC_POST_NOP 0x101u    /* counted, and immediate and words summed */
#define HC_POST_PRINTF 0x102u /* immediate and words in print.h */
#define HC_POST_BYTES 0x103u  /* immediate: stream; word 1 = byte count; bytes */
#define HC_POST_LOG 0x104u    /* immediate: level; word 1 = thread | line << 32; word 2 = text bytes | file bytes << 32; file; text (each padded to 8) */
#define HC_POST_PROGRESS 0x105u /* word 1 = done, word 2 = total, word 3 = label bytes; label */
#define HC_POST_CALL 0x106u   /* a service by name, nobody waits: word 1 = name hash, word 2 = byte count; bytes */
#define HC_POST_SUBMIT 0x107u /* immediate: opcode | nargs << 16 | kind << 20; word 1 = {ticket, generation}; word 2 = payload offset / 16; arguments */

#define HC_STREAM_STDOUT 1u
#define HC_STREAM_STDERR 2u

/* FNV-1a of a service's name: device code calls by name, the compiler folds the hash of a literal. */
#define HC_FNV_START 0xcbf29ce484222325ull
#define HC_FNV_PRIME 0x100000001b3ull

typedef struct hc_stat_wire { /* fixed layout on every side */
    hc_u64 dev, ino, mode, nlink, uid, gid, rdev, size, blksize, blocks;
    hc_i64 atime_s, atime_ns, mtime_s, mtime_ns, ctime_s, ctime_ns;
} hc_stat_wire;
HC_STATIC_ASSERT(sizeof(hc_stat_wire) == 128, hc_stat_size);

typedef struct hc_dirent_wire { /* then the name with its NUL, padded to 8 */
    hc_u64 ino;
    hc_i64 off;
    hc_u16 reclen;
    hc_u8 type, namelen;
    hc_u32 reserved;
} hc_dirent_wire;
HC_STATIC_ASSERT(sizeof(hc_dirent_wire) == 24, hc_dirent_size);

typedef struct hc_lock_wire {
    hc_i64 type, whence, start, length, pid;
} hc_lock_wire;
typedef struct hc_statvfs_wire {
    hc_u64 bsize, frsize, blocks, bfree, bavail, files, ffree, favail, fsid, flag, namemax;
} hc_statvfs_wire;
typedef struct hc_sysinfo_wire { /* loads are in 1/65536, sizes in units of `unit` bytes */
    hc_u64 uptime, loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap, procs, totalhigh, freehigh, unit;
} hc_sysinfo_wire;
HC_STATIC_ASSERT(sizeof(hc_lock_wire) == 40 && sizeof(hc_statvfs_wire) == 88 && sizeof(hc_sysinfo_wire) == 112, hc_wire_sizes);

typedef struct hc_name_wire { /* an address that comes back */
    hc_u32 bytes;             /* of the address; more than there is room for: it was cut */
    hc_u32 flags;             /* of a message that was received: MSG_TRUNC, ... */
    hc_u64 full;              /* length of that message before it was cut */
    hc_u8 address[128];       /* struct sockaddr_storage */
} hc_name_wire;
HC_STATIC_ASSERT(sizeof(hc_name_wire) == 144, hc_name_size);

typedef struct hc_addrinfo_wire { /* then the canonical name with its NUL, padded to 8 */
    hc_i32 flags, family, type, protocol;
    hc_u32 bytes, name; /* of the address, of the canonical name (0: none) */
    hc_u8 address[32];
} hc_addrinfo_wire;
HC_STATIC_ASSERT(sizeof(hc_addrinfo_wire) == 56, hc_addrinfo_size);
#define HC_NAME_ERROR 4096
#define HC_NAME_HOST 1040u    /* room for a host's name: NI_MAXHOST, padded to 16 */
#define HC_NAME_SERVICE 48u   /* and a service's */

#endif
