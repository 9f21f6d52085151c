/* SPDX-License-Identifier: Apache-2.0
 *
 * What a lane that plays on a C thread dies of. With faults watched, a lane that touches memory it has not, divides by
 * zero or uses up its stack stops where it is, and what it was doing is written down for whoever runs the program: he
 * delivers what was printed before, says what happened, and ends the process as the signal would have. Faults of other
 * threads are the process's own.
 *
 * The handler runs on a stack of its own, since the lane's may be what has run out.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "server_internal.h"
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define HANDLER_STACK (64u << 10)

static const int SIGNALS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
#define NSIGNALS (sizeof SIGNALS / sizeof SIGNALS[0])

static atomic_int watched;
static atomic_int taken; /* 0 nothing happened, 1 a lane writes down what did, 2 it is written */
static hc_fault first;

/* Of the thread that plays a lane; `lane` is NULL on every other thread. */
static _Thread_local struct {
    const hc_host_lane *lane;
    uint64_t stack_low, stack_high;
    size_t guard;
    void *handler_stack;
} here;

static uint64_t counter_of(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return context->uc_mcontext.pc;
#else
    (void)context;
    return 0;
#endif
}

static uint64_t stack_of(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uint64_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    return context->uc_mcontext.sp;
#else
    (void)context;
    return 0;
#endif
}

static void on_fault(int signal, siginfo_t *info, void *context) {
    int nothing = 0;
    if (!here.lane || info->si_code <= 0 /* sent by kill */) {
        /* Not a lane's: as if nobody had looked. Returning meets the fault again. */
        struct sigaction plain = {.sa_handler = SIG_DFL};
        (void)sigaction(signal, &plain, NULL);
        if (info->si_code <= 0) (void)raise(signal);
        return;
    }
    if (atomic_compare_exchange_strong(&taken, &nothing, 1)) {
        uint64_t at = (uint64_t)(uintptr_t)info->si_addr, sp = stack_of(context);
        first.signal = signal;
        first.code = info->si_code;
        first.address = at;
        first.counter = counter_of(context);
        first.block = here.lane->block_id;
        first.lane = here.lane->local_id;
        first.thread = here.lane->block_id * here.lane->block_dim + here.lane->local_id;
        first.stack_bytes = here.stack_high - here.stack_low;
        /* Below the stack, or where a frame that is larger than the guard puts the pointer. */
        first.overflow = signal == SIGSEGV && ((at < here.stack_low && at + here.guard >= here.stack_low) || sp < here.stack_low);
        void *frames[HC_FAULT_FRAMES];
        int n = first.overflow ? 0 : backtrace(frames, HC_FAULT_FRAMES);
        for (int i = 0; i < n; i++) first.frames[i] = (uint64_t)(uintptr_t)frames[i];
        /* A call of what is no function: the unwinder gives up, but who called stands on top of the stack. */
        if (n && n < HC_FAULT_FRAMES && at == first.counter && sp >= here.stack_low && sp < here.stack_high)
            memcpy(&first.frames[n++], (const void *)(uintptr_t)sp, 8);
        first.nframes = (uint32_t)n;
        atomic_store(&taken, 2);
    }
    for (;;) (void)pause(); /* the process ends soon; the lane must not go on */
}

int hc_faults_watch(void) {
    struct sigaction how = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    void *frame;
    (void)backtrace(&frame, 1); /* loads what it needs now, not in the handler */
    sigfillset(&how.sa_mask);
    for (size_t i = 0; i < NSIGNALS; i++)
        if (sigaction(SIGNALS[i], &how, NULL)) return -errno;
    atomic_store(&watched, 1);
    return 0;
}

int hc_faults_get(hc_fault *out) {
    if (atomic_load(&taken) != 2) return 0;
    *out = first;
    return 1;
}

bool hc_faults_watched(void) { return atomic_load(&watched) != 0; }

void hc_faults_enter(const hc_host_lane *lane) {
    if (!hc_faults_watched()) return;
    pthread_attr_t attr;
    void *low;
    size_t bytes;
    sigset_t set;
    stack_t own = {.ss_size = HANDLER_STACK};
    own.ss_sp = mmap(NULL, HANDLER_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (own.ss_sp == MAP_FAILED) return;
    if (sigaltstack(&own, NULL) || pthread_getattr_np(pthread_self(), &attr)) {
        (void)munmap(own.ss_sp, HANDLER_STACK);
        return;
    }
    (void)pthread_attr_getstack(&attr, &low, &bytes);
    (void)pthread_attr_getguardsize(&attr, &here.guard);
    pthread_attr_destroy(&attr);
    here.stack_low = (uint64_t)(uintptr_t)low;
    here.stack_high = here.stack_low + bytes;
    here.handler_stack = own.ss_sp;
    here.lane = lane;
    /* Blocked, the signal of a fault would end the process on the spot. */
    sigemptyset(&set);
    for (size_t i = 0; i < NSIGNALS; i++) sigaddset(&set, SIGNALS[i]);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void hc_faults_leave(void) {
    stack_t none = {.ss_flags = SS_DISABLE};
    if (!here.lane) return;
    here.lane = NULL;
    (void)sigaltstack(&none, NULL);
    (void)munmap(here.handler_stack, HANDLER_STACK);
}
