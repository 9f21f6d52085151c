/* SPDX-License-Identifier: Apache-2.0
 *
 * atexit and its kin: what is to be called when the program ends. process.h calls it.
 */
#ifndef HC_ATEXIT_H
#define HC_ATEXIT_H
#include "heap.h"
#include "process.h"

/* 0, or -1 when there is no memory: 32 entries need none. */
HC_BODY int hc_exit_add(hc_u32 which, const hc_exit_entry *entry) {
    int result = 0;
    HC_LOCKED(
        hc_exit_lock, hc_exit_list *list = hc_exit_lists[which]; if (!list) list = &hc_exit_first[which];
        if (list->count == HC_EXIT_ENTRIES) {
            hc_exit_list *more = (hc_exit_list *)(size_t)hc_heap_get_block(sizeof(hc_exit_list), 16u);
            if (more) {
                more->older = list;
                more->count = 0;
            }
            list = more;
        }
        if (list) {
            list->entries[list->count++] = *entry;
            hc_exit_lists[which] = list;
        } else { result = -1; });
    return result;
}
HC_FN int hc_do_atexit(hc_u32 which, void (*handler)(void)) {
    hc_exit_entry entry;
    entry.call.plain = handler;
    entry.argument = 0;
    entry.kind = HC_EXIT_PLAIN;
    return hc_exit_add(which, &entry);
}
HC_FN int hc_do_on_exit(void (*handler)(int, void *), void *argument) {
    hc_exit_entry entry;
    entry.call.status = handler;
    entry.argument = argument;
    entry.kind = HC_EXIT_STATUS;
    return hc_exit_add(HC_EXIT_NORMAL, &entry);
}
HC_FN int hc_do_cxa_atexit(void (*handler)(void *), void *argument) {
    hc_exit_entry entry;
    entry.call.argument = handler;
    entry.argument = argument;
    entry.kind = HC_EXIT_ARGUMENT;
    return hc_exit_add(HC_EXIT_NORMAL, &entry);
}
HC_API int hc_atexit(void (*handler)(void)) { HC_SPLIT(hc_do_atexit(HC_EXIT_NORMAL, handler), ::atexit(handler)) }
HC_API int hc_at_quick_exit(void (*handler)(void)) { HC_SPLIT(hc_do_atexit(HC_EXIT_QUICK, handler), ::at_quick_exit(handler)) }
HC_API int hc_on_exit(void (*handler)(int, void *), void *argument) { HC_SPLIT(hc_do_on_exit(handler, argument), ::on_exit(handler, argument)) }

#endif
