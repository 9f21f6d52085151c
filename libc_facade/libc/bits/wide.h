/* SPDX-License-Identifier: Apache-2.0
 *
 * wchar_t, which is a keyword in C++, and wint_t.
 */
#ifndef _HC_BITS_WIDE_H
#define _HC_BITS_WIDE_H

#ifndef __cplusplus
typedef __WCHAR_TYPE__ wchar_t;
#endif
typedef unsigned int wint_t;

#endif
