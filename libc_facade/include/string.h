/* SPDX-License-Identifier: Apache-2.0
 *
 * <string.h> for device code. The names are object-like macros: one macro serves a call, a function pointer and a
 * member of that name. Under nvcc the host's own header comes first, and cuda_runtime.h, which includes this file
 * itself, only passes through.
 */
#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#include_next <string.h>
#endif
#if !defined(HC_PASS_THROUGH) && \
    (!defined(__CUDACC__) || defined(__CUDACC_RTC__) || \
     (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#if !defined(__OPENCL_C_VERSION__)
#include "hc/strtok.h"
#endif
#include "hc/string.h" /* again on every include: strdup appears once the heap is there */
#ifndef HC_STD_STRING_H
#define HC_STD_STRING_H

#include "stddef.h"

#undef memcpy
#define memcpy hc_memcpy
#undef mempcpy
#define mempcpy hc_mempcpy
#undef memmove
#define memmove hc_memmove
#undef memccpy
#define memccpy hc_memccpy
#undef memset
#define memset hc_memset
#undef memcmp
#define memcmp hc_memcmp
#undef memchr
#define memchr hc_memchr
#undef memrchr
#define memrchr hc_memrchr
#undef memmem
#define memmem hc_memmem
#undef explicit_bzero
#define explicit_bzero hc_explicit_bzero
#undef strlen
#define strlen hc_strlen
#undef strnlen
#define strnlen hc_strnlen
#undef strcpy
#define strcpy hc_strcpy
#undef stpcpy
#define stpcpy hc_stpcpy
#undef strncpy
#define strncpy hc_strncpy
#undef stpncpy
#define stpncpy hc_stpncpy
#undef strcat
#define strcat hc_strcat
#undef strncat
#define strncat hc_strncat
#undef strlcpy
#define strlcpy hc_strlcpy
#undef strlcat
#define strlcat hc_strlcat
#undef strcmp
#define strcmp hc_strcmp
#undef strncmp
#define strncmp hc_strncmp
#undef strcoll
#define strcoll hc_strcoll
#undef strxfrm
#define strxfrm hc_strxfrm
#undef strchr
#define strchr hc_strchr
#undef strchrnul
#define strchrnul hc_strchrnul
#undef strrchr
#define strrchr hc_strrchr
#undef strstr
#define strstr hc_strstr
#undef strcasestr
#define strcasestr hc_strcasestr
#undef strspn
#define strspn hc_strspn
#undef strcspn
#define strcspn hc_strcspn
#undef strpbrk
#define strpbrk hc_strpbrk
#undef strtok_r
#define strtok_r hc_strtok_r
#undef strsep
#define strsep hc_strsep
#undef strerror
#define strerror hc_strerror
#undef strerror_r
#define strerror_r hc_strerror_r
#if !defined(HC_OPENCL) /* OpenCL C: no state of a lane but errno */
#undef strtok
#define strtok hc_strtok
#undef strsignal
#define strsignal hc_strsignal
#undef strverscmp
#define strverscmp hc_strverscmp
#endif
#undef strdup
#define strdup hc_strdup
#undef strndup
#define strndup hc_strndup

#endif
#endif
