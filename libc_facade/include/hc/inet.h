/* SPDX-License-Identifier: Apache-2.0
 *
 * Internet addresses as text, and byte order: computed by the lane itself. What is accepted and what is written follows POSIX where it
 * says something, and Linux elsewhere.
 */
#ifndef HC_INET_H
#define HC_INET_H
#include "net_types.h"

HC_API hc_u16 hc_htons(hc_u16 x) { return (hc_u16)((x << 8) | (x >> 8)); }
HC_API hc_u16 hc_ntohs(hc_u16 x) { return (hc_u16)((x << 8) | (x >> 8)); }
HC_API hc_u32 hc_htonl(hc_u32 x) { return (x << 24) | ((x & 0xff00u) << 8) | ((x >> 8) & 0xff00u) | (x >> 24); }
HC_API hc_u32 hc_ntohl(hc_u32 x) { return hc_htonl(x); }

/* --------------------------------------------------------------------------------------------------------- text -> address */
HC_API int hc_inet_digit(char c, hc_u32 base) {
    int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
    return d < (int)base ? d : -1;
}

#define HC_DEFINE_INET_PARSE(SPACE, ATTR, BODY)                                                                                          \
    /* Four decimal numbers without leading zeros; 1 or 0. */                                                                            \
    HC_API ATTR int hc_inet_parse4(SPACE const char *text, HC_PRIVATE hc_u8 *to) {                                                       \
        int part;                                                                                                                        \
        HC_ROLLED for (part = 0; part < 4; part++) {                                                                                     \
            hc_u32 value = 0, digits = 0;                                                                                                \
            int d;                                                                                                                       \
            HC_ROLLED for (; (d = hc_inet_digit(*text, 10)) >= 0; text++, digits++) {                                                    \
                if (digits && !value) return 0;                                                                                          \
                value = 10u * value + (hc_u32)d;                                                                                         \
                if (value > 255u) return 0;                                                                                              \
            }                                                                                                                            \
            if (!digits || *text != (part < 3 ? '.' : 0)) return 0;                                                                      \
            if (part < 3) text++;                                                                                                        \
            to[part] = (hc_u8)value;                                                                                                     \
        }                                                                                                                                \
        return 1;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_inet_parse6(SPACE const char *text, HC_PRIVATE hc_u8 *to) {                                                       \
        int at = 0, gap = -1, i;                                                                                                         \
        if (text[0] == ':' && text[1] != ':') return 0;                                                                                  \
        if (text[0] == ':') text++;                                                                                                      \
        HC_ROLLED while (*text) {                                                                                                        \
            SPACE const char *start = text;                                                                                              \
            hc_u32 value = 0, digits = 0;                                                                                                \
            int d;                                                                                                                       \
            if (*text == ':') { /* the second colon of two, which stand for zeros */                                                     \
                if (gap >= 0) return 0;                                                                                                  \
                gap = at;                                                                                                                \
                text++;                                                                                                                  \
                continue;                                                                                                                \
            }                                                                                                                            \
            HC_ROLLED for (; (d = hc_inet_digit(*text, 16)) >= 0; text++) {                                                              \
                if (++digits > 4u) return 0;                                                                                             \
                value = 16u * value + (hc_u32)d;                                                                                         \
            }                                                                                                                            \
            if (*text == '.') { /* the last 32 bits may be written as IPv4 does */                                                       \
                if (at > 12 || !hc_inet_parse4(start, to + at)) return 0;                                                                \
                at += 4;                                                                                                                 \
                break;                                                                                                                   \
            }                                                                                                                            \
            if (!digits || at > 14 || (*text && *text != ':')) return 0;                                                                 \
            to[at++] = (hc_u8)(value >> 8);                                                                                              \
            to[at++] = (hc_u8)value;                                                                                                     \
            if (*text == ':') {                                                                                                          \
                text++;                                                                                                                  \
                if (!*text) return 0;                                                                                                    \
            }                                                                                                                            \
        }                                                                                                                                \
        if (gap < 0) return at == 16;                                                                                                    \
        if (at == 16) return 0;                                                                                                          \
        HC_ROLLED for (i = 0; i < at - gap; i++) to[15 - i] = to[at - 1 - i];                                                            \
        HC_ROLLED for (i = gap; i < 16 - (at - gap); i++) to[i] = 0;                                                                     \
        return 1;                                                                                                                        \
    }                                                                                                                                    \
    /* One to four numbers in C's notation, the last of which fills what is left; white space may follow. */                             \
    HC_API ATTR int hc_inet_parse_any(SPACE const char *text, HC_PRIVATE hc_u32 *to) {                                                   \
        hc_u32 parts = 0, sum = 0;                                                                                                       \
        hc_u64 value = 0;                                                                                                                \
        HC_ROLLED for (;;) {                                                                                                             \
            hc_u32 base = 10, digits = 0;                                                                                                \
            int d;                                                                                                                       \
            value = 0;                                                                                                                   \
            if (hc_inet_digit(*text, 10) < 0) return 0;                                                                                  \
            if (*text == '0') {                                                                                                          \
                base = 8;                                                                                                                \
                if (text[1] == 'x' || text[1] == 'X') {                                                                                  \
                    if (hc_inet_digit(text[2], 16) < 0) { /* the number is the 0, and an x cannot follow it */                           \
                        return 0;                                                                                                        \
                    }                                                                                                                    \
                    base = 16;                                                                                                           \
                    text += 2;                                                                                                           \
                }                                                                                                                        \
            }                                                                                                                            \
            HC_ROLLED for (; (d = hc_inet_digit(*text, base)) >= 0; text++, digits++) {                                                  \
                value = value * base + (hc_u32)d;                                                                                        \
                if (value > 0xffffffffull) return 0;                                                                                     \
            }                                                                                                                            \
            if (*text != '.') break;                                                                                                     \
            if (parts == 3u || value > 255u) return 0;                                                                                   \
            sum |= (hc_u32)value << (24u - 8u * parts++);                                                                                \
            text++;                                                                                                                      \
        }                                                                                                                                \
        if (*text && *text != ' ' && (*text < '\t' || *text > '\r')) return 0;                                                           \
        if (value > 0xffffffffull >> (8u * parts)) return 0;                                                                             \
        *to = hc_htonl(sum | (hc_u32)value);                                                                                             \
        return 1;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR hc_u32 hc_inet_addr(SPACE const char *text) {                                                                            \
        hc_u32 value = 0xffffffffu;                                                                                                      \
        return hc_inet_parse_any(text, &value) ? value : 0xffffffffu;                                                                    \
    }
HC_FOR_IN(HC_DEFINE_INET_PARSE)

#define HC_DEFINE_INET_IN(SPACE, OUT, ATTR)                                                                                              \
    HC_API ATTR int hc_inet_pton(int family, SPACE const char *text, OUT void *to) {                                                     \
        hc_u8 bytes[16];                                                                                                                 \
        int i, n = family == HC_AF_INET ? 4 : 16;                                                                                        \
        if (family != HC_AF_INET && family != HC_AF_INET6) {                                                                             \
            HC_SET_ERRNO(HC_EAFNOSUPPORT);                                                                                               \
            return -1;                                                                                                                   \
        }                                                                                                                                \
        if (!(n == 4 ? hc_inet_parse4(text, bytes) : hc_inet_parse6(text, bytes))) return 0;                                             \
        HC_ROLLED for (i = 0; i < n; i++) ((OUT hc_u8 *)to)[i] = bytes[i];                                                               \
        return 1;                                                                                                                        \
    }                                                                                                                                    \
    HC_API ATTR int hc_inet_aton(SPACE const char *text, OUT hc_in_addr_t *to) {                                                         \
        hc_u32 value = 0;                                                                                                                \
        if (!hc_inet_parse_any(text, &value)) return 0;                                                                                  \
        to->s_addr = value;                                                                                                              \
        return 1;                                                                                                                        \
    }

/* --------------------------------------------------------------------------------------------------------- address -> text */
HC_API int hc_inet_print4(HC_PRIVATE const hc_u8 *from, HC_PRIVATE char *to) {
    int n = 0, i;
    HC_ROLLED for (i = 0; i < 4; i++) {
        hc_u32 v = from[i];
        if (i) to[n++] = '.';
        if (v >= 100u) to[n++] = (char)('0' + v / 100u);
        if (v >= 10u) to[n++] = (char)('0' + v / 10u % 10u);
        to[n++] = (char)('0' + v % 10u);
    }
    return n;
}
/* The first of the longest runs of zeros becomes two colons; addresses that stand for IPv4 end as those do. */
HC_API int hc_inet_print6(HC_PRIVATE const hc_u8 *from, HC_PRIVATE char *to) {
    int n = 0, i, run = -1, length = 0;
    HC_ROLLED for (i = 0; i < 8; i++) {
        int k = i;
        HC_ROLLED while (k < 8 && !from[2 * k] && !from[2 * k + 1]) k++;
        if (k - i > length && k - i > 1) {
            run = i;
            length = k - i;
        }
        if (k > i) i = k;
    }
    HC_ROLLED for (i = 0; i < 8; i++) {
        hc_u32 v = (hc_u32)from[2 * i] << 8 | from[2 * i + 1], shift;
        int begun = 0;
        if (i == run) {
            to[n++] = ':';
            i += length - 1;
            if (i == 7) to[n++] = ':';
            continue;
        }
        if (i) to[n++] = ':';
        if (i == 6 && run == 0 && (length == 6 || (length == 5 && from[10] == 255 && from[11] == 255))) return n + hc_inet_print4(from + 12, to + n);
        HC_ROLLED for (shift = 16; shift; shift -= 4u) {
            hc_u32 d = v >> (shift - 4u) & 15u;
            if (!d && !begun && shift > 4u) continue;
            begun = 1;
            to[n++] = (char)(d < 10u ? '0' + d : 'a' + d - 10u);
        }
    }
    return n;
}
#define HC_DEFINE_INET_OUT(SPACE, OUT, ATTR)                                                                                             \
    HC_API ATTR OUT char *hc_inet_ntop(int family, SPACE const void *from, OUT char *to, hc_u32 room) {                                  \
        hc_u8 bytes[16];                                                                                                                 \
        char text[48];                                                                                                                   \
        int i, n = family == HC_AF_INET ? 4 : 16;                                                                                        \
        if (family != HC_AF_INET && family != HC_AF_INET6) {                                                                             \
            HC_SET_ERRNO(HC_EAFNOSUPPORT);                                                                                               \
            return (OUT char *)0;                                                                                                        \
        }                                                                                                                                \
        HC_ROLLED for (i = 0; i < n; i++) bytes[i] = ((SPACE const hc_u8 *)from)[i];                                                     \
        n = n == 4 ? hc_inet_print4(bytes, text) : hc_inet_print6(bytes, text);                                                          \
        if ((hc_u32)n >= room) {                                                                                                         \
            HC_SET_ERRNO(HC_ENOSPC);                                                                                                     \
            return (OUT char *)0;                                                                                                        \
        }                                                                                                                                \
        HC_ROLLED for (i = 0; i < n; i++) to[i] = text[i];                                                                               \
        to[n] = 0;                                                                                                                       \
        return to;                                                                                                                       \
    }
#if defined(HC_OPENCL)
#define HC_DEFINE_INET_INS(SPACE, ATTR, BODY) HC_DEFINE_INET_IN(SPACE, __private, ATTR) HC_DEFINE_INET_IN(SPACE, __global, ATTR)
HC_FOR_IN(HC_DEFINE_INET_INS)
#define HC_DEFINE_INET_OUTS(SPACE, ATTR, BODY) HC_DEFINE_INET_OUT(SPACE, __private, ATTR) HC_DEFINE_INET_OUT(SPACE, __global, ATTR)
HC_FOR_OUT(HC_DEFINE_INET_OUTS)
#else
HC_DEFINE_INET_IN(, , )
HC_DEFINE_INET_OUT(, , )

#if defined(HC_CUDA)
static __device__ const hc_in6_addr_t hc_in6_any __attribute__((unused)) = {{{0}}};
static __device__ const hc_in6_addr_t hc_in6_loopback __attribute__((unused)) = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
#else
static const hc_in6_addr_t hc_in6_any __attribute__((unused)) = {{{0}}};
static const hc_in6_addr_t hc_in6_loopback __attribute__((unused)) = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
#endif
HC_API const hc_in6_addr_t *hc_in6_any_place(void) { HC_SPLIT(&hc_in6_any, &::in6addr_any) }
HC_API const hc_in6_addr_t *hc_in6_loopback_place(void) { HC_SPLIT(&hc_in6_loopback, &::in6addr_loopback) }

/* The text of an address in memory that nobody has to give back: places are taken in turn, so it stays until HC_NTOA_PLACES more of all
 * lanes have been made. */
#define HC_NTOA_PLACES 4096u
#if defined(HC_CUDA)
static __device__ char hc_ntoa_text[HC_NTOA_PLACES][16];
static __device__ hc_u32 hc_ntoa_next;
#else
static char hc_ntoa_text[HC_NTOA_PLACES][16];
static hc_u32 hc_ntoa_next;
#endif
HC_FN char *hc_ntoa_make(hc_u32 address) {
    char *to = hc_ntoa_text[hc_dev_add32((hc_u64)(hc_size)&hc_ntoa_next, 1u) % HC_NTOA_PLACES];
    (void)hc_inet_ntop(HC_AF_INET, &address, to, 16u);
    return to;
}
HC_API char *hc_inet_ntoa(hc_in_addr_t address) { HC_SPLIT(hc_ntoa_make(address.s_addr), ::inet_ntoa(address)) }
#endif

#endif
