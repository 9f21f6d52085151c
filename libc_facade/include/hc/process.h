/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a kernel, and who is running it. exit, abort and a failed assert tell the host, which sets the abort word: this lane ends
 * here, all others at their next call. Only with on_abort = "trap" does the device itself stop, and takes its context with it.
 */
#ifndef HC_PROCESS_H
#define HC_PROCESS_H
#include "posix.h"
#if !defined(HC_OPENCL)
#include "state.h"
#endif

/* This lane ends. OpenCL C can end no lane from inside a function: there it returns, and every further call answers ESHUTDOWN. */
#if defined(HC_OPENCL)
#define HC_NORETURN
HC_FN void hc_leave(void) {}
#elif defined(HC_CUDA)
#define HC_NORETURN __attribute__((noreturn))
HC_NORETURN HC_BODY void hc_leave(void) {
    asm volatile("exit;");
    __builtin_unreachable();
}
#else
#define HC_NORETURN __attribute__((noreturn))
HC_NORETURN HC_BODY void hc_leave(void) {
    hc_self->leave(hc_self);
    __builtin_unreachable();
}
#endif
/* After an abort or a failed assert. */
HC_FN void hc_trap_if_wanted(void) {
#if defined(HC_CUDA)
    hc_u64 c = hc_client_address();
    if (c && (HC_C(c)->flags & HC_FLAG_TRAP)) {
        hc_count(c, HC_CNT_TRAPS, 1);
        __trap();
    }
#endif
}

/* The launch whose program is over: for lanes that wait for one another and make no call (threads_wait.h). Launches are told apart, since a
 * module outlives them. */
#if !defined(HC_OPENCL)
HC_STATE hc_u32 hc_program_over;
HC_FN hc_u32 hc_launch_token(void) { return ((hc_u32)hc_grid_token() & 0x7fffffffu) + 1u; }
HC_FN void hc_program_ends(void) { (void)hc_dev_exch32(HC_ADDRESS(hc_program_over), hc_launch_token()); }
#else
HC_FN void hc_program_ends(void) {}
#endif

HC_BODY void hc_do_exit(int status) {
    hc_txn t;
    hc_program_ends();
    hc_posix_begin(&t, HC_OP_EXIT, 3, 0, 0);
    (void)hc_posix_send(&t, status, hc_thread_id(), hc_block_id(), 0);
}
HC_BODY void hc_do_abort(void) {
    hc_txn t;
    hc_program_ends();
    hc_posix_begin(&t, HC_OP_ABORT, 4, 0, HC_IN);
    (void)hc_posix_send(&t, 0, HC_ABORT_ABORT, hc_thread_id(), hc_block_id());
    hc_posix_end(&t);
}

/* POSIX: what is in the buffers of FILEs is not written when a program ends by _exit. The host reads this word before it writes them. */
HC_FN void hc_streams_forget(void) {
    hc_u64 c = hc_client_address();
    if (c) hc_dev_store32(HC_C(c)->files + HC_FILES_FORGET, 1u);
}

/* ------------------------------------------------------------------------------------------------------------- exit handlers
 * What atexit.h collects runs here, in the lane that calls exit first; lanes that call it meanwhile end, and their status is not told.
 * hc_exit_hooks, which the streams set when they have something to flush, comes last. hc_abort_hooks is the handler of SIGABRT. */
#if !defined(HC_OPENCL)
#define HC_EXIT_ENTRIES 32u
#define HC_EXIT_PLAIN 0u  /* of atexit: no argument */
#define HC_EXIT_STATUS 1u /* of on_exit: status, argument */
#define HC_EXIT_ARGUMENT 2u /* of C++ */
typedef struct hc_exit_entry {
    union {
        void (*plain)(void);
        void (*status)(int, void *);
        void (*argument)(void *);
    } call;
    void *argument;
    hc_u64 kind;
} hc_exit_entry;
typedef struct hc_exit_list {
    struct hc_exit_list *older;
    hc_u64 count;
    hc_exit_entry entries[HC_EXIT_ENTRIES];
} hc_exit_list;
#define HC_EXIT_NORMAL 0u /* which list */
#define HC_EXIT_QUICK 1u
HC_STATE hc_exit_list *hc_exit_lists[2];
HC_STATE hc_exit_list hc_exit_first[2];
HC_STATE hc_u32 hc_exit_lock;
HC_STATE hc_u64 hc_exit_owner; /* launch and lane that ends the program */
HC_STATE void (*hc_exit_hooks)(void);
HC_STATE void (*hc_abort_hooks)(void);

/* 1: this lane ends the program; 0: another one does already. */
HC_FN int hc_exit_enter(void) {
    hc_u64 me = (hc_u64)(hc_u32)hc_grid_token() << 32 | ((hc_u64)(hc_u32)hc_thread_id() + 1u), seen = hc_dev_load64(HC_ADDRESS(hc_exit_owner));
    HC_ROLLED while (seen != me) {
        hc_u64 old;
        if (seen && (seen >> 32) == (me >> 32)) return 0;
        old = hc_dev_cas64(HC_ADDRESS(hc_exit_owner), seen, me);
        if (old == seen) break;
        seen = old;
    }
    return 1;
}
/* Takes the youngest entry off its list; 0: there is none. */
HC_BODY int hc_exit_take(hc_u32 which, hc_exit_entry *entry) {
    int there = 0;
    HC_LOCKED(
        hc_exit_lock, hc_exit_list *list = hc_exit_lists[which]; if (list && list->count == 0 && list->older) {
            list = list->older;
            hc_exit_lists[which] = list;
        } if (list && list->count) {
            *entry = list->entries[--list->count];
            there = 1;
        });
    return there;
}
/* 0: another lane ends the program. */
HC_BODY int hc_exit_run(hc_u32 which, int status) {
    hc_exit_entry entry;
    if (!hc_exit_lists[which] && !(which == HC_EXIT_NORMAL && hc_exit_hooks)) return 1;
    if (!hc_exit_enter()) return 0;
    HC_ROLLED while (hc_exit_take(which, &entry)) {
        if (entry.kind == HC_EXIT_PLAIN) entry.call.plain();
        else if (entry.kind == HC_EXIT_STATUS) entry.call.status(status, entry.argument);
        else entry.call.argument(entry.argument);
    }
    if (which == HC_EXIT_NORMAL && hc_exit_hooks) hc_exit_hooks();
    return 1;
}
HC_FN void hc_abort_begin(void) {
    if (hc_abort_hooks) hc_abort_hooks();
}
#else
#define HC_EXIT_NORMAL 0u
#define HC_EXIT_QUICK 1u
HC_FN int hc_exit_run(hc_u32 which, int status) {
    (void)which;
    (void)status;
    return 1;
}
HC_FN void hc_abort_begin(void) {}
#endif

#if defined(HC_NVCC) && !defined(__CUDA_ARCH__)
HC_API void hc_exit(int status) { ::exit(status); }
HC_API void hc_quick_exit(int status) { ::quick_exit(status); }
HC_API void hc__Exit(int status) { ::_exit(status); }
HC_API void hc_abort(void) { ::abort(); }
#elif defined(HC_NVCC)
HC_API void hc__Exit(int status) {
    hc_streams_forget();
    hc_do_exit(status);
    hc_leave();
}
HC_API void hc_exit(int status) {
    if (hc_exit_run(HC_EXIT_NORMAL, status)) hc_do_exit(status);
    hc_leave();
}
HC_API void hc_quick_exit(int status) {
    hc_streams_forget();
    if (hc_exit_run(HC_EXIT_QUICK, status)) hc_do_exit(status);
    hc_leave();
}
HC_API void hc_abort(void) {
    hc_abort_begin();
    hc_do_abort();
    hc_trap_if_wanted();
    hc_leave();
}
#else
HC_NORETURN HC_FN void hc__Exit(int status) {
    hc_streams_forget();
    hc_do_exit(status);
    hc_leave();
}
HC_NORETURN HC_FN void hc_exit(int status) {
    if (hc_exit_run(HC_EXIT_NORMAL, status)) hc_do_exit(status);
    hc_leave();
}
HC_NORETURN HC_FN void hc_quick_exit(int status) {
    hc_streams_forget();
    if (hc_exit_run(HC_EXIT_QUICK, status)) hc_do_exit(status);
    hc_leave();
}
HC_NORETURN HC_FN void hc_abort(void) {
    hc_abort_begin();
    hc_do_abort();
    hc_trap_if_wanted();
    hc_leave();
}
#endif

/* ----------------------------------------------------------------------------------------------------------------------- assert
 * The message is put together in the payload itself: a lane that fails an assertion may have no stack left. */
#define HC_DEFINE_TEXT_PIECE(SPACE, ATTR, BODY)                                                                                          \
    HC_FN ATTR void hc_payload_text(HC_PRIVATE hc_payload_writer *w, SPACE const char *text, hc_u64 n) {                                 \
        hc_u64 i;                                                                                                                        \
        HC_ROLLED for (i = 0; i < n; i++) hc_payload_byte(w, (hc_u32)(hc_u8)text[i]);                                                    \
    }
HC_FOR_IN(HC_DEFINE_TEXT_PIECE)
HC_FN hc_u32 hc_decimal_length(hc_u32 value) {
    hc_u32 n = 1;
    HC_ROLLED while (value >= 10u) {
        value /= 10u;
        n++;
    }
    return n;
}
HC_FN void hc_payload_decimal(HC_PRIVATE hc_payload_writer *w, hc_u32 value) {
    hc_u32 unit = 1;
    HC_ROLLED while (value / unit >= 10u) unit *= 10u;
    HC_ROLLED for (; unit; unit /= 10u) hc_payload_byte(w, '0' + value / unit % 10u);
}
#define HC_ASSERT_PIECE_MAX 1024u /* of the file's name, the function's and the expression each */

/* file:line: function: Assertion `expression' failed. */
HC_BODY void hc_do_assert(HC_CONSTANT const char *expression, HC_CONSTANT const char *file, hc_u32 line, HC_CONSTANT const char *function) {
    hc_txn t;
    hc_mask here = hc_active_mask();
    hc_u64 e = hc_text_length(expression, HC_ASSERT_PIECE_MAX), f = hc_text_length(file, HC_ASSERT_PIECE_MAX);
    hc_u64 u = hc_text_length(function, HC_ASSERT_PIECE_MAX);
    hc_u64 n = f + 1u + hc_decimal_length(line) + 2u + u + 2u + 11u + e + 9u;
    hc_warp_sync(here);
    hc_posix_begin(&t, HC_OP_ABORT, 4, n, HC_IN);
    if (!t.err) {
        hc_payload_writer w;
        hc_payload_begin(&w, &t);
        hc_payload_text(&w, file, f);
        hc_payload_byte(&w, ':');
        hc_payload_decimal(&w, line);
        hc_payload_byte(&w, ':');
        hc_payload_byte(&w, ' ');
        hc_payload_text(&w, function, u);
        hc_payload_text(&w, ": Assertion `", 13);
        hc_payload_text(&w, expression, e);
        hc_payload_text(&w, "' failed.", 9);
        hc_payload_end(&w);
        hc_warp_sync(t.mask);
    }
    (void)hc_posix_send(&t, (hc_i64)n, HC_ABORT_ASSERT, hc_thread_id(), hc_block_id());
    hc_posix_end(&t);
}
#if defined(HC_NVCC)
HC_API void hc_assert_failed(const char *expression, const char *file, hc_u32 line, const char *function) {
#if defined(__CUDA_ARCH__)
    hc_do_assert(expression, file, line, function);
    hc_abort_begin();
    hc_trap_if_wanted();
    hc_leave();
#else
    ::__assert_fail(expression, file, line, function);
#endif
}
#else
HC_NORETURN HC_FN void hc_assert_failed(HC_CONSTANT const char *expression, HC_CONSTANT const char *file, hc_u32 line, HC_CONSTANT const char *function) {
    hc_do_assert(expression, file, line, function);
    hc_abort_begin();
    hc_trap_if_wanted();
    hc_leave();
}
#endif

/* --------------------------------------------------------------------------------------------------------------------- identity */
HC_DEFINE_WORDS_CALL(hc_do_getpid, HC_OP_GETPID, 0)
HC_API int hc_getpid(void) { HC_SPLIT((int)hc_posix(hc_do_getpid(0, 0, 0)), ::getpid()) }
HC_API int hc_gettid(void) { HC_SPLIT(hc_thread_id(), ::gettid()) }

HC_API int hc_getpagesize(void) { HC_SPLIT((int)HC_PAGE, ::getpagesize()) }

#endif
