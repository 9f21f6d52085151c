/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdio.h> for programs that are linked with the library. What ISO C does not have is hidden where a program asks for ISO C alone, so that
 * its own function of such a name is not in the way.
 */
#ifndef _STDIO_H
#define _STDIO_H

#include <bits/types.h>
#include <features.h>
#if defined(__HC_POSIX)
#include <stdarg.h>
#endif

__HC_BEGIN

typedef struct _IO_FILE FILE;
typedef struct {
    long __at, __reserved;
} fpos_t;

extern FILE *stdin, *stdout, *stderr;
#define stdin stdin
#define stdout stdout
#define stderr stderr

#define EOF (-1)
#define BUFSIZ 4096
#define FOPEN_MAX 1024
#define FILENAME_MAX 4096
#define L_tmpnam 20
#define TMP_MAX 238328
#define _IOFBF 0
#define _IOLBF 1
#define _IONBF 2
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

FILE *fopen(const char *__HC_RESTRICT, const char *__HC_RESTRICT);
FILE *freopen(const char *__HC_RESTRICT, const char *__HC_RESTRICT, FILE *__HC_RESTRICT);
int fclose(FILE *);
int fflush(FILE *);
int setvbuf(FILE *__HC_RESTRICT, char *__HC_RESTRICT, int, size_t);
void setbuf(FILE *__HC_RESTRICT, char *__HC_RESTRICT);
FILE *tmpfile(void);
char *tmpnam(char *);
int remove(const char *);
int rename(const char *, const char *);

size_t fread(void *__HC_RESTRICT, size_t, size_t, FILE *__HC_RESTRICT);
size_t fwrite(const void *__HC_RESTRICT, size_t, size_t, FILE *__HC_RESTRICT);
int fgetc(FILE *);
int getc(FILE *);
int getchar(void);
int ungetc(int, FILE *);
int fputc(int, FILE *);
int putc(int, FILE *);
int putchar(int);
char *fgets(char *__HC_RESTRICT, int, FILE *__HC_RESTRICT);
int fputs(const char *__HC_RESTRICT, FILE *__HC_RESTRICT);
int puts(const char *);

int fseek(FILE *, long, int);
long ftell(FILE *);
void rewind(FILE *);
int fgetpos(FILE *__HC_RESTRICT, fpos_t *__HC_RESTRICT);
int fsetpos(FILE *, const fpos_t *);
int feof(FILE *);
int ferror(FILE *);
void clearerr(FILE *);
void perror(const char *);

#define __HC_PRINTS(fmt, first) __attribute__((__format__(__printf__, fmt, first)))
#define __HC_SCANS(fmt, first) __attribute__((__format__(__scanf__, fmt, first)))
int printf(const char *__HC_RESTRICT, ...) __HC_PRINTS(1, 2);
int fprintf(FILE *__HC_RESTRICT, const char *__HC_RESTRICT, ...) __HC_PRINTS(2, 3);
int sprintf(char *__HC_RESTRICT, const char *__HC_RESTRICT, ...) __HC_PRINTS(2, 3);
int snprintf(char *__HC_RESTRICT, size_t, const char *__HC_RESTRICT, ...) __HC_PRINTS(3, 4);
int vprintf(const char *__HC_RESTRICT, __builtin_va_list) __HC_PRINTS(1, 0);
int vfprintf(FILE *__HC_RESTRICT, const char *__HC_RESTRICT, __builtin_va_list) __HC_PRINTS(2, 0);
int vsprintf(char *__HC_RESTRICT, const char *__HC_RESTRICT, __builtin_va_list) __HC_PRINTS(2, 0);
int vsnprintf(char *__HC_RESTRICT, size_t, const char *__HC_RESTRICT, __builtin_va_list) __HC_PRINTS(3, 0);
int scanf(const char *__HC_RESTRICT, ...) __HC_SCANS(1, 2);
int fscanf(FILE *__HC_RESTRICT, const char *__HC_RESTRICT, ...) __HC_SCANS(2, 3);
int sscanf(const char *__HC_RESTRICT, const char *__HC_RESTRICT, ...) __HC_SCANS(2, 3);
int vscanf(const char *__HC_RESTRICT, __builtin_va_list) __HC_SCANS(1, 0);
int vfscanf(FILE *__HC_RESTRICT, const char *__HC_RESTRICT, __builtin_va_list) __HC_SCANS(2, 0);
int vsscanf(const char *__HC_RESTRICT, const char *__HC_RESTRICT, __builtin_va_list) __HC_SCANS(2, 0);

#if defined(__HC_POSIX)
#define L_ctermid 9
#define P_tmpdir "/tmp"
FILE *fdopen(int, const char *);
int fileno(FILE *);
FILE *popen(const char *, const char *);
int pclose(FILE *);
FILE *fmemopen(void *__HC_RESTRICT, size_t, const char *__HC_RESTRICT);
FILE *open_memstream(char **, size_t *);
int fseeko(FILE *, off_t, int);
off_t ftello(FILE *);
ssize_t getline(char **__HC_RESTRICT, size_t *__HC_RESTRICT, FILE *__HC_RESTRICT);
ssize_t getdelim(char **__HC_RESTRICT, size_t *__HC_RESTRICT, int, FILE *__HC_RESTRICT);
int dprintf(int, const char *__HC_RESTRICT, ...) __HC_PRINTS(2, 3);
int vdprintf(int, const char *__HC_RESTRICT, __builtin_va_list) __HC_PRINTS(2, 0);
int renameat(int, const char *, int, const char *);
void flockfile(FILE *);
int ftrylockfile(FILE *);
void funlockfile(FILE *);
int getc_unlocked(FILE *);
int getchar_unlocked(void);
int putc_unlocked(int, FILE *);
int putchar_unlocked(int);
#endif

#if defined(__HC_MISC)
int asprintf(char **, const char *, ...) __HC_PRINTS(2, 3);
int vasprintf(char **, const char *, __builtin_va_list) __HC_PRINTS(2, 0);
void setbuffer(FILE *, char *, size_t);
void setlinebuf(FILE *);
int fgetc_unlocked(FILE *);
int fputc_unlocked(int, FILE *);
size_t fread_unlocked(void *__HC_RESTRICT, size_t, size_t, FILE *__HC_RESTRICT);
size_t fwrite_unlocked(const void *__HC_RESTRICT, size_t, size_t, FILE *__HC_RESTRICT);
char *fgets_unlocked(char *__HC_RESTRICT, int, FILE *__HC_RESTRICT);
int fputs_unlocked(const char *__HC_RESTRICT, FILE *__HC_RESTRICT);
int fflush_unlocked(FILE *);
int feof_unlocked(FILE *);
int ferror_unlocked(FILE *);
void clearerr_unlocked(FILE *);
int fileno_unlocked(FILE *);
#endif

__HC_END

#endif
