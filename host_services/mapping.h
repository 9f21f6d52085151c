/* SPDX-License-Identifier: Apache-2.0
 *
 * The state behind mmap: the table of mappings, and the device's driver, found at run time and asked by a thread of its own.
 */
#ifndef HC_MAPPING_H
#define HC_MAPPING_H
#include "server.h"
#include <pthread.h>
#include <sys/types.h>
#include <time.h>

#define HC_WIRE_PROT_READ 1u
#define HC_WIRE_PROT_WRITE 2u
#define HC_WIRE_MAP_SHARED 1u
#define HC_WIRE_MAP_PRIVATE 2u
#define HC_WIRE_MS_ASYNC 1u
#define HC_WIRE_MS_INVALIDATE 2u
#define HC_WIRE_MS_SYNC 4u

#define HC_MOST_MAPPINGS 1024u
#define HC_MOST_COPIED (1ull << 30) /* bytes of all copies of one runtime together */
#define HC_DRIVER_NS 2000000000ull  /* how long a call waits for the driver, and a second more for each GiB */

typedef struct hc_mapping {
    struct hc_mapping *next;
    dev_t dev;
    ino_t ino;
    uint64_t size;           /* of the file, and */
    struct timespec changed; /* its change time, when it was mapped */
    uint64_t offset, bytes;  /* whole pages */
    uint64_t extent;         /* bytes from offset that the file had */
    uint8_t *host, *shadow;  /* shadow: the file's contents as last read or written, of a copy that is written back */
    uint64_t device;
    int fd;        /* of its own */
    uint32_t refs; /* mmap less munmap; at 0 it waits for a moment without a kernel */
    bool copy, writes, private, keep;
} hc_mapping;

typedef struct hc_orphan { /* memory whose registration ended after its caller had given up */
    struct hc_orphan *next;
    uint8_t *host;
    uint64_t bytes;
    bool registered;
} hc_orphan;

enum hc_ask { HC_ASK_NONE, HC_ASK_MADE, HC_ASK_RUNS, HC_ASK_DONE, HC_ASK_GIVEN_UP };

typedef struct hc_mapper {
    pthread_mutex_t table; /* guards the mappings; may be held while the driver is asked */
    hc_mapping *all;
    uint32_t count;
    uint64_t copied;
    /* the driver */
    bool present, identity; /* identity: lanes are threads of this process */
    void *library, *context;
    int (*set_current)(void *context);
    int (*register_host)(void *host, size_t bytes, unsigned flags);
    int (*unregister_host)(void *host);
    int (*device_pointer)(unsigned long long *device, void *host, unsigned flags);
    uint64_t patience_ns;
    /* its thread */
    pthread_mutex_t lock; /* guards what follows; taken under `table` */
    pthread_cond_t changed;
    pthread_t thread;
    bool started, closing;
    enum hc_ask state;
    uint8_t *ask_host;
    uint64_t ask_bytes, answer_device;
    unsigned ask_flags;
    int answer;
    bool answer_registered;
    hc_orphan *orphans;
} hc_mapper;
#endif
