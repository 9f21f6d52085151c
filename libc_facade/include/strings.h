/* SPDX-License-Identifier: Apache-2.0
 *
 * <strings.h> for device code; see string.h for the rules.
 */
#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#include_next <strings.h>
#endif
#if !defined(HC_STD_STRINGS_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__CUDACC__) || defined(__CUDACC_RTC__) || \
     (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_STRINGS_H

#include "hc/string.h"

#undef bcmp
#define bcmp hc_bcmp
#undef bcopy
#define bcopy hc_bcopy
#undef bzero
#define bzero hc_bzero
#undef index
#define index hc_index
#undef rindex
#define rindex hc_rindex
#undef ffs
#define ffs hc_ffs
#undef ffsl
#define ffsl hc_ffsl
#undef ffsll
#define ffsll hc_ffsll
#undef strcasecmp
#define strcasecmp hc_strcasecmp
#undef strncasecmp
#define strncasecmp hc_strncasecmp

#endif
