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
#include "../include/hc/codes/unistd.h"
#ifndef R_OK
#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4
#endif

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
