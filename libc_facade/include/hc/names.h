/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and addresses: asked of the host's resolver. A list of addresses is one piece of the device's heap. Not for OpenCL C.
 */
#ifndef HC_NAMES_H
#define HC_NAMES_H
#include "net.h"

#define HC_EAI_BADFLAGS (-1)
#define HC_EAI_NONAME (-2)
#define HC_EAI_AGAIN (-3)
#define HC_EAI_FAIL (-4)
#define HC_EAI_NODATA (-5)
#define HC_EAI_FAMILY (-6)
#define HC_EAI_SOCKTYPE (-7)
#define HC_EAI_SERVICE (-8)
#define HC_EAI_ADDRFAMILY (-9)
#define HC_EAI_MEMORY (-10)
#define HC_EAI_SYSTEM (-11)
#define HC_EAI_OVERFLOW (-12)

#if !defined(HC_OPENCL)
/* What a hostcall said as an EAI code; errno is set where that is EAI_SYSTEM. */
HC_FN int hc_name_code(hc_i64 r) {
    if (r >= 0) return 0;
    if (r <= -HC_NAME_ERROR) return (int)(r + HC_NAME_ERROR);
    (void)hc_posix(r);
    return HC_EAI_SYSTEM;
}

#define HC_NAMES_ROOM 8192u
HC_BODY hc_i64 hc_do_getaddrinfo(const char *node, hc_i64 nodes, const char *service, hc_i64 services, hc_i64 first, hc_i64 second, hc_u8 **list) {
    hc_txn t;
    hc_i64 r;
    hc_u64 a = nodes > 0 ? (hc_u64)nodes : 0, b = services > 0 ? (hc_u64)services : 0;
    hc_begin(&t, HC_OP_GETADDRINFO, 5, HC_NAMES_ROOM, HC_IN | HC_OUT);
    if (!t.err) {
        hc_put(&t, 0, node, a);
        hc_put(&t, hc_round16(a), service, b);
    }
    r = hc_send(&t, (hc_i64)HC_NAMES_ROOM, nodes, services, first, second, 0);
    if (!t.err) {
        /* Room for the records as they come, and before them for what they become. */
        hc_u64 n = r > 0 ? (hc_u64)r : 0, before = n / sizeof(hc_addrinfo_wire) * (sizeof(hc_addrinfo_t) + 32u) + n;
        hc_u8 *block = n ? (hc_u8 *)hc_malloc(before + n) : (hc_u8 *)0;
        if (n && !block) r = -(hc_i64)HC_NAME_ERROR + HC_EAI_MEMORY;
        hc_warp_sync(hc_active_mask());
        hc_get(&t, 0, block + (block ? before : 0), block ? n : 0);
        *list = block;
    }
    hc_posix_end(&t);
    return r;
}
/* From records to a list, in the same piece of memory. */
HC_BODY hc_addrinfo_t *hc_addrinfo_link(hc_u8 *block, hc_u64 n) {
    hc_u64 before = n / sizeof(hc_addrinfo_wire) * (sizeof(hc_addrinfo_t) + 32u) + n, at = 0, to = 0, i;
    hc_addrinfo_t *last = (hc_addrinfo_t *)0;
    HC_ROLLED while (at < n) {
        const hc_addrinfo_wire *w = (const hc_addrinfo_wire *)(block + before + at);
        const hc_u8 *name = (const hc_u8 *)(w + 1);
        hc_addrinfo_t *a = (hc_addrinfo_t *)(block + to);
        a->ai_flags = w->flags;
        a->ai_family = w->family;
        a->ai_socktype = w->type;
        a->ai_protocol = w->protocol;
        a->ai_addrlen = w->bytes;
        a->ai_addr = (hc_sockaddr_t *)(a + 1);
        a->ai_canonname = w->name ? (char *)(a + 1) + 32 : (char *)0;
        a->ai_next = (hc_addrinfo_t *)0;
        HC_ROLLED for (i = 0; i < 32u; i++) ((hc_u8 *)a->ai_addr)[i] = w->address[i];
        HC_ROLLED for (i = 0; i < w->name; i++) a->ai_canonname[i] = (char)name[i];
        if (last) last->ai_next = a;
        last = a;
        to += sizeof *a + 32u + ((w->name + 7u) & ~7u);
        at += sizeof *w + ((w->name + 7u) & ~7u);
    }
    return (hc_addrinfo_t *)block;
}
HC_FN int hc_getaddrinfo_any(const char *node, const char *service, const hc_addrinfo_t *hints, hc_addrinfo_t **list) {
    hc_mask here = hc_active_mask();
    hc_i64 nodes = node ? (hc_i64)hc_text_length(node, 1025) : -1, services = service ? (hc_i64)hc_text_length(service, 33) : -1, first = 0, second = 0, r;
    hc_u8 *block = (hc_u8 *)0;
    if (hints) {
        first = (hc_i64)((hc_u64)(hc_u32)hints->ai_flags | (hc_u64)(hc_u32)hints->ai_family << 32);
        second = (hc_i64)((hc_u64)(hc_u32)hints->ai_socktype | (hc_u64)(hc_u32)hints->ai_protocol << 32);
    } else {
        first = 0x20; /* AI_ADDRCONFIG; with AI_V4MAPPED, which asks for IPv6, that is the default */
        first |= 0x8;
    }
    hc_warp_sync(here);
    r = hc_do_getaddrinfo(node, nodes, service, services, first, second, &block);
    if (r < 0) return hc_name_code(r);
    *list = hc_addrinfo_link(block, (hc_u64)r);
    return 0;
}
HC_API int hc_getaddrinfo(const char *node, const char *service, const hc_addrinfo_t *hints, hc_addrinfo_t **list) {
    HC_SPLIT(hc_getaddrinfo_any(node, service, hints, list), ::getaddrinfo(node, service, hints, list))
}
HC_API void hc_freeaddrinfo(hc_addrinfo_t *list) { HC_SPLIT_VOID(hc_free(list), ::freeaddrinfo(list)) }

HC_BODY hc_i64 hc_do_getnameinfo(const hc_address *a, hc_i64 bytes, int flags, char *host, hc_u64 host_room, char *service, hc_u64 service_room) {
    const hc_u64 room = HC_NAME_HOST + HC_NAME_SERVICE;
    hc_txn t;
    hc_i64 r;
    if (bytes < 0) return bytes;
    hc_posix_begin(&t, HC_OP_GETNAMEINFO, 3, room, HC_IN | HC_OUT);
    if (!t.err) hc_put(&t, 0, a->words, (hc_u64)bytes);
    r = hc_posix_send(&t, (hc_i64)room, bytes, flags, 0);
    if (!t.err) {
        hc_u64 part;
        HC_ROLLED for (part = 0; part < 2u; part++) {
            char *to = part ? service : host;
            hc_u64 n = part ? service_room : host_room, most = part ? HC_NAME_SERVICE : HC_NAME_HOST, from = hc_part_at(&t) + part * HC_NAME_HOST, i = 0, word = 0;
            char c = 1;
            if (r < 0 || !to || !n) continue;
            HC_ROLLED for (; c && i < n && i < most; i++, word >>= 8) {
                if ((i & 7u) == 0) word = hc_arena_load(from + i);
                to[i] = c = (char)word;
            }
            if (c) r = -(hc_i64)HC_NAME_ERROR + HC_EAI_OVERFLOW;
        }
    }
    hc_posix_end(&t);
    return r;
}
HC_FN int hc_getnameinfo_any(const hc_sockaddr_t *address, hc_u32 bytes, char *host, hc_u32 host_room, char *service, hc_u32 service_room, int flags) {
    hc_address a;
    hc_i64 n = hc_address_in(&a, address, bytes);
    if (n < 0) return HC_EAI_FAMILY;
    if (!(host && host_room) && !(service && service_room)) return HC_EAI_NONAME;
    return hc_name_code(hc_do_getnameinfo(&a, n, flags, host, host_room, service, service_room));
}
HC_API int hc_getnameinfo(const hc_sockaddr_t *address, hc_u32 bytes, char *host, hc_u32 host_room, char *service, hc_u32 service_room, int flags) {
    HC_SPLIT(hc_getnameinfo_any(address, bytes, host, host_room, service, service_room, flags),
             ::getnameinfo(address, bytes, host, host_room, service, service_room, flags))
}

HC_FN const char *hc_gai_text(int code) {
    switch (code) {
    case HC_EAI_BADFLAGS: return "Bad value for ai_flags";
    case HC_EAI_NONAME: return "Name or service not known";
    case HC_EAI_AGAIN: return "Temporary failure in name resolution";
    case HC_EAI_FAIL: return "Non-recoverable failure in name resolution";
    case HC_EAI_NODATA: return "No address associated with hostname";
    case HC_EAI_FAMILY: return "ai_family not supported";
    case HC_EAI_SOCKTYPE: return "ai_socktype not supported";
    case HC_EAI_SERVICE: return "Servname not supported for ai_socktype";
    case HC_EAI_ADDRFAMILY: return "Address family for hostname not supported";
    case HC_EAI_MEMORY: return "Memory allocation failure";
    case HC_EAI_SYSTEM: return "System error";
    case HC_EAI_OVERFLOW: return "Argument buffer overflow";
    default: return "Unknown error";
    }
}
HC_API const char *hc_gai_strerror(int code) { HC_SPLIT(hc_gai_text(code), ::gai_strerror(code)) }

/* The older way: IPv4, in memory that nobody has to give back. Places are taken in turn, so an answer stays until HC_HOST_PLACES more of all
 * lanes have been given. h_errno is one number for all lanes. */
#define HC_HOST_PLACES 64u
#define HC_HOST_ADDRESSES 16u
typedef struct hc_host_place {
    hc_hostent_t entry;
    char *aliases[1];
    char *list[HC_HOST_ADDRESSES + 1u];
    hc_u32 addresses[HC_HOST_ADDRESSES];
    char name[256];
} hc_host_place;
#if defined(HC_CUDA)
static __device__ hc_host_place hc_host_places[HC_HOST_PLACES];
static __device__ hc_u32 hc_host_next;
static __device__ int hc_host_errno;
#else
static hc_host_place hc_host_places[HC_HOST_PLACES];
static hc_u32 hc_host_next;
static int hc_host_errno;
#endif
HC_FN hc_hostent_t *hc_host_find(const char *name) {
    hc_addrinfo_t hints, *list = (hc_addrinfo_t *)0, *a;
    hc_host_place *to;
    hc_u32 n = 0, i = 0;
    int code;
    hints.ai_flags = 0x2; /* AI_CANONNAME */
    hints.ai_family = HC_AF_INET;
    hints.ai_socktype = 1;
    hints.ai_protocol = 0;
    code = hc_getaddrinfo_any(name, (const char *)0, &hints, &list);
    if (code) {
        hc_host_errno = code == HC_EAI_NONAME ? 1 : code == HC_EAI_AGAIN ? 2 : code == HC_EAI_NODATA ? 4 : 3;
        return (hc_hostent_t *)0;
    }
    to = &hc_host_places[hc_dev_add32((hc_u64)(hc_size)&hc_host_next, 1u) % HC_HOST_PLACES];
    if (list->ai_canonname) name = list->ai_canonname;
    HC_ROLLED for (; i < sizeof to->name - 1u && name[i]; i++) to->name[i] = name[i];
    to->name[i] = 0;
    HC_ROLLED for (a = list; a && n < HC_HOST_ADDRESSES; a = a->ai_next, n++) {
        HC_ROLLED for (i = 0; i < 4u; i++) ((hc_u8 *)&to->addresses[n])[i] = ((const hc_u8 *)a->ai_addr)[4u + i];
        to->list[n] = (char *)&to->addresses[n];
    }
    hc_free(list);
    to->list[n] = (char *)0;
    to->aliases[0] = (char *)0;
    to->entry.h_name = to->name;
    to->entry.h_aliases = to->aliases;
    to->entry.h_addrtype = HC_AF_INET;
    to->entry.h_length = 4;
    to->entry.h_addr_list = to->list;
    return &to->entry;
}
HC_API hc_hostent_t *hc_gethostbyname(const char *name) { HC_SPLIT(hc_host_find(name), ::gethostbyname(name)) }
HC_API int *hc_h_errno_place(void) { HC_SPLIT(&hc_host_errno, __h_errno_location()) }
#endif

#endif
