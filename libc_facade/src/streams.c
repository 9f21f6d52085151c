/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdio.h>.
 */
#include "library.h"
#include "hc/scan.h"

/* A handle of the three is a number (hc/file.h). */
#if defined(HC_CUDA) && !defined(HC_NVPTX) /* no constant in C++ */
HC_EXPORT hc_u64 stdin = 1, stdout = 2, stderr = 3;
#else
HC_EXPORT hc_file_t *stdin = (hc_file_t *)1;
HC_EXPORT hc_file_t *stdout = (hc_file_t *)2;
HC_EXPORT hc_file_t *stderr = (hc_file_t *)3;
#endif

HC_EXPORT hc_file_t *fopen(const char *path, const char *mode) { return hc_fopen(path, mode); }
HC_EXPORT hc_file_t *fdopen(int fd, const char *mode) { return hc_fdopen(fd, mode); }
HC_EXPORT hc_file_t *freopen(const char *path, const char *mode, hc_file_t *f) { return hc_freopen(path, mode, f); }
HC_EXPORT hc_file_t *tmpfile(void) { return hc_tmpfile(); }
HC_EXPORT char *tmpnam(char *to) { return hc_tmpnam(to); }
HC_EXPORT hc_file_t *popen(const char *command, const char *type) { return hc_popen(command, type); }
HC_EXPORT int pclose(hc_file_t *f) { return hc_pclose(f); }
HC_EXPORT hc_file_t *fmemopen(void *p, size_t size, const char *mode) { return hc_fmemopen(p, size, mode); }
HC_EXPORT hc_file_t *open_memstream(char **text, size_t *bytes) { return hc_open_memstream(text, bytes); }
HC_EXPORT int fclose(hc_file_t *f) { return hc_fclose(f); }
HC_EXPORT int fflush(hc_file_t *f) { return hc_fflush(f); }
HC_EXPORT int setvbuf(hc_file_t *f, char *buffer, int mode, size_t size) { return hc_setvbuf(f, buffer, mode, size); }
HC_EXPORT void setbuf(hc_file_t *f, char *buffer) { hc_setbuf(f, buffer); }
HC_EXPORT void setbuffer(hc_file_t *f, char *buffer, size_t size) { hc_setbuffer(f, buffer, size); }
HC_EXPORT void setlinebuf(hc_file_t *f) { hc_setlinebuf(f); }

HC_EXPORT size_t fread(void *p, size_t size, size_t n, hc_file_t *f) { return hc_fread(p, size, n, f); }
HC_EXPORT size_t fwrite(const void *p, size_t size, size_t n, hc_file_t *f) { return hc_fwrite(p, size, n, f); }
HC_EXPORT int fgetc(hc_file_t *f) { return hc_fgetc(f); }
HC_EXPORT int getc(hc_file_t *f) { return hc_fgetc(f); }
HC_EXPORT int getchar(void) { return hc_getchar(); }
HC_EXPORT int ungetc(int c, hc_file_t *f) { return hc_ungetc(c, f); }
HC_EXPORT int fputc(int c, hc_file_t *f) { return hc_fputc(c, f); }
HC_EXPORT int putc(int c, hc_file_t *f) { return hc_fputc(c, f); }
HC_EXPORT int putchar(int c) { return hc_putchar(c); }
HC_EXPORT char *fgets(char *to, int size, hc_file_t *f) { return hc_fgets(to, size, f); }
HC_EXPORT int fputs(const char *text, hc_file_t *f) { return hc_fputs(text, f); }
HC_EXPORT int puts(const char *text) { return hc_puts(text); }
HC_EXPORT hc_long getline(char **line, size_t *size, hc_file_t *f) { return hc_getline(line, size, f); }
HC_EXPORT hc_long getdelim(char **line, size_t *size, int delimiter, hc_file_t *f) { return hc_getdelim(line, size, delimiter, f); }

HC_EXPORT int fseek(hc_file_t *f, hc_long offset, int whence) { return hc_fseek(f, offset, whence); }
HC_EXPORT int fseeko(hc_file_t *f, hc_long offset, int whence) { return hc_fseek(f, offset, whence); }
HC_EXPORT hc_long ftell(hc_file_t *f) { return hc_ftell(f); }
HC_EXPORT hc_long ftello(hc_file_t *f) { return hc_ftell(f); }
HC_EXPORT void rewind(hc_file_t *f) { hc_rewind(f); }
HC_EXPORT int fgetpos(hc_file_t *f, hc_fpos_t *position) { return hc_fgetpos(f, position); }
HC_EXPORT int fsetpos(hc_file_t *f, const hc_fpos_t *position) { return hc_fsetpos(f, position); }
HC_EXPORT int feof(hc_file_t *f) { return hc_feof(f); }
HC_EXPORT int ferror(hc_file_t *f) { return hc_ferror(f); }
HC_EXPORT void clearerr(hc_file_t *f) { hc_clearerr(f); }
HC_EXPORT int fileno(hc_file_t *f) { return hc_fileno(f); }
HC_EXPORT void perror(const char *text) { hc_perror(text); }
HC_EXPORT void flockfile(hc_file_t *f) { hc_flockfile(f); }
HC_EXPORT int ftrylockfile(hc_file_t *f) { return hc_ftrylockfile(f); }
HC_EXPORT void funlockfile(hc_file_t *f) { hc_funlockfile(f); }

HC_EXPORT int vprintf(const char *fmt, HC_VA_LIST list) { return hc_vprintf(fmt, list); }
HC_EXPORT int vfprintf(hc_file_t *f, const char *fmt, HC_VA_LIST list) { return hc_vfprintf(f, fmt, list); }
HC_EXPORT int vdprintf(int fd, const char *fmt, HC_VA_LIST list) { return hc_vdprintf(fd, fmt, list); }
HC_EXPORT int vsprintf(char *to, const char *fmt, HC_VA_LIST list) { return hc_vsprintf(to, fmt, list); }
HC_EXPORT int vsnprintf(char *to, size_t size, const char *fmt, HC_VA_LIST list) { return hc_vsnprintf(to, size, fmt, list); }
HC_EXPORT int vasprintf(char **to, const char *fmt, HC_VA_LIST list) { return hc_vasprintf(to, fmt, list); }
HC_EXPORT int vscanf(const char *fmt, HC_VA_LIST list) { return hc_vscanf(fmt, list); }
HC_EXPORT int vfscanf(hc_file_t *f, const char *fmt, HC_VA_LIST list) { return hc_vfscanf(f, fmt, list); }
HC_EXPORT int vsscanf(const char *text, const char *fmt, HC_VA_LIST list) { return hc_vsscanf(text, fmt, list); }

/* Their owner passes the lock. */
HC_EXPORT int getc_unlocked(hc_file_t *f) { return hc_getc_unlocked(f); }
HC_EXPORT int getchar_unlocked(void) { return hc_getchar_unlocked(); }
HC_EXPORT int putc_unlocked(int c, hc_file_t *f) { return hc_putc_unlocked(c, f); }
HC_EXPORT int putchar_unlocked(int c) { return hc_putchar(c); }
HC_EXPORT int fgetc_unlocked(hc_file_t *f) { return hc_getc_unlocked(f); }
HC_EXPORT int fputc_unlocked(int c, hc_file_t *f) { return hc_putc_unlocked(c, f); }
HC_EXPORT size_t fread_unlocked(void *p, size_t size, size_t n, hc_file_t *f) { return hc_fread(p, size, n, f); }
HC_EXPORT size_t fwrite_unlocked(const void *p, size_t size, size_t n, hc_file_t *f) { return hc_fwrite(p, size, n, f); }
HC_EXPORT char *fgets_unlocked(char *to, int size, hc_file_t *f) { return hc_fgets(to, size, f); }
HC_EXPORT int fputs_unlocked(const char *text, hc_file_t *f) { return hc_fputs(text, f); }
HC_EXPORT int fflush_unlocked(hc_file_t *f) { return hc_fflush(f); }
HC_EXPORT int feof_unlocked(hc_file_t *f) { return hc_feof(f); }
HC_EXPORT int ferror_unlocked(hc_file_t *f) { return hc_ferror(f); }
HC_EXPORT void clearerr_unlocked(hc_file_t *f) { hc_clearerr(f); }
HC_EXPORT int fileno_unlocked(hc_file_t *f) { return hc_fileno(f); }

#define HC_EXPORT_VARIADIC(name, parameters, last, call) \
    HC_EXPORT int name parameters {                      \
        HC_VA_LIST list;                                 \
        int n;                                           \
        HC_DOTS_START(list, last);                         \
        n = call;                                        \
        HC_VA_END(list);                                 \
        return n;                                        \
    }
#if !defined(__CUDACC__) /* CUDA C++ keeps this name, and makes vprintf of its calls */
HC_EXPORT_VARIADIC(printf, (const char *fmt, HC_DOTS), fmt, hc_vprintf(fmt, list))
#endif
HC_EXPORT_VARIADIC(fprintf, (hc_file_t * f, const char *fmt, HC_DOTS), fmt, hc_vfprintf(f, fmt, list))
HC_EXPORT_VARIADIC(dprintf, (int fd, const char *fmt, HC_DOTS), fmt, hc_vdprintf(fd, fmt, list))
HC_EXPORT_VARIADIC(asprintf, (char **to, const char *fmt, HC_DOTS), fmt, hc_vasprintf(to, fmt, list))
HC_EXPORT_VARIADIC(scanf, (const char *fmt, HC_DOTS), fmt, hc_vscanf(fmt, list))
HC_EXPORT_VARIADIC(fscanf, (hc_file_t * f, const char *fmt, HC_DOTS), fmt, hc_vfscanf(f, fmt, list))
HC_EXPORT_VARIADIC(sscanf, (const char *text, const char *fmt, HC_DOTS), fmt, hc_vsscanf(text, fmt, list))
HC_EXPORT_VARIADIC(sprintf, (char *to, const char *fmt, HC_DOTS), fmt, hc_vsprintf(to, fmt, list))
HC_EXPORT_VARIADIC(snprintf, (char *to, size_t size, const char *fmt, HC_DOTS), fmt, hc_vsnprintf(to, size, fmt, list))
