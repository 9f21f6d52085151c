/* SPDX-License-Identifier: Apache-2.0
 *
 * Character classes of the C locale. Anything outside 0..127 (EOF and plain negative chars included) belongs to no
 * class and maps to itself, so no table is indexed and no value can be out of range.
 */
#ifndef HC_CTYPE_H
#define HC_CTYPE_H

#include "pure.h"

HC_PURE int hc_isdigit(int c) { return (hc_u32)c - '0' < 10u; }
HC_PURE int hc_islower(int c) { return (hc_u32)c - 'a' < 26u; }
HC_PURE int hc_isupper(int c) { return (hc_u32)c - 'A' < 26u; }
HC_PURE int hc_isalpha(int c) { return ((hc_u32)c | 32u) - 'a' < 26u; }
HC_PURE int hc_isalnum(int c) { return hc_isalpha(c) || hc_isdigit(c); }
HC_PURE int hc_isxdigit(int c) { return hc_isdigit(c) || ((hc_u32)c | 32u) - 'a' < 6u; }
HC_PURE int hc_isblank(int c) { return c == ' ' || c == '\t'; }
HC_PURE int hc_isspace(int c) { return c == ' ' || (hc_u32)c - '\t' < 5u; }
HC_PURE int hc_iscntrl(int c) { return (hc_u32)c < 32u || c == 127; }
HC_PURE int hc_isprint(int c) { return (hc_u32)c - 32u < 95u; }
HC_PURE int hc_isgraph(int c) { return (hc_u32)c - 33u < 94u; }
HC_PURE int hc_ispunct(int c) { return hc_isgraph(c) && !hc_isalnum(c); }
HC_PURE int hc_isascii(int c) { return (hc_u32)c < 128u; }
HC_PURE int hc_toascii(int c) { return c & 127; }
HC_PURE int hc_tolower(int c) { return hc_isupper(c) ? c + 32 : c; }
HC_PURE int hc_toupper(int c) { return hc_islower(c) ? c - 32 : c; }

#endif
