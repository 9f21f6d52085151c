/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs of the host, where the configuration allows them: system. popen is a stream (file_open.h).
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
    /* Without a command: whether there is a shell, which no error can be. */                                                            \
    HC_FN ATTR int hc_system_any(SPACE const char *command) {                                                                            \
        hc_i64 r = hc_do_system(command);                                                                                                \
        return command ? (int)hc_posix(r) : r > 0;                                                                                       \
    }                                                                                                                                    \
    HC_API ATTR int hc_system(SPACE const char *command) { HC_SPLIT(hc_system_any(command), ::system(command)) }
#define HC_E2BIG 7
HC_FOR_IN(HC_DEFINE_COMMANDS)

#endif
