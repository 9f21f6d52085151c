/* SPDX-License-Identifier: Apache-2.0
 *
 * <locale.h>, <getopt.h>, <libgen.h>, <fnmatch.h>, <dlfcn.h>, <err.h>.
 */
#include "library.h"
#include "hc/filename.h"
#include "hc/format.h"
#include "hc/getopt.h"
#include "hc/locale.h"
#include "hc/state.h"

/* ------------------------------------------------------------------------------------------------------------------ locale */
HC_EXPORT char *setlocale(int category, const char *name) { return hc_setlocale(category, name); }
HC_EXPORT hc_lconv *localeconv(void) { return hc_localeconv(); }

/* --------------------------------------------------------------------------------------------------- arguments and names */
HC_EXPORT int getopt(int argc, char *const *argv, const char *options) { return hc_getopt(argc, argv, options); }
HC_EXPORT int getopt_long(int argc, char *const *argv, const char *options, const hc_option *longs, int *index) {
    return hc_getopt_long(argc, argv, options, longs, index);
}
HC_EXPORT int getopt_long_only(int argc, char *const *argv, const char *options, const hc_option *longs, int *index) {
    return hc_getopt_long_only(argc, argv, options, longs, index);
}
HC_EXPORT int getsubopt(char **at, char *const *tokens, char **value) { return hc_getsubopt(at, tokens, value); }
HC_EXPORT char *basename(const char *path) { return hc_gnu_basename(path); }
HC_EXPORT char *__xpg_basename(char *path) { return hc_basename(path); }
HC_EXPORT char *dirname(char *path) { return hc_dirname(path); }
HC_EXPORT int fnmatch(const char *pattern, const char *text, int flags) { return hc_fnmatch(pattern, text, flags); }

/* -------------------------------------------------------------------------------------------------------- shared libraries
 * There are none. The message is cleared when it was read; one place for all lanes, as in C. */
HC_STATE hc_u32 hc_dl_failed;
HC_FN void *hc_dl_none(void) {
    hc_dev_store32((hc_u64)(size_t)&hc_dl_failed, 1u);
    return (void *)0;
}
HC_EXPORT void *dlopen(const char *file, int mode) { return (void)file, (void)mode, hc_dl_none(); }
HC_EXPORT void *dlsym(void *handle, const char *name) { return (void)handle, (void)name, hc_dl_none(); }
HC_EXPORT int dlclose(void *handle) { return (void)handle, (void)hc_dl_none(), -1; }
HC_EXPORT char *dlerror(void) {
    return hc_dev_exch32((hc_u64)(size_t)&hc_dl_failed, 0u) ? (char *)"there are no shared libraries on a device" : (char *)0;
}

/* ---------------------------------------------------------------------------------------------------------------- messages
 * Whole lines on standard error, each by one write. What starts a program puts its name here. */
#if defined(__cplusplus)
extern "C" {
__device__ char *program_invocation_name = 0, *program_invocation_short_name = 0;
}
#else
HC_EXPORT char *program_invocation_name = 0;
HC_EXPORT char *program_invocation_short_name = 0;
#endif
#define HC_MESSAGE_MAX 4096u
HC_BODY void hc_warn(const char *format, HC_VA_LIST list, int code) {
    char line[HC_MESSAGE_MAX];
    const char *name = program_invocation_short_name ? program_invocation_short_name : "";
    size_t n = hc_strlen(name);
    int said = 0;
    if (n > 255u) n = 255u;
    hc_memcpy(line, name, n);
    line[n++] = ':';
    line[n++] = ' ';
    if (format) said = hc_vsnprintf(line + n, HC_MESSAGE_MAX - 128u - n, format, list);
    if (said > 0) n += (size_t)said < HC_MESSAGE_MAX - 128u - n ? (size_t)said : HC_MESSAGE_MAX - 128u - n - 1u;
    if (code >= 0) {
        if (format) {
            line[n++] = ':';
            line[n++] = ' ';
        }
        (void)hc_strerror_r(code, line + n, 100);
        n += hc_strlen(line + n);
    }
    line[n++] = '\n';
    (void)hc_write(2, line, n);
}
HC_EXPORT void vwarn(const char *format, HC_VA_LIST list) { hc_warn(format, list, *hc_errno_place()); }
HC_EXPORT void vwarnx(const char *format, HC_VA_LIST list) { hc_warn(format, list, -1); }
HC_EXPORT HC_NORETURN void verr(int status, const char *format, HC_VA_LIST list) {
    hc_warn(format, list, *hc_errno_place());
    hc_exit(status);
}
HC_EXPORT HC_NORETURN void verrx(int status, const char *format, HC_VA_LIST list) {
    hc_warn(format, list, -1);
    hc_exit(status);
}
HC_EXPORT void warn(const char *format, HC_DOTS) {
    HC_VA_LIST list;
    int code = *hc_errno_place();
    HC_DOTS_START(list, format);
    hc_warn(format, list, code);
    HC_VA_END(list);
}
HC_EXPORT void warnx(const char *format, HC_DOTS) {
    HC_VA_LIST list;
    HC_DOTS_START(list, format);
    hc_warn(format, list, -1);
    HC_VA_END(list);
}
HC_EXPORT HC_NORETURN void err(int status, const char *format, HC_DOTS) {
    HC_VA_LIST list;
    int code = *hc_errno_place();
    HC_DOTS_START(list, format);
    hc_warn(format, list, code);
    HC_VA_END(list);
    hc_exit(status);
}
HC_EXPORT HC_NORETURN void errx(int status, const char *format, HC_DOTS) {
    HC_VA_LIST list;
    HC_DOTS_START(list, format);
    hc_warn(format, list, -1);
    HC_VA_END(list);
    hc_exit(status);
}
