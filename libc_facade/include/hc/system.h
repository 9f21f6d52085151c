/* SPDX-License-Identifier: Apache-2.0
 *
 * Who runs the program and where: the host's process answers for its user, its machine and the time that it used.
 */
#ifndef HC_SYSTEM_H
#define HC_SYSTEM_H
#include "limits.h"
#include "time.h"

#define HC_ESRCH 3
#define HC_ECHILD 10

HC_API int hc_getppid(void) { HC_SPLIT((int)hc_posix(hc_do_number(HC_NUMBER_PPID, 0, 0)), ::getppid()) }
HC_API hc_u32 hc_getuid(void) { HC_SPLIT((hc_u32)hc_posix(hc_do_number(HC_NUMBER_UID, 0, 0)), ::getuid()) }
HC_API hc_u32 hc_geteuid(void) { HC_SPLIT((hc_u32)hc_posix(hc_do_number(HC_NUMBER_EUID, 0, 0)), ::geteuid()) }
HC_API hc_u32 hc_getgid(void) { HC_SPLIT((hc_u32)hc_posix(hc_do_number(HC_NUMBER_GID, 0, 0)), ::getgid()) }
HC_API hc_u32 hc_getegid(void) { HC_SPLIT((hc_u32)hc_posix(hc_do_number(HC_NUMBER_EGID, 0, 0)), ::getegid()) }
HC_API int hc_getpgrp(void) { HC_SPLIT((int)hc_posix(hc_do_number(HC_NUMBER_PGID, 0, 0)), ::getpgrp()) }
HC_API hc_long hc_gethostid(void) { HC_SPLIT((hc_long)hc_posix(hc_do_number(HC_NUMBER_HOSTID, 0, 0)), ::gethostid()) }

/* ----------------------------------------------------------------------------------------------------------------------- names */
#if defined(HC_NVCC)
typedef struct utsname hc_utsname_t;
#else
typedef struct hc_utsname {
    char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
} hc_utsname_t;
#endif
#define HC_UTS_BYTES 65u

/* Text with its NUL; the bytes, or what went wrong. */
#define HC_DEFINE_TEXT_OF(SPACE, ATTR, BODY)                                                                                             \
    BODY ATTR hc_i64 hc_do_text(SPACE char *to, hc_u64 n, hc_i64 which) {                                                                \
        hc_txn t;                                                                                                                        \
        hc_i64 r;                                                                                                                        \
        hc_posix_begin(&t, HC_OP_TEXT, 2, n, HC_OUT);                                                                                    \
        r = hc_posix_send(&t, (hc_i64)n, which, 0, 0);                                                                                   \
        if (!t.err) hc_get(&t, 0, to, r < 0 ? 0 : (hc_u64)r < n ? (hc_u64)r : n);                                                        \
        hc_posix_end(&t);                                                                                                                \
        return r;                                                                                                                        \
    }                                                                                                                                    \
    HC_FN ATTR hc_i64 hc_uname_any(SPACE hc_utsname_t *to) {                                                                             \
        hc_i64 r;                                                                                                                        \
        if (!to) return -HC_EFAULT;                                                                                                      \
        r = hc_do_text(to->sysname, HC_UTS_BYTES, HC_TEXT_SYSNAME);                                                                      \
        if (r >= 0) r = hc_do_text(to->nodename, HC_UTS_BYTES, HC_TEXT_NODENAME);                                                        \
        if (r >= 0) r = hc_do_text(to->release, HC_UTS_BYTES, HC_TEXT_RELEASE);                                                          \
        if (r >= 0) r = hc_do_text(to->version, HC_UTS_BYTES, HC_TEXT_VERSION);                                                          \
        if (r >= 0) r = hc_do_text(to->machine, HC_UTS_BYTES, HC_TEXT_MACHINE);                                                          \
        if (r >= 0) r = hc_do_text(to->domainname, HC_UTS_BYTES, HC_TEXT_DOMAIN);                                                        \
        return r < 0 ? r : 0;                                                                                                            \
    }                                                                                                                                    \
    HC_API ATTR int hc_uname(SPACE hc_utsname_t *to) { HC_SPLIT((int)hc_posix(hc_uname_any(to)), ::uname(to)) }                          \
    /* What does not fit is cut, without its NUL, and said: as glibc does. */                                                            \
    HC_FN ATTR hc_i64 hc_hostname_any(SPACE char *to, hc_u64 n, hc_i64 which) {                                                          \
        char name[HC_UTS_BYTES];                                                                                                         \
        hc_i64 r = to ? hc_do_text(name, HC_UTS_BYTES, which) : -HC_EFAULT, i;                                                           \
        HC_ROLLED for (i = 0; i < r && (hc_u64)i < n; i++) to[i] = name[i];                                                              \
        return r < 0 ? r : (hc_u64)r > n ? -HC_ENAMETOOLONG : 0;                                                                         \
    }                                                                                                                                    \
    HC_API ATTR int hc_gethostname(SPACE char *to, size_t n) { HC_SPLIT((int)hc_posix(hc_hostname_any(to, n, HC_TEXT_NODENAME)), ::gethostname(to, n)) } \
    HC_API ATTR int hc_getdomainname(SPACE char *to, size_t n) {                                                                         \
        HC_SPLIT((int)hc_posix(hc_hostname_any(to, n, HC_TEXT_DOMAIN)), ::getdomainname(to, n))                                          \
    }                                                                                                                                    \
    /* These return the error. */                                                                                                        \
    HC_FN ATTR int hc_login_any(SPACE char *to, hc_u64 n) {                                                                              \
        hc_i64 r = to ? hc_do_text(to, n, HC_TEXT_LOGIN) : -HC_EFAULT;                                                                   \
        return r < 0 ? (int)-r : 0;                                                                                                      \
    }                                                                                                                                    \
    HC_API ATTR int hc_getlogin_r(SPACE char *to, size_t n) { HC_SPLIT(hc_login_any(to, n), ::getlogin_r(to, n)) }
HC_FOR_OUT(HC_DEFINE_TEXT_OF)

#if !defined(HC_OPENCL)
/* -------------------------------------------------------------------------------------------------------------- use of the machine */
#if defined(HC_NVCC)
typedef struct rusage hc_rusage_t;
typedef struct rlimit hc_rlimit_t;
struct hc_sysinfo : public sysinfo {};
#else
typedef struct hc_rusage {
    hc_timeval_t ru_utime, ru_stime;
    hc_long ru_maxrss, ru_ixrss, ru_idrss, ru_isrss, ru_minflt, ru_majflt, ru_nswap, ru_inblock, ru_oublock, ru_msgsnd, ru_msgrcv, ru_nsignals,
        ru_nvcsw, ru_nivcsw;
} hc_rusage_t;
typedef struct hc_rlimit {
    hc_size rlim_cur, rlim_max;
} hc_rlimit_t;
struct hc_sysinfo {
    hc_long uptime;
    hc_size loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap;
    hc_u16 procs, pad;
    hc_size totalhigh, freehigh;
    hc_u32 mem_unit;
};
#endif

HC_EXCHANGE_BODY(hc_do_rusage, HC_OP_RUSAGE, 2)
HC_FN hc_i64 hc_getrusage_any(int who, hc_rusage_t *to) {
    hc_i64 v[18];
    hc_i64 r = to ? 0 : -HC_EFAULT;
    int i;
    for (i = 0; i < 18; i++) v[i] = 0;
    if (r == 0) r = hc_do_rusage(v, sizeof v, who, 0);
    if (r < 0) return r;
    to->ru_utime.tv_sec = (hc_long)v[0];
    to->ru_utime.tv_usec = (hc_long)v[1];
    to->ru_stime.tv_sec = (hc_long)v[2];
    to->ru_stime.tv_usec = (hc_long)v[3];
    for (i = 0; i < 14; i++) (&to->ru_maxrss)[i] = (hc_long)v[4 + i];
    return 0;
}
HC_API int hc_getrusage(int who, hc_rusage_t *to) {
#if defined(HC_NVCC) && !defined(__CUDA_ARCH__)
    return ::getrusage((__rusage_who_t)who, to);
#else
    return (int)hc_posix(hc_getrusage_any(who, to));
#endif
}
#define HC_RLIMIT_NOFILE 7
#define HC_RLIMITS 16
#define HC_RLIM_INFINITY ((hc_size)-1)
/* The policy limits descriptors; what else there is, the heap and the stack, no call can change. */
HC_FN hc_i64 hc_getrlimit_any(int resource, hc_rlimit_t *to) {
    hc_i64 n = 0;
    if (resource < 0 || resource >= HC_RLIMITS) return -HC_EINVAL;
    if (!to) return -HC_EFAULT;
    if (resource == HC_RLIMIT_NOFILE) n = hc_do_number(HC_NUMBER_OPEN_MAX, 0, 0);
    if (n < 0) return n;
    to->rlim_cur = to->rlim_max = resource == HC_RLIMIT_NOFILE ? (hc_size)n : HC_RLIM_INFINITY;
    return 0;
}
/* What is set already may be set again. */
HC_FN hc_i64 hc_setrlimit_any(int resource, const hc_rlimit_t *wanted) {
    hc_rlimit_t now;
    hc_i64 r = hc_getrlimit_any(resource, &now);
    if (r < 0 || !wanted) return r < 0 ? r : -HC_EFAULT;
    if (wanted->rlim_cur > wanted->rlim_max) return -HC_EINVAL;
    return wanted->rlim_cur == now.rlim_cur && wanted->rlim_max == now.rlim_max ? 0 : -HC_EPERM;
}
#if defined(HC_NVCC) && !defined(__CUDA_ARCH__)
HC_API int hc_getrlimit(int resource, hc_rlimit_t *to) { return ::getrlimit((__rlimit_resource_t)resource, to); }
HC_API int hc_setrlimit(int resource, const hc_rlimit_t *wanted) { return ::setrlimit((__rlimit_resource_t)resource, wanted); }
#else
HC_API int hc_getrlimit(int resource, hc_rlimit_t *to) { return (int)hc_posix(hc_getrlimit_any(resource, to)); }
HC_API int hc_setrlimit(int resource, const hc_rlimit_t *wanted) { return (int)hc_posix(hc_setrlimit_any(resource, wanted)); }
#endif

HC_EXCHANGE_BODY(hc_do_sysinfo, HC_OP_SYSINFO, 1)
HC_FN hc_i64 hc_sysinfo_wire_of(hc_sysinfo_wire *w) {
    hc_u32 i;
    for (i = 0; i < sizeof *w / 8u; i++) ((hc_u64 *)w)[i] = 0;
    return hc_do_sysinfo(w, sizeof *w, 0, 0);
}
HC_FN hc_i64 hc_sysinfo_any(struct hc_sysinfo *to) {
    hc_sysinfo_wire w;
    hc_i64 r = to ? hc_sysinfo_wire_of(&w) : -HC_EFAULT;
    if (r < 0) return r;
    to->uptime = (hc_long)w.uptime;
    to->loads[0] = w.loads[0];
    to->loads[1] = w.loads[1];
    to->loads[2] = w.loads[2];
    to->totalram = w.totalram;
    to->freeram = w.freeram;
    to->sharedram = w.sharedram;
    to->bufferram = w.bufferram;
    to->totalswap = w.totalswap;
    to->freeswap = w.freeswap;
    to->procs = (hc_u16)w.procs;
    to->totalhigh = w.totalhigh;
    to->freehigh = w.freehigh;
    to->mem_unit = (hc_u32)w.unit;
    return 0;
}
HC_API int hc_sysinfo(struct hc_sysinfo *to) { HC_SPLIT((int)hc_posix(hc_sysinfo_any(to)), ::sysinfo(to)) }
HC_FN int hc_loads_into(double *to, int most) {
    hc_sysinfo_wire w;
    int i;
    if (hc_posix(to ? hc_sysinfo_wire_of(&w) : -HC_EFAULT) < 0) return -1;
    if (most > 3) most = 3;
    for (i = 0; i < most; i++) to[i] = (double)w.loads[i] / 65536.0;
    return most;
}
HC_API int hc_getloadavg(double *to, int most) { HC_SPLIT(hc_loads_into(to, most), ::getloadavg(to, most)) }

/* The bytes of the whole value, of which `n` were stored; 0 for a name without one. */
#define HC_CS_PATH 0
HC_FN size_t hc_confstr_any(int name, char *to, size_t n) {
    const char *value = "/bin:/usr/bin";
    size_t i, bytes;
    if (name != HC_CS_PATH) {
        hc_errno_set(HC_EINVAL);
        return 0;
    }
    bytes = (size_t)hc_text_length(value, 64) + 1u;
    for (i = 0; to && i < bytes && i < n; i++) to[i] = i == n - 1u ? 0 : value[i];
    return bytes;
}
HC_API size_t hc_confstr(int name, char *to, size_t n) { HC_SPLIT(hc_confstr_any(name, to, n), ::confstr(name, to, n)) }

/* ----------------------------------------------------------------------------------------------------------------------- accounts
 * The host knows its own user and group here, and nobody else. */
#if defined(HC_NVCC)
typedef struct passwd hc_passwd_t;
typedef struct group hc_group_t;
#else
typedef struct hc_passwd {
    char *pw_name, *pw_passwd;
    hc_u32 pw_uid, pw_gid;
    char *pw_gecos, *pw_dir, *pw_shell;
} hc_passwd_t;
typedef struct hc_group {
    char *gr_name, *gr_passwd;
    hc_u32 gr_gid;
    char **gr_mem;
} hc_group_t;
#endif
#define HC_ACCOUNT_BYTES 1024u

/* name:password:id:..., into `line`; the bytes with the NUL, 0 where there is nobody of that name or number. */
HC_BODY hc_i64 hc_do_account(hc_u32 which, hc_u64 id, const char *name, char *line) {
    hc_txn t;
    hc_mask here = hc_active_mask();
    hc_i64 n = name ? hc_path_length(name) : 0, r;
    hc_warp_sync(here);
    if (n < 0) return n;
    if (n > (hc_i64)HC_ACCOUNT_BYTES) return 0;
    hc_posix_begin(&t, HC_OP_ACCOUNT, 4, HC_ACCOUNT_BYTES, HC_IN | HC_OUT);
    if (!t.err && n) hc_put(&t, 0, name, (hc_u64)n);
    r = hc_posix_send(&t, HC_ACCOUNT_BYTES, which, (hc_i64)id, n);
    if (!t.err) hc_get(&t, 0, line, r < 0 ? 0 : (hc_u64)r < HC_ACCOUNT_BYTES ? (hc_u64)r : HC_ACCOUNT_BYTES);
    hc_posix_end(&t);
    return r;
}
/* Ends the field that *at begins with, and steps to the next. */
HC_FN char *hc_account_field(char **at) {
    char *field = *at;
    while (**at && **at != ':') ++*at;
    if (**at) *(*at)++ = 0;
    return field;
}
HC_FN hc_u32 hc_account_number(char **at) {
    const char *text = hc_account_field(at);
    hc_u32 value = 0;
    for (; *text >= '0' && *text <= '9'; text++) value = value * 10u + (hc_u32)(*text - '0');
    return value;
}
/* The error, or 0 with *found null where there is none. */
HC_FN int hc_user_into(hc_u32 which, hc_u64 id, const char *name, hc_passwd_t *to, char *line, size_t n, hc_passwd_t **found) {
    char *at = line;
    hc_i64 r;
    *found = (hc_passwd_t *)0;
    if (n < HC_ACCOUNT_BYTES) return HC_ERANGE;
    r = hc_do_account(which, id, name, line);
    if (r <= 0) return (int)-r;
    to->pw_name = hc_account_field(&at);
    to->pw_passwd = hc_account_field(&at);
    to->pw_uid = hc_account_number(&at);
    to->pw_gid = hc_account_number(&at);
    to->pw_gecos = hc_account_field(&at);
    to->pw_dir = hc_account_field(&at);
    to->pw_shell = hc_account_field(&at);
    *found = to;
    return 0;
}
/* Behind the line there is the empty list of members. */
HC_FN int hc_group_into(hc_u32 which, hc_u64 id, const char *name, hc_group_t *to, char *line, size_t n, hc_group_t **found) {
    char *at = line;
    hc_u64 list = ((hc_u64)(size_t)line + HC_ACCOUNT_BYTES + 7u) & ~(hc_u64)7u;
    hc_i64 r;
    *found = (hc_group_t *)0;
    if (n < HC_ACCOUNT_BYTES + 16u) return HC_ERANGE;
    r = hc_do_account(which, id, name, line);
    if (r <= 0) return (int)-r;
    to->gr_name = hc_account_field(&at);
    to->gr_passwd = hc_account_field(&at);
    to->gr_gid = hc_account_number(&at);
    to->gr_mem = (char **)(size_t)list;
    to->gr_mem[0] = (char *)0;
    *found = to;
    return 0;
}
HC_API int hc_getpwuid_r(hc_u32 uid, hc_passwd_t *to, char *line, size_t n, hc_passwd_t **found) {
    HC_SPLIT(hc_user_into(HC_ACCOUNT_UID, uid, (const char *)0, to, line, n, found), ::getpwuid_r(uid, to, line, n, found))
}
HC_API int hc_getpwnam_r(const char *name, hc_passwd_t *to, char *line, size_t n, hc_passwd_t **found) {
    HC_SPLIT(hc_user_into(HC_ACCOUNT_USER, 0, name, to, line, n, found), ::getpwnam_r(name, to, line, n, found))
}
HC_API int hc_getgrgid_r(hc_u32 gid, hc_group_t *to, char *line, size_t n, hc_group_t **found) {
    HC_SPLIT(hc_group_into(HC_ACCOUNT_GID, gid, (const char *)0, to, line, n, found), ::getgrgid_r(gid, to, line, n, found))
}
HC_API int hc_getgrnam_r(const char *name, hc_group_t *to, char *line, size_t n, hc_group_t **found) {
    HC_SPLIT(hc_group_into(HC_ACCOUNT_GROUP, 0, name, to, line, n, found), ::getgrnam_r(name, to, line, n, found))
}
/* The functions without a buffer have the program's: lanes that ask at once all write the same user and the same group there, because there
 * is but one of each. */
#if defined(HC_CUDA)
#define HC_PROGRAM_STATE static __device__ __attribute__((unused))
#else
#define HC_PROGRAM_STATE static __attribute__((unused))
#endif
HC_PROGRAM_STATE hc_passwd_t hc_the_user;
HC_PROGRAM_STATE hc_group_t hc_the_group;
HC_PROGRAM_STATE char hc_the_user_line[HC_ACCOUNT_BYTES], hc_the_group_line[HC_ACCOUNT_BYTES + 16u], hc_the_login[256];
HC_FN hc_passwd_t *hc_user_static(hc_u32 which, hc_u32 id, const char *name) {
    hc_passwd_t *found;
    int error = hc_user_into(which, id, name, &hc_the_user, hc_the_user_line, sizeof hc_the_user_line, &found);
    if (error) hc_errno_set(error);
    return found;
}
HC_FN hc_group_t *hc_group_static(hc_u32 which, hc_u32 id, const char *name) {
    hc_group_t *found;
    int error = hc_group_into(which, id, name, &hc_the_group, hc_the_group_line, sizeof hc_the_group_line, &found);
    if (error) hc_errno_set(error);
    return found;
}
HC_FN char *hc_login_static(void) {
    int error = hc_login_any(hc_the_login, sizeof hc_the_login);
    if (error) hc_errno_set(error);
    return error ? (char *)0 : hc_the_login;
}
HC_API hc_passwd_t *hc_getpwuid(hc_u32 uid) { HC_SPLIT(hc_user_static(HC_ACCOUNT_UID, uid, (const char *)0), ::getpwuid(uid)) }
HC_API hc_passwd_t *hc_getpwnam(const char *name) { HC_SPLIT(hc_user_static(HC_ACCOUNT_USER, 0, name), ::getpwnam(name)) }
HC_API hc_group_t *hc_getgrgid(hc_u32 gid) { HC_SPLIT(hc_group_static(HC_ACCOUNT_GID, gid, (const char *)0), ::getgrgid(gid)) }
HC_API hc_group_t *hc_getgrnam(const char *name) { HC_SPLIT(hc_group_static(HC_ACCOUNT_GROUP, 0, name), ::getgrnam(name)) }
HC_API char *hc_getlogin(void) { HC_SPLIT(hc_login_static(), ::getlogin()) }
#endif

#endif
