/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs of the host: system, popen and pclose, where the configuration allows them.
 */
#ifndef HC_COMMANDS_H
#define HC_COMMANDS_H
#include "fs.h"

/* A command may be longer than a path. */
#define HC_COMMAND_MAX 131072u
#define HC_DEFINE_COMMANDS(SPACE, ATTR, BODY)                                                                                            \
    HC_FN ATTR hc_i64 hc_command_length(SPACE const char *command) {                                                                     \
        hc_u64 n = command ? hc_text_length(command, HC_COMMAND_MAX) : 0;                                                                \
        return n == HC_COMMAND_MAX ? -HC_E2BIG : (hc_i64)n;                                                                              \
    }                                                                                                                                    \
    BODY ATTR hc_i64 hc_do_system(SPACE const char *command) {                                                                           \
        hc_txn t;                                                                                                                        \
        hc_mask here = hc_active_mask();                                                                                                 \
        hc_i64 n = hc_command_length(command), r;                                                                                        \
        hc_warp_sync(here);                                                                                                              \
        if (n < 0) return n;                                                                                                             \
        if (command) n++; /* an empty command is one too */                                                                              \
        hc_posix_begin(&t, HC_OP_SYSTEM, 1, (hc_u64)n, HC_IN);                                                                           \
        if (!t.err && n) hc_put(&t, 0, command, (hc_u64)n);                                                                              \
        r = hc_posix_send(&t, n, 0, 0, 0);                                                                                               \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    BODY ATTR hc_i64 hc_do_popen(SPACE const char *command, hc_i64 writes) {                                                             \
        hc_txn t;                                                                                                                        \
        hc_mask here = hc_active_mask();                                                                                                 \
        hc_i64 n = hc_command_length(command), r;                                                                                        \
        hc_warp_sync(here);                                                                                                              \
        if (n < 0) return n;                                                                                                             \
        hc_posix_begin(&t, HC_OP_POPEN, 2, (hc_u64)n + 1u, HC_IN);                                                                       \
        if (!t.err) hc_put(&t, 0, command, (hc_u64)n + 1u);                                                                              \
        r = hc_posix_send(&t, n + 1, writes, 0, 0);                                                                                      \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    /* Without a command: whether there is a shell, which no error can be. */                                                            \
    HC_FN ATTR int hc_system_any(SPACE const char *command) {                                                                            \
        hc_i64 r = hc_do_system(command);                                                                                                \
        return command ? (int)hc_posix(r) : r > 0;                                                                                       \
    }                                                                                                                                    \
    HC_API ATTR int hc_system(SPACE const char *command) { HC_SPLIT(hc_system_any(command), ::system(command)) }
#define HC_E2BIG 7
HC_FOR_IN(HC_DEFINE_COMMANDS)

/* The descriptor stays the caller's to close; then this waits. */
HC_DEFINE_WORDS_CALL(hc_do_pclose, HC_OP_PCLOSE, 1)
#define HC_POPEN_FD(r) ((int)(hc_u32)(r))
#define HC_POPEN_PROCESS(r) ((hc_i64)((hc_u64)(r) >> 32))

#endif
