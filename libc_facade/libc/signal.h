/* SPDX-License-Identifier: Apache-2.0
 *
 * <signal.h>: dispositions are kept, and raise() runs them in the lane that raises. The host delivers none.
 */
#ifndef _SIGNAL_H
#define _SIGNAL_H

#include <bits/types.h>
#include <features.h>

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGSTKFLT 16
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGURG 23
#define SIGXCPU 24
#define SIGXFSZ 25
#define SIGVTALRM 26
#define SIGPROF 27
#define SIGWINCH 28
#define SIGIO 29
#define SIGPWR 30
#define SIGSYS 31
#define SIGIOT SIGABRT
#define SIGPOLL SIGIO
#define NSIG 65
#define _NSIG 65
#define SIGRTMIN 34
#define SIGRTMAX 64

typedef int sig_atomic_t;
typedef void (*__hc_handler)(int);
#define SIG_DFL ((__hc_handler)0)
#define SIG_IGN ((__hc_handler)1)
#define SIG_ERR ((__hc_handler)-1)

#ifdef __HC_POSIX
#include <bits/sigset.h>
#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2
#define SA_NOCLDSTOP 1
#define SA_NOCLDWAIT 2
#define SA_SIGINFO 4
#define SA_ONSTACK 0x08000000
#define SA_RESTART 0x10000000
#define SA_NODEFER 0x40000000
#define SA_RESETHAND 0x80000000u
#define SI_USER 0
#define SI_QUEUE (-1)
#define SI_TKILL (-6)
#define MINSIGSTKSZ 2048
#define SIGSTKSZ 8192
#define SS_ONSTACK 1
#define SS_DISABLE 2

union sigval {
    int sival_int;
    void *sival_ptr;
};
typedef struct {
    int si_signo, si_errno, si_code, __reserved;
    pid_t si_pid;
    uid_t si_uid;
    int si_status;
    void *si_addr;
    union sigval si_value;
    unsigned long __rest[10];
} siginfo_t;
typedef struct {
    void *ss_sp;
    int ss_flags;
    size_t ss_size;
} stack_t;
struct sigaction {
    union {
        void (*sa_handler)(int);
        void (*sa_sigaction)(int, siginfo_t *, void *);
    } __handler;
    sigset_t sa_mask;
    int sa_flags;
    void (*sa_restorer)(void);
};
#define sa_handler __handler.sa_handler
#define sa_sigaction __handler.sa_sigaction
#endif

__HC_BEGIN
__hc_handler signal(int __number, __hc_handler __handler);
int raise(int __number);
#ifdef __HC_POSIX
int kill(pid_t __process, int __number);
int sigaction(int __number, const struct sigaction *__HC_RESTRICT __new, struct sigaction *__HC_RESTRICT __old);
int sigemptyset(sigset_t *__set);
int sigfillset(sigset_t *__set);
int sigaddset(sigset_t *__set, int __number);
int sigdelset(sigset_t *__set, int __number);
int sigismember(const sigset_t *__set, int __number);
int sigprocmask(int __how, const sigset_t *__HC_RESTRICT __new, sigset_t *__HC_RESTRICT __old);
int pthread_sigmask(int __how, const sigset_t *__HC_RESTRICT __new, sigset_t *__HC_RESTRICT __old);
int sigpending(sigset_t *__set);
int sigsuspend(const sigset_t *__mask);
int siginterrupt(int __number, int __flag);
int sigaltstack(const stack_t *__HC_RESTRICT __new, stack_t *__HC_RESTRICT __old);
#endif
#ifdef __HC_MISC
typedef __hc_handler sig_t;
#endif
#ifdef __HC_GNU
typedef __hc_handler sighandler_t;
#endif
__HC_END

#endif
