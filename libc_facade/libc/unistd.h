/* SPDX-License-Identifier: Apache-2.0
 *
 * <unistd.h>: descriptors, names of files, who and where the program is.
 */
#ifndef _HC_LIBC_UNISTD_H
#define _HC_LIBC_UNISTD_H

#include "bits/types.h"

#define _POSIX_VERSION 200809L
#define _POSIX2_VERSION 200809L
#define _XOPEN_VERSION 700
#define _POSIX_FSYNC 200809L
#define _POSIX_MAPPED_FILES 200809L
#define _POSIX_MONOTONIC_CLOCK 0
#define _POSIX_NO_TRUNC 1
#define _POSIX_THREADS 200809L
#define _POSIX_VDISABLE 0

#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif
#define SEEK_DATA 3
#define SEEK_HOLE 4
#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
#ifndef R_OK
#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4
#endif
#define F_ULOCK 0
#define F_LOCK 1
#define F_TLOCK 2
#define F_TEST 3

#define _SC_ARG_MAX 0
#define _SC_CHILD_MAX 1
#define _SC_CLK_TCK 2
#define _SC_NGROUPS_MAX 3
#define _SC_OPEN_MAX 4
#define _SC_STREAM_MAX 5
#define _SC_TZNAME_MAX 6
#define _SC_JOB_CONTROL 7
#define _SC_SAVED_IDS 8
#define _SC_REALTIME_SIGNALS 9
#define _SC_PRIORITY_SCHEDULING 10
#define _SC_TIMERS 11
#define _SC_ASYNCHRONOUS_IO 12
#define _SC_PRIORITIZED_IO 13
#define _SC_SYNCHRONIZED_IO 14
#define _SC_FSYNC 15
#define _SC_MAPPED_FILES 16
#define _SC_MEMLOCK 17
#define _SC_MEMLOCK_RANGE 18
#define _SC_MEMORY_PROTECTION 19
#define _SC_MESSAGE_PASSING 20
#define _SC_SEMAPHORES 21
#define _SC_SHARED_MEMORY_OBJECTS 22
#define _SC_AIO_LISTIO_MAX 23
#define _SC_AIO_MAX 24
#define _SC_DELAYTIMER_MAX 26
#define _SC_MQ_OPEN_MAX 27
#define _SC_VERSION 29
#define _SC_PAGESIZE 30
#define _SC_RTSIG_MAX 31
#define _SC_SEM_NSEMS_MAX 32
#define _SC_SEM_VALUE_MAX 33
#define _SC_SIGQUEUE_MAX 34
#define _SC_TIMER_MAX 35
#define _SC_BC_BASE_MAX 36
#define _SC_BC_DIM_MAX 37
#define _SC_BC_SCALE_MAX 38
#define _SC_BC_STRING_MAX 39
#define _SC_COLL_WEIGHTS_MAX 40
#define _SC_EXPR_NEST_MAX 42
#define _SC_LINE_MAX 43
#define _SC_RE_DUP_MAX 44
#define _SC_IOV_MAX 60
#define _SC_THREADS 67
#define _SC_THREAD_SAFE_FUNCTIONS 68
#define _SC_GETGR_R_SIZE_MAX 69
#define _SC_GETPW_R_SIZE_MAX 70
#define _SC_LOGIN_NAME_MAX 71
#define _SC_TTY_NAME_MAX 72
#define _SC_THREAD_DESTRUCTOR_ITERATIONS 73
#define _SC_THREAD_KEYS_MAX 74
#define _SC_THREAD_STACK_MIN 75
#define _SC_THREAD_THREADS_MAX 76
#define _SC_NPROCESSORS_CONF 83
#define _SC_NPROCESSORS_ONLN 84
#define _SC_PHYS_PAGES 85
#define _SC_AVPHYS_PAGES 86
#define _SC_ATEXIT_MAX 87
#define _SC_PASS_MAX 88
#define _SC_XOPEN_VERSION 89
#define _SC_MONOTONIC_CLOCK 149
#define _SC_SPIN_LOCKS 154
#define _SC_REGEXP 155
#define _SC_SHELL 157
#define _SC_SYMLOOP_MAX 173
#define _SC_HOST_NAME_MAX 180
#define _SC_LEVEL1_DCACHE_LINESIZE 190
#define _SC_IPV6 235
#define _SC_PAGE_SIZE _SC_PAGESIZE

#define _PC_LINK_MAX 0
#define _PC_MAX_CANON 1
#define _PC_MAX_INPUT 2
#define _PC_NAME_MAX 3
#define _PC_PATH_MAX 4
#define _PC_PIPE_BUF 5
#define _PC_CHOWN_RESTRICTED 6
#define _PC_NO_TRUNC 7
#define _PC_VDISABLE 8
#define _PC_SYNC_IO 9
#define _PC_FILESIZEBITS 13
#define _PC_REC_INCR_XFER_SIZE 14
#define _PC_REC_MAX_XFER_SIZE 15
#define _PC_REC_MIN_XFER_SIZE 16
#define _PC_REC_XFER_ALIGN 17
#define _PC_ALLOC_SIZE_MIN 18
#define _PC_SYMLINK_MAX 19

#define _CS_PATH 0
#define _CS_GNU_LIBC_VERSION 2

#ifdef __cplusplus
extern "C" {
#endif

extern char **environ;
extern char *optarg;
extern int optind, opterr, optopt;
int getopt(int __argc, char *const __argv[], const char *__options);

int close(int __fd);
ssize_t read(int __fd, void *__buffer, size_t __bytes);
ssize_t write(int __fd, const void *__buffer, size_t __bytes);
ssize_t pread(int __fd, void *__buffer, size_t __bytes, off_t __offset);
ssize_t pwrite(int __fd, const void *__buffer, size_t __bytes, off_t __offset);
off_t lseek(int __fd, off_t __offset, int __whence);
int fsync(int __fd);
int fdatasync(int __fd);
void sync(void);
int syncfs(int __fd);
int truncate(const char *__path, off_t __length);
int ftruncate(int __fd, off_t __length);
int dup(int __fd);
int dup2(int __fd, int __to);
int dup3(int __fd, int __to, int __flags);
int pipe(int __ends[2]);
int pipe2(int __ends[2], int __flags);
int isatty(int __fd);
char *ttyname(int __fd);
int ttyname_r(int __fd, char *__name, size_t __bytes);
char *ctermid(char *__name);
int lockf(int __fd, int __command, off_t __length);
ssize_t copy_file_range(int __from, off_t *__from_offset, int __to, off_t *__to_offset, size_t __bytes, unsigned int __flags);

int access(const char *__path, int __mode);
int faccessat(int __dir, const char *__path, int __mode, int __flags);
int euidaccess(const char *__path, int __mode);
int eaccess(const char *__path, int __mode);
int rmdir(const char *__path);
int unlink(const char *__path);
int unlinkat(int __dir, const char *__path, int __flags);
int link(const char *__from, const char *__to);
int linkat(int __dir, const char *__from, int __dir2, const char *__to, int __flags);
int symlink(const char *__target, const char *__path);
int symlinkat(const char *__target, int __dir, const char *__path);
ssize_t readlink(const char *__restrict __path, char *__restrict __to, size_t __bytes);
ssize_t readlinkat(int __dir, const char *__restrict __path, char *__restrict __to, size_t __bytes);
int chown(const char *__path, uid_t __owner, gid_t __group);
int fchown(int __fd, uid_t __owner, gid_t __group);
int lchown(const char *__path, uid_t __owner, gid_t __group);
int fchownat(int __dir, const char *__path, uid_t __owner, gid_t __group, int __flags);
char *getcwd(char *__to, size_t __bytes);
char *get_current_dir_name(void);
int chdir(const char *__path);
int fchdir(int __fd);
int chroot(const char *__path);

unsigned int alarm(unsigned int __seconds);
int usleep(useconds_t __microseconds);
unsigned int sleep(unsigned int __seconds);
int pause(void);

pid_t getpid(void);
pid_t getppid(void);
pid_t gettid(void);
pid_t getpgrp(void);
pid_t getpgid(pid_t __pid);
pid_t getsid(pid_t __pid);
pid_t setsid(void);
int setpgid(pid_t __pid, pid_t __group);
pid_t tcgetpgrp(int __fd);
int tcsetpgrp(int __fd, pid_t __group);
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
int getgroups(int __most, gid_t __groups[]);
int setuid(uid_t __uid);
int seteuid(uid_t __uid);
int setgid(gid_t __gid);
int setegid(gid_t __gid);
char *getlogin(void);
int getlogin_r(char *__name, size_t __bytes);
int gethostname(char *__name, size_t __bytes);
int getdomainname(char *__name, size_t __bytes);
long gethostid(void);
long sysconf(int __name);
long pathconf(const char *__path, int __name);
long fpathconf(int __fd, int __name);
size_t confstr(int __name, char *__to, size_t __bytes);
int getpagesize(void);
int getdtablesize(void);
int getentropy(void *__buffer, size_t __bytes);
int nice(int __increment);

pid_t fork(void);
pid_t vfork(void);
int execve(const char *__path, char *const __argv[], char *const __envp[]);
int execv(const char *__path, char *const __argv[]);
int execvp(const char *__file, char *const __argv[]);
int execvpe(const char *__file, char *const __argv[], char *const __envp[]);
int execl(const char *__path, const char *__arg, ...);
int execlp(const char *__file, const char *__arg, ...);
int execle(const char *__path, const char *__arg, ...);
int fexecve(int __fd, char *const __argv[], char *const __envp[]);
long syscall(long __number, ...);
void _exit(int __status) __attribute__((__noreturn__));
#ifdef __cplusplus
}
#endif

#endif
