/* SPDX-License-Identifier: Apache-2.0
 *
 * hc/inet.h as functions that a test can call.
 */
#include "hc/net_types.h"

/* There is no lane here that has an errno. */
int t_error;
#undef HC_SET_ERRNO
#define HC_SET_ERRNO(code) (t_error = (code))
#include "hc/inet.h"

int t_inet_pton(int family, const char *text, void *to);
int t_inet_pton(int family, const char *text, void *to) { return hc_inet_pton(family, text, to); }
char *t_inet_ntop(int family, const void *from, char *to, unsigned room);
char *t_inet_ntop(int family, const void *from, char *to, unsigned room) { return hc_inet_ntop(family, from, to, room); }
int t_inet_aton(const char *text, hc_in_addr_t *to);
int t_inet_aton(const char *text, hc_in_addr_t *to) { return hc_inet_aton(text, to); }
unsigned t_inet_addr(const char *text);
unsigned t_inet_addr(const char *text) { return hc_inet_addr(text); }
char *t_inet_ntoa(unsigned address);
char *t_inet_ntoa(unsigned address) { return hc_inet_ntoa((hc_in_addr_t){address}); }
unsigned t_swap(unsigned x);
unsigned t_swap(unsigned x) { return hc_htonl(x) + hc_htons((unsigned short)x); }
