/* SPDX-License-Identifier: Apache-2.0
 *
 * Files as memory. The host maps a file where lanes reach the page cache; where it cannot, it lends a copy, or says so, and the lane makes
 * one in its own heap. Anonymous memory is the heap's.
 */
#ifndef HC_MMAN_H
#define HC_MMAN_H
#include "fs.h"

#define HC_PROT_WRITE 2
#define HC_MAP_SHARED 1
#define HC_MAP_PRIVATE 2
#define HC_MAP_SHARED_VALIDATE 3
#define HC_MAP_FIXED 0x10
#define HC_MAP_ANONYMOUS 0x20
#define HC_MAP_FIXED_NOREPLACE 0x100000

HC_BODY hc_i64 hc_do_mmap(hc_i64 length, hc_i64 how, hc_i64 fd, hc_i64 offset) {
    hc_txn t;
    hc_posix_begin(&t, HC_OP_MMAP, 4, 0, 0);
    return hc_posix_send(&t, length, how, fd, offset);
}
HC_DEFINE_WORDS_CALL(hc_do_munmap, HC_OP_MUNMAP, 2)
HC_DEFINE_WORDS_CALL(hc_do_msync, HC_OP_MSYNC, 3)

/* Pages of the heap, zeroed: the address, or a negative errno. */
HC_BODY hc_i64 hc_map_memory(hc_u64 length) {
    hc_u64 bytes = (length + HC_PAGE - 1u) / HC_PAGE * HC_PAGE, i;
    HC_GLOBAL hc_u64 *p = bytes < length ? (HC_GLOBAL hc_u64 *)0 : (HC_GLOBAL hc_u64 *)hc_aligned_alloc(HC_PAGE, bytes);
    if (!p) return -HC_ENOMEM;
    HC_ROLLED for (i = 0; i < bytes / 8u; i++) p[i] = 0;
    return (hc_i64)(size_t)p;
}
/* The lane's own copy of a part of a file; behind the file's end there are zeros. */
HC_BODY hc_i64 hc_map_copy(hc_u64 length, int fd, hc_i64 offset) {
    hc_i64 at = hc_map_memory(length), r = 1;
    hc_u64 done = 0;
    if (at < 0) return at;
    HC_ROLLED while (done < length && r > 0) {
        r = hc_pread_any(fd, (HC_GLOBAL hc_u8 *)(size_t)at + done, length - done, offset + (hc_i64)done);
        if (r > 0) done += (hc_u64)r;
    }
    if (r >= 0) return at;
    hc_free((HC_GLOBAL void *)(size_t)at);
    return r;
}
HC_FN hc_i64 hc_mmap_any(hc_u64 length, int prot, int flags, int fd, hc_i64 offset) {
    int sharing = flags & 3;
    hc_i64 r;
    if (length == 0 || length > HC_SSIZE_MAX - HC_PAGE || offset < 0 || (offset & (hc_i64)(HC_PAGE - 1u)) || sharing == 0) return -HC_EINVAL;
    if (prot & ~3) return -HC_ENOTSUP; /* code cannot run from it */
    if (sharing == HC_MAP_SHARED_VALIDATE || (flags & (HC_MAP_FIXED | HC_MAP_FIXED_NOREPLACE))) return -HC_ENOTSUP; /* addresses are the host's to choose */
    if (flags & HC_MAP_ANONYMOUS) return hc_map_memory(length);
    r = hc_do_mmap((hc_i64)length, (hc_i64)((hc_u64)(hc_u32)prot | ((hc_u64)(hc_u32)sharing << 32)), fd, offset);
    if (r == -HC_ENOTSUP && !(sharing == HC_MAP_SHARED && (prot & HC_PROT_WRITE))) r = hc_map_copy(length, fd, offset);
    if (r > 0) hc_fence_from_host(); /* the answer before the bytes behind the address: without it a lane could use what it had cached from there */
    return r;
}

HC_FN int hc_in_heap(hc_u64 address) {
    hc_u64 c = hc_client_address();
    return c && address - HC_C(c)->heap < HC_C(c)->heap_bytes;
}
HC_FN hc_i64 hc_munmap_any(hc_u64 address, hc_u64 length) {
    if (address == 0 || (address & (HC_PAGE - 1u)) || length == 0 || length > HC_SSIZE_MAX) return -HC_EINVAL;
    if (hc_in_heap(address)) {
        hc_free((HC_GLOBAL void *)(size_t)address);
        return 0;
    }
    hc_fence_to_host(); /* this lane's stores before the call that writes them to the file */
    return hc_do_munmap((hc_i64)address, (hc_i64)length, 0);
}
HC_FN hc_i64 hc_msync_any(hc_u64 address, hc_u64 length, int flags) {
    hc_i64 r;
    if ((address & (HC_PAGE - 1u)) || length > HC_SSIZE_MAX) return -HC_EINVAL;
    if (hc_in_heap(address)) return 0;
    hc_fence_to_host(); /* as above */
    r = hc_do_msync((hc_i64)address, (hc_i64)length, flags);
    hc_fence_from_host(); /* MS_INVALIDATE: the answer before the bytes */
    return r;
}

HC_API HC_GLOBAL void *hc_mmap(HC_GLOBAL void *wanted, size_t length, int prot, int flags, int fd, hc_long offset) {
    (void)wanted; /* a hint to the host's mmap */
    HC_SPLIT((HC_GLOBAL void *)(size_t)hc_posix(hc_mmap_any(length, prot, flags, fd, offset)), ::mmap(wanted, length, prot, flags, fd, offset))
}
HC_API int hc_munmap(HC_GLOBAL void *p, size_t length) { HC_SPLIT((int)hc_posix(hc_munmap_any((hc_u64)(size_t)p, length)), ::munmap(p, length)) }
HC_API int hc_msync(HC_GLOBAL void *p, size_t length, int flags) {
    HC_SPLIT((int)hc_posix(hc_msync_any((hc_u64)(size_t)p, length, flags)), ::msync(p, length, flags))
}

#endif
