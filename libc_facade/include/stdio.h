/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdio.h> for device code: streams, printed output, snprintf and its kin.
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
#include "hc/scan.h"

#if !defined(HC_NVCC)
#undef FILE
#define FILE hc_file_t
#undef EOF
#define EOF HC_EOF
#define fpos_t hc_fpos_t
#define BUFSIZ 4096
#define FOPEN_MAX 1024
#define FILENAME_MAX 4096
#define L_tmpnam 20
#define L_ctermid 9
#define TMP_MAX 238328
#define P_tmpdir "/tmp"
#define _IOFBF 0
#define _IOLBF 1
#define _IONBF 2
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
#undef fmemopen
#define fmemopen hc_fmemopen
#undef open_memstream
#define open_memstream hc_open_memstream
#undef getline
#define getline hc_getline
#undef getdelim
#define getdelim hc_getdelim
#undef asprintf
#define asprintf hc_asprintf
#undef vasprintf
#define vasprintf hc_vasprintf
#undef tmpnam
#define tmpnam hc_tmpnam
#undef setbuffer
#define setbuffer hc_setbuffer
#undef scanf
#define scanf hc_scanf
#undef fscanf
#define fscanf hc_fscanf
#undef sscanf
#define sscanf hc_sscanf
#undef vscanf
#define vscanf hc_vscanf
#undef vfscanf
#define vfscanf hc_vfscanf
#undef vsscanf
#define vsscanf hc_vsscanf
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
#undef fopen
#define fopen hc_fopen
#undef fdopen
#define fdopen hc_fdopen
#undef fclose
#define fclose hc_fclose
#undef setvbuf
#define setvbuf hc_setvbuf
#undef setbuf
#define setbuf hc_setbuf
#undef fread
#define fread hc_fread
#undef fwrite
#define fwrite hc_fwrite
#undef fgetc
#define fgetc hc_fgetc
#undef getc
#define getc hc_getc
#undef getchar
#define getchar hc_getchar
#undef ungetc
#define ungetc hc_ungetc
#undef fgets
#define fgets hc_fgets
#undef fseek
#define fseek hc_fseek
#undef fseeko
#define fseeko hc_fseeko
#undef ftell
#define ftell hc_ftell
#undef ftello
#define ftello hc_ftello
#undef rewind
#define rewind hc_rewind
#undef fgetpos
#define fgetpos hc_fgetpos
#undef fsetpos
#define fsetpos hc_fsetpos
#undef feof
#define feof hc_feof
#undef ferror
#define ferror hc_ferror
#undef clearerr
#define clearerr hc_clearerr
#undef fileno
#define fileno hc_fileno
#undef flockfile
#define flockfile hc_flockfile
#undef ftrylockfile
#define ftrylockfile hc_ftrylockfile
#undef funlockfile
#define funlockfile hc_funlockfile
#undef freopen
#define freopen hc_freopen
#undef popen
#define popen hc_popen
#undef pclose
#define pclose hc_pclose
#undef tmpfile
#define tmpfile hc_tmpfile
#undef setlinebuf
#define setlinebuf hc_setlinebuf
/* The lock is one that its owner passes, so most of these take it as well. */
#undef getc_unlocked
#define getc_unlocked hc_getc_unlocked
#undef getchar_unlocked
#define getchar_unlocked hc_getchar_unlocked
#undef putc_unlocked
#define putc_unlocked hc_putc_unlocked
#undef putchar_unlocked
#define putchar_unlocked hc_putchar
#undef fgetc_unlocked
#define fgetc_unlocked hc_getc_unlocked
#undef fputc_unlocked
#define fputc_unlocked hc_putc_unlocked
#undef fread_unlocked
#define fread_unlocked hc_fread
#undef fwrite_unlocked
#define fwrite_unlocked hc_fwrite
#undef fgets_unlocked
#define fgets_unlocked hc_fgets
#undef fputs_unlocked
#define fputs_unlocked hc_fputs
#undef fflush_unlocked
#define fflush_unlocked hc_fflush
#undef feof_unlocked
#define feof_unlocked hc_feof
#undef ferror_unlocked
#define ferror_unlocked hc_ferror
#undef clearerr_unlocked
#define clearerr_unlocked hc_clearerr
#undef fileno_unlocked
#define fileno_unlocked hc_fileno
#undef remove
#define remove hc_remove
#undef rename
#define rename hc_rename
#undef renameat
#define renameat hc_renameat

#endif
