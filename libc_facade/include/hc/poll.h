/* SPDX-License-Identifier: Apache-2.0
 *
 * poll and select. One hostcall each, however many descriptors; a lane that waits holds nothing that another needs. A signal mask is
 * accepted and means nothing: no signal reaches device code.
 */
#ifndef HC_POLL_H
#define HC_POLL_H
#include "net_types.h"
#include "time.h"

#define HC_POLL_MOST (1u << 20)
#define HC_FD_SETSIZE 1024
/* What makes a descriptor count for each of select's sets. */
#define HC_SELECT_IN 0x0001
#define HC_SELECT_OUT 0x0004
#define HC_SELECT_EX 0x0002
#define HC_SELECT_IS_IN (0x0001 | 0x0008 | 0x0010)
#define HC_SELECT_IS_OUT (0x0004 | 0x0008)

#define HC_DEFINE_POLL(SPACE, ATTR, BODY)                                                                                                \
    BODY ATTR hc_i64 hc_do_poll(SPACE hc_pollfd_t *fds, hc_u64 n, hc_i64 timeout_ns) {                                                   \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_u64 i;                                                                                                                        \
        if (n > HC_POLL_MOST) return -HC_EINVAL;                                                                                         \
        if (n && !fds) return -HC_EFAULT;                                                                                                \
        hc_posix_begin(&t, HC_OP_POLL, 2, 8u * n, HC_IN | HC_OUT);                                                                       \
        if (!t.err) {                                                                                                                    \
            hc_payload_writer w;                                                                                                         \
            hc_payload_begin(&w, &t);                                                                                                    \
            HC_ROLLED for (i = 0; i < n; i++) {                                                                                          \
                w.word = (hc_u64)(hc_u32)fds[i].fd | (hc_u64)(hc_u16)fds[i].events << 32;                                                \
                hc_payload_flush(&w, 8u * i);                                                                                            \
            }                                                                                                                            \
            hc_warp_sync(t.mask);                                                                                                        \
        }                                                                                                                                \
        r = hc_posix_send(&t, (hc_i64)(8u * n), timeout_ns, 0, 0);                                                                       \
        if (!t.err && r >= 0) HC_ROLLED for (i = 0; i < n; i++) fds[i].revents = (short)(hc_arena_load(hc_part_at(&t) + 8u * i) >> 48);  \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_poll_fds(SPACE hc_pollfd_t *fds, hc_u64 n, int timeout_ms) {                                                      \
        HC_SPLIT((int)hc_posix(hc_do_poll(fds, n, timeout_ms < 0 ? -1 : (hc_i64)timeout_ms * 1000000)), ::poll(fds, n, timeout_ms))      \
    }
HC_FOR_OUT(HC_DEFINE_POLL)

/* One pass over the sets writes what is asked, another reads the answers; -HC_EBADF where a descriptor is not open. */
#define HC_SELECT_HAS(set, fd) ((set) && (HC_FD_WORDS(set)[(fd) / 64] >> ((fd) % 64) & 1u))
#define HC_SELECT_PUT(set, fd, on)                                                                                                       \
    if (set) {                                                                                                                           \
        if (on) HC_FD_WORDS(set)[(fd) / 64] |= (hc_u64)1 << ((fd) % 64);                                                                       \
        else HC_FD_WORDS(set)[(fd) / 64] &= ~((hc_u64)1 << ((fd) % 64));                                                                       \
    }
#define HC_DEFINE_SELECT(SPACE, ATTR, BODY)                                                                                              \
    HC_FN ATTR hc_u32 hc_select_asks(int fd, SPACE const hc_fd_set_t *in, SPACE const hc_fd_set_t *out, SPACE const hc_fd_set_t *ex) {   \
        return (HC_SELECT_HAS(in, fd) ? HC_SELECT_IN : 0u) | (HC_SELECT_HAS(out, fd) ? HC_SELECT_OUT : 0u) |                             \
               (HC_SELECT_HAS(ex, fd) ? HC_SELECT_EX : 0u);                                                                              \
    }                                                                                                                                    \
    BODY ATTR hc_i64 hc_do_select(int nfds, SPACE hc_fd_set_t *in, SPACE hc_fd_set_t *out, SPACE hc_fd_set_t *ex, hc_i64 timeout_ns) {   \
        hc_txn t;                                                                                                                        \
        hc_mask here = hc_active_mask();                                                                                                 \
        hc_u64 n = 0, at = 0;                                                                                                            \
        hc_i64 r, count = 0;                                                                                                             \
        int fd, bad = 0;                                                                                                                 \
        if (nfds > HC_FD_SETSIZE) nfds = HC_FD_SETSIZE;                                                                                  \
        HC_ROLLED for (fd = 0; fd < nfds; fd++) n += hc_select_asks(fd, in, out, ex) != 0;                                               \
        hc_warp_sync(here);                                                                                                              \
        if (nfds < 0) return -HC_EINVAL;                                                                                                 \
        hc_posix_begin(&t, HC_OP_POLL, 2, 8u * n, HC_IN | HC_OUT);                                                                       \
        if (!t.err) {                                                                                                                    \
            hc_payload_writer w;                                                                                                         \
            hc_payload_begin(&w, &t);                                                                                                    \
            HC_ROLLED for (fd = 0; fd < nfds; fd++) {                                                                                    \
                hc_u32 asks = hc_select_asks(fd, in, out, ex);                                                                           \
                if (!asks) continue;                                                                                                     \
                w.word = (hc_u64)(hc_u32)fd | (hc_u64)asks << 32;                                                                        \
                hc_payload_flush(&w, at);                                                                                                \
                at += 8u;                                                                                                                \
            }                                                                                                                            \
            hc_warp_sync(t.mask);                                                                                                        \
        }                                                                                                                                \
        r = hc_posix_send(&t, (hc_i64)(8u * n), timeout_ns, 0, 0);                                                                       \
        if (!t.err && r >= 0) {                                                                                                          \
            HC_ROLLED for (at = 0; at < 8u * n; at += 8u) bad |= (int)(hc_arena_load(hc_part_at(&t) + at) >> 48 & 0x20u);                \
            at = 0;                                                                                                                      \
            HC_ROLLED for (fd = 0; !bad && fd < nfds; fd++) {                                                                            \
                hc_u32 asks = hc_select_asks(fd, in, out, ex), is;                                                                       \
                if (!asks) continue;                                                                                                     \
                is = (hc_u32)(hc_arena_load(hc_part_at(&t) + at) >> 48);                                                                 \
                at += 8u;                                                                                                                \
                is = ((is & HC_SELECT_IS_IN) ? HC_SELECT_IN : 0u) | ((is & HC_SELECT_IS_OUT) ? HC_SELECT_OUT : 0u) | (is & HC_SELECT_EX); \
                is &= asks;                                                                                                              \
                HC_SELECT_PUT(in, fd, is & HC_SELECT_IN)                                                                                 \
                HC_SELECT_PUT(out, fd, is & HC_SELECT_OUT)                                                                               \
                HC_SELECT_PUT(ex, fd, is & HC_SELECT_EX)                                                                                 \
                count += (is & 1u) + (is >> 1 & 1u) + (is >> 2 & 1u);                                                                    \
            }                                                                                                                            \
        }                                                                                                                                \
        hc_posix_end(&t);                                                                                                                \
        return r < 0 ? r : bad ? -HC_EBADF : count;                                                                                      \
    }
HC_FOR_OUT(HC_DEFINE_SELECT)

/* The time in ns, -1 for no limit, or -EINVAL: a lane's time that is too long to count is no limit either. */
#define HC_POLL_ERROR(ns) ((ns) < -1)
#define HC_DEFINE_SELECTS(SPACE, TIME, ATTR)                                                                                             \
    HC_FN ATTR hc_i64 hc_select_until(int nfds, SPACE hc_fd_set_t *in, SPACE hc_fd_set_t *out, SPACE hc_fd_set_t *ex,                    \
                                      TIME const hc_timeval_t *limit) {                                                                  \
        hc_i64 ns = -1;                                                                                                                  \
        if (limit) ns = limit->tv_usec < 0 || limit->tv_usec > 999999 ? -HC_EINVAL : hc_span_ns(limit->tv_sec, limit->tv_usec * 1000);   \
        return HC_POLL_ERROR(ns) ? ns : hc_do_select(nfds, in, out, ex, ns);                                                             \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_pselect_until(int nfds, SPACE hc_fd_set_t *in, SPACE hc_fd_set_t *out, SPACE hc_fd_set_t *ex,                   \
                                       TIME const hc_timespec_t *limit) {                                                                \
        hc_i64 ns = limit ? hc_span_ns(limit->tv_sec, limit->tv_nsec) : -1;                                                              \
        return HC_POLL_ERROR(ns) ? ns : hc_do_select(nfds, in, out, ex, ns);                                                             \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_ppoll_until(SPACE hc_pollfd_t *fds, hc_u64 n, TIME const hc_timespec_t *limit) {                                \
        hc_i64 ns = limit ? hc_span_ns(limit->tv_sec, limit->tv_nsec) : -1;                                                              \
        return HC_POLL_ERROR(ns) ? ns : hc_do_poll(fds, n, ns);                                                                          \
    }                                                                                                                                    \
    HC_API ATTR int hc_select(int nfds, SPACE hc_fd_set_t *in, SPACE hc_fd_set_t *out, SPACE hc_fd_set_t *ex, TIME hc_timeval_t *limit) { \
        HC_SPLIT((int)hc_posix(hc_select_until(nfds, in, out, ex, limit)), ::select(nfds, in, out, ex, limit))                           \
    }
#if defined(HC_OPENCL)
HC_DEFINE_SELECTS(__private, __private, HC_OVERLOAD)
HC_DEFINE_SELECTS(__global, __private, HC_OVERLOAD)
/* NULL is a pointer to void, wherever it stands. */
#define HC_DEFINE_SELECT_NULL(IN, OUT, EX)                                                                                               \
    HC_FN HC_OVERLOAD int hc_select(int nfds, __private IN *in, __private OUT *out, __private EX *ex, __private hc_timeval_t *limit) {   \
        return (int)hc_posix(hc_select_until(nfds, (__private hc_fd_set_t *)in, (__private hc_fd_set_t *)out, (__private hc_fd_set_t *)ex, limit)); \
    }
HC_DEFINE_SELECT_NULL(void, void, void)
HC_DEFINE_SELECT_NULL(void, void, hc_fd_set_t)
HC_DEFINE_SELECT_NULL(void, hc_fd_set_t, void)
HC_DEFINE_SELECT_NULL(void, hc_fd_set_t, hc_fd_set_t)
HC_DEFINE_SELECT_NULL(hc_fd_set_t, void, void)
HC_DEFINE_SELECT_NULL(hc_fd_set_t, void, hc_fd_set_t)
HC_DEFINE_SELECT_NULL(hc_fd_set_t, hc_fd_set_t, void)
#else
HC_DEFINE_SELECTS(, , )
#if defined(HC_NVCC)
typedef sigset_t hc_poll_mask;
#else
typedef void hc_poll_mask;
#endif
HC_API int hc_pselect(int nfds, hc_fd_set_t *in, hc_fd_set_t *out, hc_fd_set_t *ex, const hc_timespec_t *limit, const hc_poll_mask *mask) {
    HC_SPLIT(((void)mask, (int)hc_posix(hc_pselect_until(nfds, in, out, ex, limit))), ::pselect(nfds, in, out, ex, limit, mask))
}
HC_API int hc_ppoll(hc_pollfd_t *fds, hc_u64 n, const hc_timespec_t *limit, const hc_poll_mask *mask) {
    HC_SPLIT(((void)mask, (int)hc_posix(hc_ppoll_until(fds, n, limit))), ::ppoll(fds, n, limit, mask))
}
#endif

#endif
