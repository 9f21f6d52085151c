/* SPDX-License-Identifier: Apache-2.0
 *
 * <stdio.h>.
 */
#include "library.h"
#include "hc/stdio.h"

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
HC_EXPORT int fclose(hc_file_t *f) { return hc_fclose(f); }
HC_EXPORT int fflush(hc_file_t *f) { return hc_fflush(f); }
HC_EXPORT int setvbuf(hc_file_t *f, char *buffer, int mode, size_t size) { return hc_setvbuf(f, buffer, mode, size); }
HC_EXPORT void setbuf(hc_file_t *f, char *buffer) { hc_setbuf(f, buffer); }

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
HC_EXPORT_VARIADIC(sprintf, (char *to, const char *fmt, HC_DOTS), fmt, hc_vsprintf(to, fmt, list))
HC_EXPORT_VARIADIC(snprintf, (char *to, size_t size, const char *fmt, HC_DOTS), fmt, hc_vsnprintf(to, size, fmt, list))
