/* SPDX-License-Identifier: Apache-2.0
 *
 * Formatting of what lanes print.
 */
#ifndef HC_HOST_PRINT_H
#define HC_HOST_PRINT_H
#include "sinks.h"

/* immediate, words and nwords are the record's (words[0] is its header). False: malformed, and nothing was printed. */
bool hc_sink_print(hc_sink *k, uint32_t immediate, const uint64_t *words, uint32_t nwords);

/* One lane's print that came as a call; the words are a copy that no lane can reach. Takes the lock itself. The bytes
 * that the sink wrote, which are all of them, or -errno. */
int64_t hc_sink_print_call(hc_sink *k, uint64_t format_bytes, uint64_t nargs, const uint64_t *words, uint64_t nwords);
#endif
