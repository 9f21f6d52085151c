/* SPDX-License-Identifier: Apache-2.0
 *
 * <unistd.h>, <sys/utsname.h>, <sys/resource.h>, <sys/sysinfo.h>, <sys/random.h>, <pwd.h>, <grp.h>: who runs the program, and on what; and
 * <sys/wait.h>, <spawn.h>: that it makes no processes.
 */
#include "library.h"
#include "hc/commands.h"
#include "hc/env.h"
#include "hc/system.h"
#include "hc/limits.h"
#include "hc/process.h"

/* ------------------------------------------------------------------------------------------------------------------- identity */
HC_EXPORT int getpid(void) { return hc_getpid(); }
HC_EXPORT int getppid(void) { return hc_getppid(); }
HC_EXPORT int gettid(void) { return hc_gettid(); }
HC_EXPORT int getpgrp(void) { return hc_getpgrp(); }
HC_FN hc_i64 hc_own_process(int pid) { return pid == 0 || pid == hc_getpid() ? 0 : pid < 0 ? -HC_EINVAL : -HC_ESRCH; }
HC_EXPORT int getpgid(int pid) { return hc_posix(hc_own_process(pid)) < 0 ? -1 : hc_getpgrp(); }
HC_EXPORT int getsid(int pid) { return hc_posix(hc_own_process(pid)) < 0 ? -1 : (int)hc_posix(hc_do_number(HC_NUMBER_SID, 0, 0)); }
HC_EXPORT hc_u32 getuid(void) { return hc_getuid(); }
HC_EXPORT hc_u32 geteuid(void) { return hc_geteuid(); }
HC_EXPORT hc_u32 getgid(void) { return hc_getgid(); }
HC_EXPORT hc_u32 getegid(void) { return hc_getegid(); }
/* The group of the process; others that it may have are not told. */
HC_EXPORT int getgroups(int most, hc_u32 *groups) {
    if (most < 0) return (int)hc_posix(-HC_EINVAL);
    if (most) groups[0] = hc_getegid();
    return 1;
}
/* What is so already may be asked for again. */
HC_FN int hc_only(hc_u32 now, hc_u32 wanted) { return now == wanted ? 0 : (int)hc_posix(-HC_EPERM); }
HC_EXPORT int setuid(hc_u32 uid) { return hc_only(hc_getuid(), uid); }
HC_EXPORT int seteuid(hc_u32 uid) { return hc_only(hc_geteuid(), uid); }
HC_EXPORT int setgid(hc_u32 gid) { return hc_only(hc_getgid(), gid); }
HC_EXPORT int setegid(hc_u32 gid) { return hc_only(hc_getegid(), gid); }
HC_EXPORT int setgroups(size_t count, const hc_u32 *groups) { return (void)count, (void)groups, (int)hc_posix(-HC_EPERM); }
HC_EXPORT int setsid(void) { return (int)hc_posix(-HC_EPERM); }
HC_EXPORT int setpgid(int pid, int group) { return (void)pid, (void)group, (int)hc_posix(-HC_EPERM); }
HC_EXPORT int chroot(const char *path) { return (void)path, (int)hc_posix(-HC_EPERM); }
HC_EXPORT int nice(int increment) { return increment ? (int)hc_posix(-HC_EPERM) : 0; }
HC_EXPORT int getpriority(int which, hc_u32 who) { return (void)who, which < 0 || which > 2 ? (int)hc_posix(-HC_EINVAL) : 0; }
HC_EXPORT int setpriority(int which, hc_u32 who, int priority) { return (void)which, (void)who, (void)priority, (int)hc_posix(-HC_EPERM); }
HC_EXPORT int getlogin_r(char *to, size_t n) { return hc_getlogin_r(to, n); }
HC_EXPORT char *getlogin(void) { return hc_getlogin(); }
HC_EXPORT hc_passwd_t *getpwuid(hc_u32 uid) { return hc_getpwuid(uid); }
HC_EXPORT hc_passwd_t *getpwnam(const char *name) { return hc_getpwnam(name); }
HC_EXPORT int getpwuid_r(hc_u32 uid, hc_passwd_t *to, char *line, size_t n, hc_passwd_t **found) { return hc_getpwuid_r(uid, to, line, n, found); }
HC_EXPORT int getpwnam_r(const char *name, hc_passwd_t *to, char *line, size_t n, hc_passwd_t **found) {
    return hc_getpwnam_r(name, to, line, n, found);
}
HC_EXPORT hc_group_t *getgrgid(hc_u32 gid) { return hc_getgrgid(gid); }
HC_EXPORT hc_group_t *getgrnam(const char *name) { return hc_getgrnam(name); }
HC_EXPORT int getgrgid_r(hc_u32 gid, hc_group_t *to, char *line, size_t n, hc_group_t **found) { return hc_getgrgid_r(gid, to, line, n, found); }
HC_EXPORT int getgrnam_r(const char *name, hc_group_t *to, char *line, size_t n, hc_group_t **found) {
    return hc_getgrnam_r(name, to, line, n, found);
}

/* --------------------------------------------------------------------------------------------------------------- the machine */
HC_EXPORT int gethostname(char *to, size_t n) { return hc_gethostname(to, n); }
HC_EXPORT int getdomainname(char *to, size_t n) { return hc_getdomainname(to, n); }
HC_EXPORT hc_long gethostid(void) { return hc_gethostid(); }
HC_EXPORT int uname(hc_utsname_t *to) { return hc_uname(to); }
HC_EXPORT hc_long sysconf(int name) { return hc_sysconf(name); }
HC_EXPORT int getpagesize(void) { return hc_getpagesize(); }
HC_EXPORT int getdtablesize(void) { return (int)hc_sysconf(HC_SC_OPEN_MAX); }
HC_EXPORT int get_nprocs(void) { return hc_thread_count(); }
HC_EXPORT int get_nprocs_conf(void) { return hc_thread_count(); }
HC_EXPORT size_t confstr(int name, char *to, size_t n) { return hc_confstr(name, to, n); }
HC_EXPORT int getrusage(int who, hc_rusage_t *to) { return hc_getrusage(who, to); }
HC_EXPORT int getrlimit(int resource, hc_rlimit_t *to) { return hc_getrlimit(resource, to); }
HC_EXPORT int setrlimit(int resource, const hc_rlimit_t *wanted) { return hc_setrlimit(resource, wanted); }
HC_EXPORT int sysinfo(struct hc_sysinfo *to) { return hc_sysinfo(to); }
HC_EXPORT int getloadavg(double *to, int most) { return hc_getloadavg(to, most); }
HC_EXPORT hc_long getrandom(void *p, size_t n, hc_u32 flags) { return hc_getrandom(p, n, flags); }
HC_EXPORT int getentropy(void *p, size_t n) { return hc_getentropy(p, n); }
HC_PROGRAM_STATE char hc_the_terminal[9];
HC_EXPORT char *ctermid(char *to) {
    const char *name = "/dev/tty";
    int i;
    if (!to) to = hc_the_terminal;
    for (i = 0; i < 9; i++) to[i] = name[i];
    return to;
}

/* ----------------------------------------------------------------------------------------------------------------- processes */
HC_EXPORT int system(const char *command) { return hc_system(command); }
HC_FN int hc_no_process(void) { return (int)hc_posix(-HC_ENOSYS); }
HC_EXPORT int fork(void) { return hc_no_process(); }
HC_EXPORT int vfork(void) { return hc_no_process(); }
HC_EXPORT int execve(const char *path, char *const *argv, char *const *envp) { return (void)path, (void)argv, (void)envp, hc_no_process(); }
HC_EXPORT int execv(const char *path, char *const *argv) { return (void)path, (void)argv, hc_no_process(); }
HC_EXPORT int execvp(const char *file, char *const *argv) { return (void)file, (void)argv, hc_no_process(); }
HC_EXPORT int execvpe(const char *file, char *const *argv, char *const *envp) { return (void)file, (void)argv, (void)envp, hc_no_process(); }
HC_EXPORT int fexecve(int fd, char *const *argv, char *const *envp) { return (void)fd, (void)argv, (void)envp, hc_no_process(); }
#if !defined(__cplusplus)
HC_EXPORT int execl(const char *path, const char *arg, ...) { return (void)path, (void)arg, hc_no_process(); }
HC_EXPORT int execlp(const char *file, const char *arg, ...) { return (void)file, (void)arg, hc_no_process(); }
HC_EXPORT int execle(const char *path, const char *arg, ...) { return (void)path, (void)arg, hc_no_process(); }
#endif
/* These return the error. */
HC_EXPORT int posix_spawn(int *pid, const char *path, const void *actions, const void *attributes, char *const *argv, char *const *envp) {
    return (void)pid, (void)path, (void)actions, (void)attributes, (void)argv, (void)envp, HC_ENOSYS;
}
HC_EXPORT int posix_spawnp(int *pid, const char *file, const void *actions, const void *attributes, char *const *argv, char *const *envp) {
    return (void)pid, (void)file, (void)actions, (void)attributes, (void)argv, (void)envp, HC_ENOSYS;
}
HC_EXPORT int wait(int *status) { return (void)status, (int)hc_posix(-HC_ECHILD); }
HC_EXPORT int waitpid(int pid, int *status, int options) {
    return (void)pid, (void)status, (int)hc_posix(options & ~11 ? -HC_EINVAL : -HC_ECHILD);
}
