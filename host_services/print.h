/* SPDX-License-Identifier: Apache-2.0
 *
 * Formatting of what lanes print: records into a text, calls into a sink.
 */
#ifndef HC_HOST_PRINT_H
#define HC_HOST_PRINT_H
#include "sinks.h"

/* Text on its way to a sink: in memory up to `limit`; then `turn` is called, which gives it `sink`, locked, with all that
 * was written before it, and from then on the text goes there directly. */
typedef struct hc_text {
    hc_sink *sink; /* NULL: memory */
    uint8_t *bytes;
    size_t used, room, limit;
    int error; /* without `turn`: why there is no more memory; what is there then is not all */
    void (*turn)(struct hc_text *t);
    void *owner; /* of `turn` */
} hc_text;

/* The formats that one thread at a time has met, parsed: looked up by their text. */
typedef struct hc_printer hc_printer;
hc_printer *hc_printer_new(void);
void hc_printer_free(hc_printer *p);

void hc_text_put(hc_text *t, const uint8_t *bytes, size_t n);

/* immediate, words and nwords are the record's (words[0] is its header). False: malformed, and nothing was printed. */
bool hc_print_record(hc_printer *printer, hc_text *t, uint32_t immediate, const uint64_t *words, uint32_t nwords);

/* One lane's print that came as a call; the words are a copy that no lane can reach. Takes the lock itself. The bytes
 * that the sink wrote, which are all of them, or -errno. */
int64_t hc_sink_print_call(hc_sink *k, uint64_t format_bytes, uint64_t nargs, const uint64_t *words, uint64_t nwords);
#endif
