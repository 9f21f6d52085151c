/* SPDX-License-Identifier: Apache-2.0
 *
 * <sys/random.h> for device code.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <sys/random.h>
#endif
#if !defined(HC_STD_SYS_RANDOM_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_SYS_RANDOM_H

#include "sys/types.h"
#include "../hc/env.h"

#if !defined(HC_NVCC)
#define GRND_NONBLOCK 1
#define GRND_RANDOM 2
#define GRND_INSECURE 4
#endif

#undef getrandom
#define getrandom hc_getrandom
#undef getentropy
#define getentropy hc_getentropy

#endif
