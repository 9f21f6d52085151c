/* SPDX-License-Identifier: Apache-2.0
 *
 * <iso646.h> for device code.
 */
#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#include_next <iso646.h>
#else
#ifndef HC_STD_ISO646_H
#define HC_STD_ISO646_H

#ifndef __cplusplus
#define and &&
#define and_eq &=
#define bitand &
#define bitor |
#define compl ~
#define not !
#define not_eq !=
#define or ||
#define or_eq |=
#define xor ^
#define xor_eq ^=
#endif

#endif
#endif
