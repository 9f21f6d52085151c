/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a program begins: the kernel that hostcall run launches. Linked into programs, beside the library, and never part of it.
 *
 * Lanes below main_lanes run main; those from pool_first on wait to become threads; those between end at once. Lane 0 prepares for all: it
 * turns the offsets in the block into addresses, goes to the working directory and runs the constructors. When the last main has returned, its
 * lane calls exit with the status of the first lane, in the order of their numbers, that did not return 0.
 */
#include "hc/bind.h"

/* What the runner fills in; docs/libc/run.md describes it. Offsets count from its first byte. */
typedef struct hc_start_block {
    hc_u64 bytes, main_lanes, pool_first;
    hc_u64 argc, argv, environ; /* offsets of tables, which hold offsets of strings and end in 0 */
    hc_u64 directory;           /* offset of the working directory's name; 0: stay */
    hc_u64 init, init_count;    /* constructors: distance from the start of the image, and number */
    hc_u64 fini, fini_count;
    hc_u64 ready;               /* 1 once lane 0 has prepared everything, 2 if it could not */
    hc_u64 returned;            /* mains that have */
    hc_u64 worst;               /* of the mains that did not return 0 the first: lane + 1 in the upper half, status in the lower */
} hc_start_block;
#define HC_START_READY 88u
#define HC_START_RETURNED 96u
#define HC_START_WORST 104u
#if defined(HC_HOST)
HC_STATIC_ASSERT(__builtin_offsetof(hc_start_block, ready) == HC_START_READY && __builtin_offsetof(hc_start_block, returned) == HC_START_RETURNED &&
                     __builtin_offsetof(hc_start_block, worst) == HC_START_WORST,
                 hc_start_offsets);
#endif

#define HC_CANNOT_START 126

extern char **environ;
extern char *program_invocation_name, *program_invocation_short_name; /* of <err.h> and <errno.h> */
extern void exit(int status) __attribute__((noreturn));
extern int atexit(void (*function)(void));
extern int chdir(const char *path);
#if !defined(HC_MAIN_PARAMETERS)
#define HC_MAIN_PARAMETERS 3
#endif
#if HC_MAIN_PARAMETERS == 0
extern int main(void);
#define HC_MAIN(c, v, e) main()
#elif HC_MAIN_PARAMETERS == 2
extern int main(int argc, char **argv);
#define HC_MAIN(c, v, e) main(c, v)
#else
extern int main(int argc, char **argv, char **environment);
#define HC_MAIN(c, v, e) main(c, v, e)
#endif

/* The pool of threads, which is there when the program starts any. */
#if defined(HC_HOST)
extern void hc_pool_serve(void) __attribute__((weak));
extern void hc_pool_expect(hc_u32 first_lane, unsigned long stack) __attribute__((weak));
#define HC_POOL_EXPECT(first) \
    do { \
        if (hc_pool_expect) hc_pool_expect((hc_u32)(first), 0); \
    } while (0)
#define HC_POOL_SERVE()                                                                                                                  \
    do {                                                                                                                                 \
        if (hc_pool_serve) hc_pool_serve();                                                                                              \
    } while (0)
extern const char __ehdr_start[] __attribute__((visibility("hidden"))); /* the start of the image; the linker's */
#elif defined(HC_POOL)
extern void hc_pool_serve(void);
extern void hc_pool_expect(hc_u32 first_lane, unsigned long stack);
#define HC_POOL_SERVE() hc_pool_serve()
#define HC_POOL_EXPECT(first) hc_pool_expect((hc_u32)(first), 0)
#else
#define HC_POOL_EXPECT(first) ((void)(first))
#define HC_POOL_SERVE()                                                                                                                  \
    do {                                                                                                                                 \
    } while (0)
#endif

static hc_start_block *hc_block;

/* <hostcall.h> of programs. */
extern int hc_program_lane(void);
extern int hc_program_lanes(void);
int hc_program_lane(void) { return hc_thread_id(); }
int hc_program_lanes(void) { return (int)hc_block->main_lanes; }

#if defined(HC_HOST)
static void hc_run(const void *table, hc_u64 count, int backwards) {
    void (*const *functions)(void) = (void (*const *)(void))table;
    hc_u64 i;
    for (i = 0; i < count; i++) functions[backwards ? count - 1u - i : i]();
}

static void hc_run_constructors(const hc_start_block *b) { hc_run(__ehdr_start + b->init, b->init_count, 0); }
static void hc_run_destructors(void) { hc_run(__ehdr_start + hc_block->fini, hc_block->fini_count, 1); }
#elif defined(HC_CONSTRUCTORS)
/* Nothing collects them on a GPU: whoever links the program writes these two. */
extern void hc_run_init(void);
extern void hc_run_fini(void);
static void hc_run_constructors(const hc_start_block *b) {
    (void)b;
    hc_run_init();
}
static void hc_run_destructors(void) { hc_run_fini(); }
#else
static void hc_run_constructors(const hc_start_block *b) { (void)b; }
static void hc_run_destructors(void) {}
#endif

static void hc_relocate(hc_start_block *b, hc_u64 table) {
    hc_u64 *entry = (hc_u64 *)((char *)b + table);
    for (; *entry; entry++) *entry += (hc_u64)(hc_size)b;
}

static void hc_name_program(char *name) {
    char *at;
    if (!name) return;
    program_invocation_name = program_invocation_short_name = name;
    for (at = name; *at; at++) {
        if (*at == '/') program_invocation_short_name = at + 1;
    }
}

/* By lane 0; 0, or 2 if the program must not begin. */
static hc_u64 hc_prepare(hc_start_block *b) {
    hc_block = b;
    hc_relocate(b, b->argv);
    hc_name_program(*(char **)((char *)b + b->argv));
    hc_relocate(b, b->environ);
    environ = (char **)((char *)b + b->environ);
    if (b->directory && chdir((const char *)b + b->directory)) return 2;
    HC_POOL_EXPECT(b->pool_first); /* before constructors, which may start threads */
    if (b->fini_count) (void)atexit(hc_run_destructors);
    hc_run_constructors(b);
    return 1;
}

static hc_u64 hc_await_ready(hc_u64 at) {
    hc_watch watch;
    hc_u32 round;
    hc_watch_begin(&watch);
    for (round = 0;; round++) {
        hc_u64 ready = hc_dev_load64(at + HC_START_READY);
        if (ready) return ready;
        if (round % HC_POLLS_PER_LOOK == HC_POLLS_PER_LOOK - 1u && hc_watch_server(hc_client_address(), 0, &watch)) return 2;
        hc_relax(round);
    }
}

static void hc_note_status(hc_u64 at, hc_u64 lane, int status) {
    hc_u64 mine = (lane + 1u) << 32 | (hc_u32)status, seen = hc_dev_load64(at + HC_START_WORST);
    while (seen == 0 || seen > mine) {
        hc_u64 old = hc_dev_cas64(at + HC_START_WORST, seen, mine);
        if (old == seen) break;
        seen = old;
    }
}

HC_KERNEL void hc_start(hc_start_block *b) {
    hc_u64 at = (hc_u64)(hc_size)b, lane = (hc_u64)hc_thread_id(), ready;
    int status;
    if (lane >= b->main_lanes) {
        if (lane >= b->pool_first) HC_POOL_SERVE();
        return;
    }
    if (lane == 0) {
        ready = hc_prepare(b);
        hc_fence_dev();
        (void)hc_dev_exch64(at + HC_START_READY, ready);
    } else {
        ready = hc_await_ready(at);
        hc_fence_dev();
    }
    if (ready != 1) {
        if (lane == 0) exit(HC_CANNOT_START);
        return;
    }
    status = HC_MAIN((int)b->argc, (char **)((char *)b + b->argv), (char **)((char *)b + b->environ));
    if (status & 0xff) hc_note_status(at, lane, status);
    if (hc_dev_add64(at + HC_START_RETURNED, 1) + 1u == b->main_lanes) exit((int)(hc_u32)hc_dev_load64(at + HC_START_WORST));
}

#if defined(HC_HOST)
/* What the host's backend looks for, instead of what it generates behind a kernel's source. */
__attribute__((visibility("default"))) const unsigned long long hc_sizes_hc_start[] = {sizeof(void *)};
__attribute__((visibility("default"))) void hc_entry_hc_start(void *arguments) {
    const hc_u64 *offsets = (const hc_u64 *)arguments;
    void *block;
    __builtin_memcpy(&block, (const char *)arguments + offsets[0], sizeof block);
    hc_start((hc_start_block *)block);
}
__attribute__((visibility("default"))) void hc_set_self_hc_start(hc_host_lane *self) { hc_self = self; }
#endif
