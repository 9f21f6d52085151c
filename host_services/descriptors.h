/* SPDX-License-Identifier: Apache-2.0
 *
 * The descriptors of device code: small numbers of our own, never the host's. A number names a file; a file lives while
 * a number or a call in flight holds it, so a concurrent close can neither hand a call somebody else's file nor leave
 * it waiting for ever. Nothing here resolves paths or moves bytes.
 */
#ifndef HC_DESCRIPTORS_H
#define HC_DESCRIPTORS_H
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum hc_file_kind {
    HC_FILE_PLAIN,     /* regular file, /dev/null: calls end by themselves */
    HC_FILE_DIRECTORY, /* a directory */
    HC_FILE_WAITS,     /* pipe, FIFO, terminal, socket: a call may have to wait for somebody else */
    HC_FILE_SINK,      /* device stdout or stderr: no host descriptor */
} hc_file_kind;

typedef struct hc_file {
    atomic_uint refs;
    atomic_bool closed;    /* its number is gone: whoever waits gives up */
    atomic_bool peer_seen; /* a FIFO has had a writer, or never needs one: reading nothing means end of file */
    hc_file_kind kind;
    int host; /* host descriptor, or -1 */
    bool reads, writes;
    uint64_t description;  /* numbers that were made by dup share it, and with it the next two */
    atomic_bool nonblock;  /* what the device asked for */
    atomic_bool appends;   /* O_APPEND */
    atomic_bool cloexec;   /* FD_CLOEXEC of the number: only told back, there is no exec */
    bool foreign;          /* the host's description is the process's own: its flags are not ours to change */
    bool host_nonblock; /* what the host descriptor does */
    bool socket;
    bool direct; /* O_DIRECT */
    atomic_bool cannot_try; /* its file system knows no read that does not wait */
    uint32_t stream;       /* of a sink */
    uint32_t root;         /* of a directory: the root that it was opened beneath */
    pthread_mutex_t turn;  /* guards what follows; never held over a system call */
    struct hc_call *queued, **queued_end; /* writes that meet here (transfer.c) */
    bool writer;                          /* somebody writes them */
} hc_file;

typedef struct hc_descriptors {
    pthread_mutex_t lock;
    uint32_t quota, lowest; /* no number below lowest is free */
    hc_file **files;
    void (*retired)(void *with, hc_file *file); /* told of each file that loses its number, so that nobody waits for it; may be NULL */
    void *retired_with;
} hc_descriptors;

/* All int results: >= 0, or -errno. */
int hc_descriptors_init(hc_descriptors *d, uint32_t quota);
void hc_descriptors_free(hc_descriptors *d);

/* A number is reserved before its file is opened, so that a full table fails without having created or truncated
 * anything. */
int hc_descriptor_reserve(hc_descriptors *d, uint32_t from);              /* lowest free number >= from, or -EMFILE */
void hc_descriptor_install(hc_descriptors *d, int number, hc_file *file); /* takes over the reference */
void hc_descriptor_cancel(hc_descriptors *d, int number);
/* Puts file at this number, closing what is there (dup2). */
int hc_descriptor_replace(hc_descriptors *d, int64_t number, hc_file *file);
hc_file *hc_descriptor_get(hc_descriptors *d, int64_t number); /* a reference, or NULL */
int hc_descriptor_close(hc_descriptors *d, int64_t number);
/* Flags of a description, at all numbers that name it. */
void hc_descriptor_flags(hc_descriptors *d, const hc_file *file, bool nonblock, bool appends);

hc_file *hc_file_new(hc_file_kind kind,
                     int host); /* one reference; owns host. NULL: out of memory, host is still the caller's */
hc_file *hc_file_dup(const hc_file *file, int *error);
void hc_file_hold(hc_file *file, uint32_t references); /* more of them, by one who has one */
int hc_file_put(hc_file *file); /* the last one closes the host descriptor and returns what close said */

/* Host descriptors 0 to 2 are the process's own, also where it has closed them: moves fd out of their way. */
int hc_fd_above_stdio(int fd);
#endif
