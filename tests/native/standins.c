/* SPDX-License-Identifier: Apache-2.0
 *
 * Families that the polling core refers to and this test does not need. Weak: where the real ones are linked, they win.
 */
#include "server.h"
#include <errno.h>
#include <stdlib.h>

#define WEAK __attribute__((weak))

WEAK const hc_family hc_family_fs = {.name = "fs", .part = HC_PART_FS};
WEAK const hc_family hc_family_mapping = {.name = "mapping", .part = HC_PART_MAPPING};
WEAK const hc_family hc_family_net = {.name = "net", .part = HC_PART_NET};
WEAK const hc_family hc_family_process = {.name = "process", .part = HC_PART_PROCESS};
WEAK const hc_family hc_family_system = {.name = "system", .part = HC_PART_SYSTEM};
WEAK const hc_family hc_family_stdio = {.name = "stdio", .part = HC_PART_STDIO};

WEAK hc_page *hc_page_new(hc_server *s, void (*turn)(void *owner), void *owner) {
    (void)s, (void)turn, (void)owner;
    return (hc_page *)calloc(1, 1);
}
WEAK void hc_page_free(hc_page *p) { free(p); }
WEAK bool hc_page_print(hc_page *p, uint32_t op, uint32_t immediate, const uint64_t *words, uint32_t nwords) {
    (void)p, (void)op, (void)immediate, (void)words, (void)nwords;
    return true;
}
WEAK void hc_page_out(hc_page *p) { (void)p; }
WEAK void hc_stdio_idle(hc_server *s) { (void)s; }
WEAK int hc_stdio_flush(hc_server *s) { return (void)s, 0; }
WEAK void hc_stdio_counts(hc_server *s, uint64_t *bytes, uint64_t *errors) { (void)s, *bytes = *errors = 0; }
