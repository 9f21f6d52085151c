/* SPDX-License-Identifier: Apache-2.0
 *
 * What a kernel learns about its surroundings: the environment as it was when the runtime opened, which lies on the device, and random
 * bytes, which are the host's.
 */
#ifndef HC_ENV_H
#define HC_ENV_H
#include "posix.h"

/* The snapshot is NAME=VALUE, each ended by a NUL; an empty one, or its size, ends it. */
#define HC_DEFINE_GETENV(SPACE, ATTR, BODY)                                                                                              \
    BODY ATTR HC_GLOBAL char *hc_env_find(SPACE const char *name) {                                                                      \
        hc_u64 c = hc_client_address(), at, end, k;                                                                                      \
        if (!c || !name || !name[0]) return (HC_GLOBAL char *)0;                                                                         \
        at = HC_C(c)->env;                                                                                                               \
        end = at ? at + HC_C(c)->env_bytes : 0;                                                                                          \
        HC_ROLLED while (at < end && *HC_AT(const char, at)) {                                                                           \
            HC_ROLLED for (k = 0; at + k < end && name[k] && name[k] != '=' && *HC_AT(const char, at + k) == name[k]; k++) {             \
            }                                                                                                                            \
            if (!name[k] && at + k < end && *HC_AT(const char, at + k) == '=') return HC_AT(char, at + k + 1u);                          \
            HC_ROLLED while (at < end && *HC_AT(const char, at)) at++;                                                                   \
            at++;                                                                                                                        \
        }                                                                                                                                \
        return (HC_GLOBAL char *)0;                                                                                                      \
    }
HC_FOR_IN(HC_DEFINE_GETENV)
#if defined(HC_OPENCL)
#define HC_GETENV(SPACE, ATTR, BODY)                                                                                                     \
    HC_API ATTR HC_GLOBAL char *hc_getenv(SPACE const char *name) { return hc_env_find(name); }
HC_FOR_IN(HC_GETENV)
#endif /* elsewhere it can change: environ.h */

#define HC_ENTROPY_MAX 256u
#define HC_DEFINE_RANDOM(SPACE, ATTR, BODY)                                                                                              \
    BODY ATTR hc_i64 hc_do_getrandom(SPACE void *p, hc_u64 n, hc_u32 flags) {                                                            \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_posix_begin(&t, HC_OP_GETRANDOM, 2, n, HC_OUT | HC_SHRINK);                                                                                    \
        r = hc_posix_send(&t, (hc_i64)t.bytes, flags, 0, 0);                                                            \
        if (!t.err) hc_get(&t, 0, p, r > 0 ? (hc_u64)r : 0);                                                                             \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_getrandom_any(SPACE void *p, hc_u64 n, hc_u32 flags) {                                                          \
        hc_i64 wrong = hc_check_buffer(p != 0, n);                                                                                       \
        return wrong ? wrong : hc_do_getrandom(p, n, flags);                                                                             \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_getentropy_any(SPACE void *p, hc_u64 n) {                                                                       \
        hc_u64 got = 0;                                                                                                                  \
        if (n > HC_ENTROPY_MAX) return -HC_EIO;                                                                                          \
        HC_ROLLED while (got < n) {                                                                                                      \
            hc_i64 r = hc_getrandom_any((SPACE hc_u8 *)p + got, n - got, 0);                                                             \
            if (r <= 0) return r ? r : -HC_EIO;                                                                                          \
            got += (hc_u64)r;                                                                                                            \
        }                                                                                                                                \
        return 0;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR hc_long hc_getrandom(SPACE void *p, size_t n, hc_u32 flags) {                                                            \
        HC_SPLIT((hc_long)hc_posix(hc_getrandom_any(p, n, flags)), ::getrandom(p, n, flags))                                             \
    }                                                                                                                                    \
    HC_API ATTR int hc_getentropy(SPACE void *p, size_t n) { HC_SPLIT((int)hc_posix(hc_getentropy_any(p, n)), ::getentropy(p, n)) }
HC_FOR_OUT(HC_DEFINE_RANDOM)

#endif
