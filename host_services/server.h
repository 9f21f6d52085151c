/* SPDX-License-Identifier: Apache-2.0
 *
 * The server: native threads that poll one channel and run services. What is declared here is the whole surface between the polling
 * core (server.c), the services (fs.c, stdio.c, basic.c, python.c) and the C threads that play lanes (lanes.c).
 *
 * A service sees a call as a private copy that was already bounds-checked against the packet format. It fills c->result and returns
 * HC_SERVED, or takes the call over (hc_call_park, then hc_call_finish later), or asks to run again on a worker (HC_WORKER). It never
 * sees the channel, except payload bytes through c->payload, which the lanes may still scribble on: read each byte once.
 */
#ifndef HC_SERVER_H
#define HC_SERVER_H
#define HC_HOST_SERVER 1
#include "hc/channel.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hc_server hc_server;

enum { HC_SERVED = 0, HC_WORKER = 1, HC_TAKEN = 2 };

typedef struct hc_call hc_call;
typedef int (*hc_service_fn)(hc_call *c);

/* One packet, copied out of the channel. Lives until hc_call_finish. */
struct hc_call {
    hc_server *server;
    uint32_t slot, seq;          /* where the reply goes; for a ticket: slot = UINT32_MAX */
    uint32_t ticket, generation; /* completion word, if parked or submitted */
    uint32_t op, nargs, kind, lanes; /* kind: HC_PAY_*; lanes: number of set bits of mask */
    uint32_t mask;
    uint32_t perlane;            /* bit k: argument k differs between lanes */
    int64_t arg[HC_MAX_ARGS][HC_MAX_LANES]; /* indexed by rank among the mask's lanes */
    int64_t result[HC_MAX_LANES];
    uint8_t *payload[HC_MAX_LANES];  /* host address of each lane's part, or NULL; inline payload is a private copy */
    uint64_t payload_len[HC_MAX_LANES];
    uint8_t inline_bytes[HC_TAIL_WORDS * 8];
    uint64_t accepted_ns;        /* CLOCK_MONOTONIC when the poller saw it */
    uint32_t parked_mask;        /* ranks (bits) that wait on completion words */
    uint32_t park_index[HC_MAX_LANES], park_generation[HC_MAX_LANES];
    uint32_t next_rank;          /* for services that go through the lanes in several steps */
    uint32_t posted_record;      /* 1: came through the posted ring, nobody waits */
    uint64_t token;              /* identifies the call towards Python */
    /* the core's own */
    uint64_t accepted_ticks;     /* hc_cycles() when the poller saw it */
    uint32_t order;              /* posted position that must have been executed first */
    uint32_t fault_mask;         /* lanes (bits) of the packet whose by-reference range is not registered: answered -EFAULT, no rank */
    uint32_t parked;             /* hc_call_park was called; parked_mask and what follows from it then belong to the parks' lock */
    uint32_t answered;           /* the slot has its reply: parked ranks wait on completion words */
    uint32_t delivered;          /* ranks (bits) whose completion word is written */
    uint32_t live;               /* handed out by the pool */
    hc_service_fn then;          /* what a worker runs */
    void *owned;                 /* inline payload of a ticket that is longer than inline_bytes */
    struct hc_call *next;        /* queue link, owned by whoever holds the call */
    void *scratch;               /* freed with free() at hc_call_finish */
};

/* --------------------------------------------------------------------------------------------- for services (server.c) */
/* Parks the lanes in `ranks`: their slot is answered with completion words at once, the results come with hc_call_finish_rank or
 * hc_call_finish. A call may be parked once; ranks not parked keep their result as it is at the time of parking. */
int hc_call_park(hc_call *c, uint32_t ranks);
/* Delivers one parked lane's result. */
void hc_call_finish_rank(hc_call *c, uint32_t rank, int64_t result);
/* Delivers all results that are not delivered yet and gives the call back. The only way a HC_TAKEN call ends. */
void hc_call_finish(hc_call *c);
/* Hands the call to the worker pool: fn runs there (it may block). For use from HC_TAKEN services. */
void hc_call_enqueue(hc_call *c, hc_service_fn fn);
/* On a worker: takes over the call that would be run next, if it is one for fn of which `same` is true; NULL otherwise. */
hc_call *hc_call_next_if(hc_server *s, hc_service_fn fn, bool (*same)(const hc_call *c, int64_t key), int64_t key);
/* Calls fn(c, rank, events) on the event thread once fd is ready for `events` (EPOLLIN/EPOLLOUT) or the server closes (events = 0).
 * The descriptor is watched one-shot through a private dup; several calls may watch one descriptor. Returns 0 or -errno. */
int hc_watch_fd(hc_server *s, int fd, uint32_t events, void (*fn)(hc_call *c, uint32_t rank, uint32_t events), hc_call *c, uint32_t rank);
/* Calls fn(c, rank, 0) at CLOCK_MONOTONIC ns, on the event thread. */
int hc_watch_time(hc_server *s, uint64_t at_ns, void (*fn)(hc_call *c, uint32_t rank, uint32_t events), hc_call *c, uint32_t rank);
uint64_t hc_now_ns(void); /* CLOCK_MONOTONIC */
bool hc_server_closing(const hc_server *s);
bool hc_server_stopped(const hc_server *s); /* closing, or the kernel was stopped (exit, abort, Ctrl-C): nothing may begin to wait */
/* Sets the abort word; every lane that calls or waits gets -ESHUTDOWN. First caller wins; message is copied (may be NULL). */
void hc_server_abort(hc_server *s, uint32_t code, int32_t status, uint32_t thread, uint32_t block, const char *message, size_t bytes);
/* True where [address, address + bytes) of the device lies in a registered range; *host gets the host address. */
bool hc_range_host(hc_server *s, uint64_t address, uint64_t bytes, uint8_t **host);
bool hc_on_worker(void); /* on a thread of the worker pool: a service may block here */
const struct hc_server_options *hc_server_options_of(const hc_server *s); /* the core's copy; valid in every create() */
void *hc_server_part(hc_server *s, int which); /* per-family state */
enum { HC_PART_FS = 0, HC_PART_STDIO = 1, HC_PART_PYTHON = 2, HC_PART_BASIC = 3, HC_PART_MAPPING = 4, HC_PART_NET = 5, HC_PART_SYSTEM = 6, HC_PART_PROCESS = 7, HC_PARTS = 8 };

/* --------------------------------------------------------------------------------------------- families register here */
typedef struct hc_family {
    const char *name;
    int part;
    void *(*create)(hc_server *s);               /* NULL on failure */
    void (*stop)(hc_server *s, void *part);      /* server is closing: wake whatever blocks */
    void (*destroy)(hc_server *s, void *part);   /* all threads are gone */
    const struct hc_family_op { uint32_t op; hc_service_fn fn; const char *label; uint8_t nargs; /* exactly */ } *ops;
    size_t nops;
} hc_family;
/* A service whose answer depends on at most two numbers and takes no time has a plain form besides: packets are then answered without a copy
 * of the call. Answers n lanes at once; n is 1 where all lanes ask the same. NULL where there is none. */
typedef void (*hc_plain_fn)(hc_server *s, uint32_t n, const int64_t *a0, const int64_t *a1, int64_t *result);
hc_plain_fn hc_basic_plain(uint32_t op);
extern const hc_family hc_family_basic, hc_family_fs, hc_family_stdio, hc_family_python, hc_family_mapping;
extern const hc_family hc_family_system, hc_family_process, hc_family_net;

/* Posted records that are not SUBMIT or FILLER. words[i] = 64 data bits of word i, words[0] = header (hi half = immediate). False means
 * malformed (counted).
 *
 * Prints (PRINTF, BYTES) are formatted into a page by whatever thread has it; pages go out one at a time, in ring order. A page whose text
 * outgrows its memory asks for its turn, which has come when that returns: everything before it is out. */
typedef struct hc_page hc_page;
hc_page *hc_page_new(hc_server *s, void (*turn)(void *owner), void *owner); /* NULL: no memory. turn NULL: it is always this page's turn */
void hc_page_free(hc_page *p);
bool hc_page_print(hc_page *p, uint32_t op, uint32_t immediate, const uint64_t *words, uint32_t nwords);
void hc_page_out(hc_page *p); /* its text stands in the sinks then, and it is empty */
/* On the drain thread, in order. */
bool hc_python_posted(hc_server *s, uint32_t op, uint32_t immediate, const uint64_t *words, uint32_t nwords); /* LOG, PROGRESS, CALL */
/* The drain thread ran out of records, or a blocking write to a sink needs what is buffered to be out. */
void hc_stdio_idle(hc_server *s);
int hc_stdio_flush(hc_server *s);
/* Used by fs.c for descriptors that stand for device stdout/stderr: append after everything posted so far, then flush. */
int64_t hc_stdio_write(hc_server *s, uint32_t stream, const uint8_t *bytes, uint64_t n);
/* Counts n bytes as written if the stream goes nowhere and does so now; false: it goes somewhere, or somebody is at it. */
bool hc_stdio_discard(hc_server *s, uint32_t stream, uint64_t n);
/* Device descriptor 1 or 2 means something else from now on, and what is posted follows it: the stream of another descriptor (of), or a file of
 * the host (fd, else -1). Waits for what is buffered. */
void hc_stdio_follow(hc_server *s, uint32_t stream, uint32_t of, int fd);
/* A stat of what a device descriptor 1 or 2 stands for (st is a struct stat), and whether it is a terminal of the process. */
int hc_stdio_stat(hc_server *s, uint32_t stream, void *st);
bool hc_stdio_isatty(hc_server *s, uint32_t stream);
int hc_stdio_descriptor(hc_server *s, uint32_t stream); /* a duplicate of what the stream writes to, or -1 */
void hc_stdio_counts(hc_server *s, uint64_t *bytes, uint64_t *errors); /* for hc_server_counts: sink_bytes, sink_errors */
uint64_t hc_stdio_lost(hc_server *s); /* bytes that a sink refused; the errors are in hc_server_counts */
/* python.c: queues a chunk for queue 1 (kind = HC_PY_SINK), the bytes are copied; 0 or -errno. */
int hc_python_emit(hc_server *s, uint32_t kind, uint32_t stream, const uint8_t *bytes, size_t n);

/* ------------------------------------------------------------------------------------------------- surface for Python (cffi) */
typedef struct hc_server_options {
    hc_geometry geometry;
    /* host addresses of the regions, zeroed */
    uint64_t requests, replies, posted, payload, control;
    uint32_t pollers, workers, flags; /* flags: HC_FLAG_* */
    uint32_t idle_spin;               /* 1: never back off while a kernel is active */
    uint32_t write_combined_replies;  /* 1: replies live in VRAM behind a CPU mapping: sfence after each batch */
    uint32_t max_open;                /* descriptor quota */
    uint32_t start_seq;               /* sequence every slot had before its first use (0; tests of the wrap set it) */
    uint32_t formatters;              /* threads that format prints; 0: the drain thread does */
    uint64_t silence_ns;              /* lanes give the server up after this: signs of life come several times as often; 0: never */
    uint64_t near_cpus[16];           /* bit i of word i / 64: CPU i. Where pollers and the drain thread run; all zero: anywhere */
} hc_server_options;

typedef struct hc_server_counts { /* since creation */
    uint64_t packets, lanes, posted_records, posted_words, posted_bad, bad_packets, fillers, holes, parked, worker_calls, sink_bytes, sink_errors,
        nop_sum, python_calls, python_errors, busy_ns, active_launches, waiting_calls;
    uint64_t poller_sweeps, poller_naps; /* looks at the slots, and the times that a parked poller slept between two of them */
} hc_server_counts;

typedef struct hc_service_count { uint32_t op; uint32_t reserved; uint64_t packets, lanes, bytes, errors, total_ns, max_ns; char label[24]; } hc_service_count;

hc_server *hc_server_create(const hc_server_options *o, char *error, size_t error_bytes);
int hc_server_start(hc_server *s);
/* Between active(+1) and active(-1) the pollers poll; without, they park. hc_server_active_done is a cuLaunchHostFunc-compatible
 * void(void *) whose argument is the server. */
void hc_server_active(hc_server *s, int delta);
void hc_server_active_done(void *server);
/* Waits until more launches have ended than `seen`, or the time is over; returns how many have, since creation. */
uint64_t hc_server_ended(hc_server *s, uint64_t seen, uint64_t timeout_ns);
/* For lanes that are threads of this process: wakes a parked poller. Cheap where none naps; may be called at any time before destroy. Its argument is
 * the server. */
void hc_server_nudge(void *server);
/* Runs everything posted so far, as if a poller did, and flushes sinks. faulted: skip holes by their tags and count them (only when no
 * kernel runs). Returns 0, or -ETIMEDOUT. */
int hc_server_drain(hc_server *s, int faulted, uint64_t timeout_ns);
/* Deferred transports: serve everything once, on the caller's thread; returns the number of records run. */
int64_t hc_server_serve_once(hc_server *s);
void hc_server_close(hc_server *s);   /* abort word, stop threads, join; idempotent */
void hc_server_destroy(hc_server *s); /* frees; after close */
void hc_server_counts_get(hc_server *s, hc_server_counts *out);
size_t hc_server_service_counts(hc_server *s, hc_service_count *out, size_t max);
/* What stopped the kernel, if anything did: code (HC_ABORT_*), status, thread, block, message. Returns code; clear=1 re-arms. */
uint32_t hc_server_abort_get(hc_server *s, int32_t *status, uint32_t *thread, uint32_t *block, char *message, size_t bytes, int clear);
int hc_server_range_add(hc_server *s, uint64_t device_address, uint64_t bytes, uint64_t host_address);
int hc_server_range_remove(hc_server *s, uint64_t device_address);

/* file system */
int hc_fs_root_add(hc_server *s, const char *path, int writable); /* 0 or -errno; the first is the working directory */
/* Writes to a device descriptor what a kernel left in a FILE (streams.c). Bytes written, or -errno. */
int64_t hc_fs_put(hc_server *s, int64_t number, const void *bytes, uint64_t n);
void hc_fs_force_fallback(int on); /* tests: resolve paths by hand as on a kernel without openat2 */
/* Descriptor 0 of the device: what fd is (it stays the caller's), or nothing for -1. Before the first launch. */
int hc_fs_stdin(hc_server *s, int fd);
/* processes: at most `most` programs of the host at once (0: none, as without this call), with these variables (NAME=VALUE, a NUL behind each) */
int hc_process_allow(hc_server *s, const char *env, size_t env_bytes, uint32_t most);
/* net: everything is refused until these say otherwise, before hc_server_start. local: AF_UNIX beneath the roots; names: the resolver may be
 * asked. */
int hc_net_policy(hc_server *s, int enabled, int local, int names);
/* A rule: addresses that begin with `prefix` bits of the 16 bytes (IPv4 as ::ffff:a.b.c.d), ports from..to; bind = 0: to connect or send to. */
int hc_net_allow(hc_server *s, int bind, const uint8_t *address, uint32_t prefix, uint32_t from, uint32_t to);
enum { HC_NET_SOCKET = 0, HC_NET_CONNECT = 1, HC_NET_BIND = 2, HC_NET_SEND = 3, HC_NET_NAMES = 4, HC_NET_KIND = 5 };
typedef struct hc_net_refusal { uint32_t what; uint32_t reserved; uint64_t count; char name[96]; } hc_net_refusal; /* what: HC_NET_*; name: address */
int hc_net_refusal_get(hc_server *s, uint32_t index, hc_net_refusal *out); /* 1: there is one of that index */
/* mapping: how lanes come to memory of this process. library: the device's driver, opened at run time; empty: lanes are threads here. Without this
 * call every lane that maps makes a copy of its own. 0 or -errno. */
int hc_mapping_driver(hc_server *s, const char *library, uint64_t context);
int64_t hc_mapping_preload(hc_server *s, const char *path); /* beneath the roots; the file's size or -errno */
void hc_mapping_collect(hc_server *s);                      /* gives back what was unmapped; only while no kernel runs */
uint32_t hc_mapping_count(hc_server *s);                    /* mappings not given back yet */
void hc_mapping_patience(hc_server *s, uint64_t ns);        /* tests: how long a call waits for the driver */
/* stdio: stream 1 or 2 */
enum { HC_SINK_NULL = 0, HC_SINK_FD = 1, HC_SINK_PYTHON = 2 };
int hc_stdio_sink(hc_server *s, uint32_t stream, int kind, int fd /* dup'ed */);

/* Python side of services: worker threads of the interpreter sit in hc_python_next (the GIL is released by cffi) */
enum { HC_PY_NONE = 0, HC_PY_CALL = 1, HC_PY_SINK = 2, HC_PY_LOG = 3, HC_PY_PROGRESS = 4, HC_PY_CLOSED = 5, HC_PY_FLUSH = 6 };
typedef struct hc_python_item {
    uint32_t kind, lanes;       /* CALL: lanes of the packet; LOG: lanes = level; SINK: lanes = stream */
    uint64_t token;             /* CALL: for hc_python_done */
    uint64_t name_hash;         /* CALL */
    uint64_t bytes;             /* length of data */
    uint64_t capacity;          /* CALL: most bytes that a lane can take back; a lane with less room gets -EMSGSIZE */
    const uint8_t *data;        /* valid until done/release; LOG, PROGRESS: the record's words from word 1 on, lengths checked */
    uint32_t lane_bytes[HC_MAX_LANES]; /* CALL: payload bytes of each lane */
    uint64_t thread;            /* LOG: global thread id */
    uint32_t posted, reserved;  /* CALL: nobody waits */
} hc_python_item;
/* queue: 0 calls (several threads), 1 output (sinks, log, progress: one thread, in order) */
int hc_python_next(hc_server *s, int queue, uint64_t timeout_ns, hc_python_item *out);
int hc_python_name(hc_server *s, uint64_t name_hash, int known); /* announce a registered service; unknown names get -ENOSYS */
/* results[lanes]; out = concatenated bytes, out_len[lanes] each. Releases the item. */
int hc_python_done(hc_server *s, uint64_t token, const int64_t *results, const uint8_t *out, const uint32_t *out_len, uint32_t lanes);
void hc_python_release(hc_server *s, const hc_python_item *item); /* queue 1 items */

/* -------------------------------------------------------------------------------------------- C threads that play lanes (lanes.c) */
typedef struct hc_lanes hc_lanes;
/* entry runs one lane; set_self stores the lane pointer in the kernel module's thread-local. */
typedef void (*hc_lane_entry)(void *args);
typedef void (*hc_lane_set_self)(hc_host_lane *self);
hc_lanes *hc_lanes_create(uint32_t max_threads, size_t stack_bytes);
/* Queues a launch; returns its ticket > 0. on_done may be NULL. args are copied. Launches run one after another. */
int64_t hc_lanes_launch(hc_lanes *p, hc_lane_entry entry, hc_lane_set_self set_self, const void *args, size_t arg_bytes, uint32_t grid, uint32_t block,
                        void (*on_done)(void *), void *on_done_arg);
/* What a lane calls, twice at most, when it waits longer than a call usually takes: the other side may be asleep. Before the first launch. */
void hc_lanes_nudge(hc_lanes *p, void (*nudge)(void *), void *argument);
int hc_lanes_wait(hc_lanes *p, int64_t ticket, uint64_t timeout_ns); /* 0, -ETIMEDOUT */
void hc_lanes_destroy(hc_lanes *p);                                  /* waits for running lanes */
/* Faults of lanes (faults.c), for a process that runs one program: watched from then on, in threads that are made after it. 0 or -errno. */
enum { HC_FAULT_FRAMES = 32 };
typedef struct hc_fault {
    uint64_t address, counter; /* what was touched; the instruction */
    uint64_t stack_bytes;      /* of the lane */
    uint64_t frames[HC_FAULT_FRAMES]; /* return addresses, the handler's own first */
    uint32_t nframes, overflow; /* overflow: the stack is used up */
    uint32_t block, lane, thread;
    int32_t signal, code;
    uint32_t reserved;
} hc_fault;
int hc_faults_watch(void);
int hc_faults_get(hc_fault *out); /* 1 once a lane has stopped by one; that lane does not go on */

#endif
