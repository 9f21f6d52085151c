/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_log and hc_progress: lines for the host's `logging` and a bar on the host's terminal. Posted: nobody waits, nothing is lost silently.
 */
#ifndef HC_LOG_H
#define HC_LOG_H
#include "call.h"

/* Python's levels. */
#define HC_LOG_DEBUG 10
#define HC_LOG_INFO 20
#define HC_LOG_WARNING 30
#define HC_LOG_ERROR 40

#define HC_LOG_LONGEST 4000u

#define HC_DEFINE_LOG(FILE_SPACE, TEXT, ATTR)                                                                                             \
    HC_NOINLINE ATTR hc_i32 hc_log_at(hc_u32 level, FILE_SPACE const char *file, hc_u32 line, TEXT const char *text) {                     \
        hc_u32 fb = (hc_u32)hc_text_bytes(file), tb = (hc_u32)hc_text_bytes(text), fw, tw, i;                                              \
        hc_post_txn p;                                                                                                                     \
        if (fb > 255u) fb = 255u;                                                                                                          \
        if (tb > HC_LOG_LONGEST) tb = HC_LOG_LONGEST;                                                                                      \
        fw = (fb + 7u) / 8u;                                                                                                               \
        tw = (tb + 7u) / 8u;                                                                                                               \
        hc_post_begin(&p, 3u + fw + tw);                                                                                                   \
        if (p.err) return p.err;                                                                                                           \
        hc_post_header(&p, HC_POST_LOG, 3u + fw + tw, level);                                                                              \
        hc_post_word(&p, 1, (hc_u64)(hc_u32)hc_thread_id() | ((hc_u64)line << 32));                                                        \
        hc_post_word(&p, 2, (hc_u64)tb | ((hc_u64)fb << 32));                                                                              \
        for (i = 0; i < fw; i++) hc_post_word(&p, 3u + i, hc_gather8((FILE_SPACE const hc_u8 *)file + 8u * i, fb - 8u * i));               \
        for (i = 0; i < tw; i++) hc_post_word(&p, 3u + fw + i, hc_gather8((TEXT const hc_u8 *)text + 8u * i, tb - 8u * i));                \
        return 0;                                                                                                                          \
    }
#define HC_DEFINE_PROGRESS(TEXT, ATTR)                                                                                                    \
    HC_NOINLINE ATTR hc_i32 hc_progress(TEXT const char *label, hc_u64 done, hc_u64 total) {                                               \
        hc_u32 tb = (hc_u32)hc_text_bytes(label), tw, i;                                                                                   \
        hc_post_txn p;                                                                                                                     \
        if (tb > 255u) tb = 255u;                                                                                                          \
        tw = (tb + 7u) / 8u;                                                                                                               \
        hc_post_begin(&p, 4u + tw);                                                                                                        \
        if (p.err) return p.err;                                                                                                           \
        hc_post_header(&p, HC_POST_PROGRESS, 4u + tw, 0);                                                                                  \
        hc_post_word(&p, 1, done);                                                                                                         \
        hc_post_word(&p, 2, total);                                                                                                        \
        hc_post_word(&p, 3, tb);                                                                                                           \
        for (i = 0; i < tw; i++) hc_post_word(&p, 4u + i, hc_gather8((TEXT const hc_u8 *)label + 8u * i, tb - 8u * i));                    \
        return 0;                                                                                                                          \
    }

#if defined(HC_OPENCL)
#define HC_DEFINE_LOG_CONST(TEXT, ATTR) HC_DEFINE_LOG(__constant, TEXT, ATTR)
HC_EACH_IN(HC_DEFINE_LOG_CONST)
HC_EACH_IN(HC_DEFINE_PROGRESS)
#else
HC_DEFINE_LOG(, , )
HC_DEFINE_PROGRESS(, )
#endif

/* 0, or a negative errno when the record was refused (when_full = "drop", deferred, server gone). */
#define hc_log(level, text) hc_log_at((hc_u32)(level), __FILE__, (hc_u32)__LINE__, text)

#endif
