/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdio.h> for device code: printed output, the standard streams, snprintf and its kin.
 */
#if defined(__cplusplus) && !defined(__CUDACC_RTC__)
#include_next <stdio.h>
#endif
#if !defined(HC_STD_STDIO_H) && !defined(HC_PASS_THROUGH) && \
    (!defined(__cplusplus) || defined(__CUDACC_RTC__) || (defined(__CUDA_RUNTIME_H__) && !defined(__CUDA_INCLUDE_COMPILER_INTERNAL_HEADERS__)))
#define HC_STD_STDIO_H

#include "stddef.h"
#include "stdarg.h"
#include "sys/types.h"
#include "hc/stdio.h"

#if !defined(HC_NVCC)
#undef FILE
#define FILE hc_file_t
#undef EOF
#define EOF HC_EOF
#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif
#endif

#undef stdin
#define stdin hc_stdin_stream()
#undef stdout
#define stdout hc_stdout_stream()
#undef stderr
#define stderr hc_stderr_stream()
#if !defined(HC_OPENCL)
#undef vprintf
#define vprintf hc_vprintf
#undef vfprintf
#define vfprintf hc_vfprintf
#undef vdprintf
#define vdprintf hc_vdprintf
#undef vsnprintf
#define vsnprintf hc_vsnprintf
#undef vsprintf
#define vsprintf hc_vsprintf
#endif

#undef printf
#define printf hc_printf
#undef fprintf
#define fprintf hc_fprintf
#undef dprintf
#define dprintf hc_dprintf
#undef snprintf
#define snprintf hc_snprintf
#undef sprintf
#define sprintf hc_sprintf
#undef puts
#define puts hc_puts
#undef fputs
#define fputs hc_fputs
#undef putchar
#define putchar hc_putchar
#undef putc
#define putc hc_putc
#undef fputc
#define fputc hc_fputc
#undef fflush
#define fflush hc_fflush
#undef perror
#define perror hc_perror
#undef remove
#define remove hc_remove
#undef rename
#define rename hc_rename
#undef renameat
#define renameat hc_renameat

#endif
