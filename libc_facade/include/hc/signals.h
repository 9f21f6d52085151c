/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals without delivery: dispositions and masks are kept, the host sends none, and raise runs the handler in the lane that raises. Where
 * the disposition is the default, raise does what it would do to the process: it ends the program, or nothing.
 */
#ifndef HC_SIGNALS_H
#define HC_SIGNALS_H
#include "process.h"
#include "string.h"

#define HC_SIGNALS 65
#define HC_SIGKILL 9
#define HC_SIGSTOP 19
#define HC_SIGABRT 6
#define HC_SA_SIGINFO 4
#define HC_SA_NODEFER 0x40000000
#define HC_SA_RESETHAND ((int)0x80000000u)
#define HC_ESRCH 3

typedef void (*hc_handler)(int);
typedef struct hc_sigset {
    unsigned long bits[16]; /* bit number - 1 */
} hc_sigset;
#if defined(HC_NVCC)
#include <signal.h>
typedef siginfo_t hc_siginfo;
#else
typedef struct hc_siginfo {
    int si_signo, si_errno, si_code, reserved;
    int si_pid;
    hc_u32 si_uid;
    int si_status;
    void *si_addr;
    void *si_value;
    unsigned long rest[10];
} hc_siginfo;
#endif
/* Linux's struct sigaction as libcs have it. */
typedef struct hc_sigaction_t {
    union {
        void (*handler)(int);
        void (*action)(int, hc_siginfo *, void *);
    } call;
    hc_sigset mask;
    int flags;
    void (*restorer)(void);
} hc_sigaction_t;

/* Program-wide; a word each, so that lanes never see half of one. */
HC_STATE hc_u64 hc_signal_handlers[HC_SIGNALS];
HC_STATE hc_u32 hc_signal_flags[HC_SIGNALS];
HC_STATE hc_u64 hc_signal_mask, hc_signal_pending;

HC_FN int hc_signal_is(int number) { return number > 0 && number < HC_SIGNALS; }
HC_FN hc_u64 hc_signal_bit(int number) { return 1ull << (number - 1); }
/* What the default does: 1 ends the program, 0 nothing. */
HC_FN int hc_signal_ends(int number) { return !(number == 17 || number == 18 || number == 23 || number == 28 || (number >= 19 && number <= 22)); }

HC_BODY void hc_signal_run(int number);
HC_BODY void hc_signal_abort(void) {
    if (hc_signal_handlers[HC_SIGABRT] > 1u) hc_signal_run(HC_SIGABRT);
}
/* Runs what is to be done for a signal that is not blocked. */
HC_BODY void hc_signal_run(int number) {
    hc_u64 handler = hc_dev_load64(HC_ADDRESS(hc_signal_handlers[number]));
    hc_u32 flags = hc_signal_flags[number];
    if (handler == 1u) return;
    if (handler == 0) {
        if (!hc_signal_ends(number)) return;
        if (number == HC_SIGABRT) {
            hc_do_abort();
            hc_trap_if_wanted();
        } else {
            hc_do_exit(128 + number);
        }
        hc_leave();
    }
    if (flags & (hc_u32)HC_SA_RESETHAND) hc_dev_store64(HC_ADDRESS(hc_signal_handlers[number]), 0);
    if (flags & HC_SA_SIGINFO) {
        hc_siginfo info;
        hc_memset(&info, 0, sizeof info);
        info.si_signo = number;
        info.si_code = -6;
        ((void (*)(int, hc_siginfo *, void *))(size_t)handler)(number, &info, 0);
    } else {
        ((hc_handler)(size_t)handler)(number);
    }
}
HC_BODY int hc_do_raise(int number) {
    if (!hc_signal_is(number)) return (int)hc_posix(-HC_EINVAL);
    if (hc_dev_load64(HC_ADDRESS(hc_signal_mask)) & hc_signal_bit(number)) {
        (void)hc_dev_add64(HC_ADDRESS(hc_signal_pending), 0);
        HC_ROLLED for (;;) {
            hc_u64 seen = hc_dev_load64(HC_ADDRESS(hc_signal_pending));
            if (hc_dev_cas64(HC_ADDRESS(hc_signal_pending), seen, seen | hc_signal_bit(number)) == seen) break;
        }
        return 0;
    }
    hc_signal_run(number);
    return 0;
}
HC_BODY hc_handler hc_do_signal(int number, hc_handler handler) {
    hc_u64 before;
    if (!hc_signal_is(number) || number == HC_SIGKILL || number == HC_SIGSTOP || handler == (hc_handler)-1) {
        hc_errno_set(HC_EINVAL);
        return (hc_handler)-1;
    }
    hc_signal_flags[number] = 0x10000000u; /* SA_RESTART */
    before = hc_dev_exch64(HC_ADDRESS(hc_signal_handlers[number]), (hc_u64)(size_t)handler);
    if (number == HC_SIGABRT) hc_abort_hooks = hc_signal_abort;
    return (hc_handler)(size_t)before;
}
HC_BODY int hc_do_sigaction(int number, const hc_sigaction_t *now, hc_sigaction_t *before) {
    if (!hc_signal_is(number) || (now && (number == HC_SIGKILL || number == HC_SIGSTOP))) return (int)hc_posix(-HC_EINVAL);
    if (before) {
        hc_memset(before, 0, sizeof *before);
        before->call.handler = (hc_handler)(size_t)hc_signal_handlers[number];
        before->flags = (int)hc_signal_flags[number];
    }
    if (now) {
        hc_signal_flags[number] = (hc_u32)now->flags;
        hc_dev_store64(HC_ADDRESS(hc_signal_handlers[number]), (hc_u64)(size_t)now->call.handler);
        if (number == HC_SIGABRT) hc_abort_hooks = hc_signal_abort;
    }
    return 0;
}
/* To nobody but the program itself. */
HC_BODY int hc_do_kill(int process, int number) {
    if (number < 0 || number >= HC_SIGNALS) return (int)hc_posix(-HC_EINVAL);
    if (process != 0 && process != -1 && process != hc_getpid()) return (int)hc_posix(-HC_EPERM);
    return number ? hc_do_raise(number) : 0;
}

/* -------------------------------------------------------------------------------------------------------------------- sets */
HC_FN int hc_sigemptyset(hc_sigset *set) {
    hc_memset(set, 0, sizeof *set);
    return 0;
}
HC_FN int hc_sigfillset(hc_sigset *set) {
    hc_memset(set, 0, sizeof *set);
    set->bits[0] = ~0ul & ~(3ul << 31); /* 32 and 33 are the library's own */
    return 0;
}
HC_FN int hc_sig_change(hc_sigset *set, int number, int in) {
    if (!hc_signal_is(number)) return (int)hc_posix(-HC_EINVAL);
    if (in) set->bits[0] |= 1ul << (number - 1);
    else set->bits[0] &= ~(1ul << (number - 1));
    return 0;
}
HC_FN int hc_sigismember(const hc_sigset *set, int number) {
    if (!hc_signal_is(number)) return (int)hc_posix(-HC_EINVAL);
    return (int)(set->bits[0] >> (number - 1) & 1u);
}
/* 0 or an error number. What was raised while it was blocked happens when it no longer is. */
HC_BODY int hc_sig_mask(int how, const hc_sigset *now, hc_sigset *before) {
    hc_u64 mask = hc_dev_load64(HC_ADDRESS(hc_signal_mask));
    int number;
    if (now && (how < 0 || how > 2)) return HC_EINVAL;
    if (before) {
        hc_memset(before, 0, sizeof *before);
        before->bits[0] = (unsigned long)mask;
    }
    if (!now) return 0;
    if (how == 0) mask |= now->bits[0];
    else if (how == 1) mask &= ~(hc_u64)now->bits[0];
    else mask = now->bits[0];
    mask &= ~(hc_signal_bit(HC_SIGKILL) | hc_signal_bit(HC_SIGSTOP));
    hc_dev_store64(HC_ADDRESS(hc_signal_mask), mask);
    HC_ROLLED for (number = 1; number < HC_SIGNALS; number++) {
        hc_u64 seen = hc_dev_load64(HC_ADDRESS(hc_signal_pending)), bit = hc_signal_bit(number);
        if (!(seen & bit & ~mask)) continue;
        if (hc_dev_cas64(HC_ADDRESS(hc_signal_pending), seen, seen & ~bit) == seen) hc_signal_run(number);
        else number--;
    }
    return 0;
}

#endif
