/* SPDX-License-Identifier: Apache-2.0
 *
 * <signal.h>.
 */
#include "library.h"
#include "hc/signals.h"

HC_EXPORT hc_handler signal(int number, hc_handler handler) { return hc_do_signal(number, handler); }
HC_EXPORT int raise(int number) { return hc_do_raise(number); }
HC_EXPORT int kill(int process, int number) { return hc_do_kill(process, number); }
HC_EXPORT int sigaction(int number, const hc_sigaction_t *now, hc_sigaction_t *before) { return hc_do_sigaction(number, now, before); }
HC_EXPORT int sigemptyset(hc_sigset *set) { return hc_sigemptyset(set); }
HC_EXPORT int sigfillset(hc_sigset *set) { return hc_sigfillset(set); }
HC_EXPORT int sigaddset(hc_sigset *set, int number) { return hc_sig_change(set, number, 1); }
HC_EXPORT int sigdelset(hc_sigset *set, int number) { return hc_sig_change(set, number, 0); }
HC_EXPORT int sigismember(const hc_sigset *set, int number) { return hc_sigismember(set, number); }
HC_EXPORT int sigprocmask(int how, const hc_sigset *now, hc_sigset *before) { return (int)hc_posix(-hc_sig_mask(how, now, before)); }
HC_EXPORT int pthread_sigmask(int how, const hc_sigset *now, hc_sigset *before) { return hc_sig_mask(how, now, before); }
HC_EXPORT int sigpending(hc_sigset *set) {
    hc_sigemptyset(set);
    set->bits[0] = (unsigned long)hc_dev_load64(HC_ADDRESS(hc_signal_pending));
    return 0;
}
HC_EXPORT int siginterrupt(int number, int flag) {
    (void)flag;
    return hc_signal_is(number) ? 0 : (int)hc_posix(-HC_EINVAL);
}
/* Nothing comes that one could wait for, and handlers run on the lane's own stack. */
HC_EXPORT int sigsuspend(const hc_sigset *mask) {
    (void)mask;
    return (int)hc_posix(-HC_ENOSYS);
}
HC_EXPORT int sigaltstack(const void *now, void *before) {
    (void)now;
    if (before) {
        hc_memset(before, 0, 24);
        ((int *)before)[2] = 2; /* SS_DISABLE */
    }
    return 0;
}
