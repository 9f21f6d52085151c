/* SPDX-License-Identifier: Apache-2.0
 *
 * Sleep and thread-locals of lanes that become the threads of a program (see lane_threads.h). It may use the C library of the process,
 * which the program itself may not, and knows nothing of how a program's threads are made.
 */
#include "server_internal.h"
#include "lane_threads.h"
#if defined(__linux__)
#include <link.h>
#endif

/* Where lanes sleep: those of many words share a bed, so that whoever wakes looks at his word again. */
#define BEDS 256u
typedef struct bed {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    _Atomic uint32_t sleepers;
} bed;
static bed beds[BEDS];
static pthread_once_t beds_made = PTHREAD_ONCE_INIT;

static void make_beds(void) {
    for (uint32_t i = 0; i < BEDS; i++) {
        pthread_mutex_init(&beds[i].lock, NULL);
        hc_cond_init(&beds[i].wake);
    }
}
static bed *bed_of(hc_u64 at) {
    (void)pthread_once(&beds_made, make_beds);
    return &beds[(at >> 2) * 0x9e3779b97f4a7c15ull >> 56];
}

void hc_lane_rest(hc_u64 at, hc_u32 seen, hc_u64 ns) {
    bed *b = bed_of(at);
    struct timespec until = hc_timespec(hc_now_ns() + ns);
    pthread_mutex_lock(&b->lock);
    /* Counted before the word is read: who changes it afterwards finds the count, and comes by the lock to wake us. */
    (void)atomic_fetch_add(&b->sleepers, 1);
    if (hc_dev_load32(at) == seen) (void)pthread_cond_timedwait(&b->wake, &b->lock, &until);
    (void)atomic_fetch_sub(&b->sleepers, 1);
    pthread_mutex_unlock(&b->lock);
}

void hc_lane_stir(hc_u64 at) {
    bed *b = bed_of(at);
    /* A read-modify-write, which nothing passes: the word was changed before, and whoever is not counted yet will see that. */
    if (atomic_fetch_add(&b->sleepers, 0) == 0) return;
    pthread_mutex_lock(&b->lock);
    pthread_cond_broadcast(&b->wake);
    pthread_mutex_unlock(&b->lock);
}

#if defined(__linux__)
void hc_lane_stack(hc_u64 *base, hc_u64 *bytes) {
    static _Thread_local hc_u64 known_base, known_bytes;
    pthread_attr_t attr;
    void *low;
    size_t size;
    if (!known_bytes && pthread_getattr_np(pthread_self(), &attr) == 0) {
        if (pthread_attr_getstack(&attr, &low, &size) == 0) {
            known_base = (hc_u64)(uintptr_t)low;
            known_bytes = size;
        }
        pthread_attr_destroy(&attr);
    }
    *base = known_base;
    *bytes = known_bytes;
}

typedef struct search {
    uintptr_t code;
    hc_lane_locals *out;
} search;

static bool contains(const struct dl_phdr_info *info, uintptr_t code) {
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type == PT_LOAD && code - (info->dlpi_addr + h->p_vaddr) < h->p_memsz) return true;
    }
    return false;
}

static int look(struct dl_phdr_info *info, size_t size, void *argument) {
    search *s = argument;
    if (size < offsetof(struct dl_phdr_info, dlpi_tls_data) || !contains(info, s->code)) return 0;
    /* Code linked with the server: its thread-locals are the server's as well. */
    if (contains(info, (uintptr_t)&hc_lane_locals_find)) return 1;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type != PT_TLS || h->p_memsz <= sizeof(hc_host_lane *)) continue;
        *s->out = (hc_lane_locals){.module = info->dlpi_tls_modid,
                                   .image = (const void *)(info->dlpi_addr + h->p_vaddr),
                                   .image_bytes = h->p_filesz,
                                   .bytes = h->p_memsz};
    }
    return 1;
}

void hc_lane_locals_find(uintptr_t code, hc_lane_locals *out) {
    search s = {code, out};
    *out = (hc_lane_locals){0};
    (void)dl_iterate_phdr(look, &s);
}

typedef struct locals_index {
    unsigned long module, offset;
} locals_index;
extern void *__tls_get_addr(locals_index *index);

bool hc_lane_locals_renew(const hc_lane_locals *locals) {
    if (!locals->bytes) return false;
    locals_index index = {locals->module, 0};
    unsigned char *copy = __tls_get_addr(&index);
    memcpy(copy, locals->image, locals->image_bytes);
    memset(copy + locals->image_bytes, 0, locals->bytes - locals->image_bytes);
    return true;
}
#else
void hc_lane_stack(hc_u64 *base, hc_u64 *bytes) { *base = *bytes = 0; }
void hc_lane_locals_find(uintptr_t code, hc_lane_locals *out) {
    (void)code;
    *out = (hc_lane_locals){0};
}
bool hc_lane_locals_renew(const hc_lane_locals *locals) {
    (void)locals;
    return false;
}
#endif
