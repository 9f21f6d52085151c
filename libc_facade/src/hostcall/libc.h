/* SPDX-License-Identifier: Apache-2.0
 *
 * The linkable library for CUDA C++, in namespace hostcall: for objects (nvcc -rdc=true, NVRTC) that are linked with
 * hostcall.fatbin or hostcall.ltoir instead of compiling the facade's headers, which must not be found beside this one.
 * Written by tools/cuda_declarations.py.
 *
 * printf, vprintf, malloc and free of CUDA C++ itself, new and delete go to the library too, once it is linked. Structs
 * that are only named here (stat, timespec, ...) are Linux's on x86-64: the host's own, where there is one.
 */
#ifndef HOSTCALL_LIBC_H
#define HOSTCALL_LIBC_H

/* Linkage matters in device code alone; the host's pass would take these for redeclarations of the host's libc. */
#if defined(__CUDA_ARCH__) || defined(__CUDACC_RTC__)
#define HC_LIBC extern "C" __device__
#else
#define HC_LIBC __device__
#endif
#pragma nv_diagnostic push
#pragma nv_diag_suppress 338 /* the host's libc has the same names */

struct FTW;
struct _IO_FILE;
struct _pthread_cleanup_buffer;
struct addrinfo;
struct dirent;
struct group;
struct hc_libc_dir;
struct hostent;
struct in_addr;
struct iovec;
struct lconv;
struct msghdr;
struct option;
struct passwd;
struct pollfd;
struct rlimit;
struct rusage;
struct sched_param;
struct sigaction;
struct sockaddr;
struct stat;
struct statvfs;
struct sysinfo;
struct termios;
struct timespec;
struct timeval;
struct tm;
struct tms;
struct utimbuf;
struct utsname;

namespace hostcall {
HC_LIBC void (_Exit)(int);
HC_LIBC void (__assert_fail)(const char *, const char *, unsigned int, const char *);
HC_LIBC int * (__errno_location)();
HC_LIBC int * (__h_errno_location)();
HC_LIBC char * (__xpg_basename)(char *);
HC_LIBC int (__xpg_strerror_r)(int, char *, long unsigned int);
HC_LIBC void (_exit)(int);
HC_LIBC void (_pthread_cleanup_pop)(struct _pthread_cleanup_buffer *, int);
HC_LIBC void (_pthread_cleanup_push)(struct _pthread_cleanup_buffer *, void (*)(void *), void *);
HC_LIBC void (abort)();
HC_LIBC int (abs)(int);
HC_LIBC int (accept)(int, struct sockaddr *, unsigned int *);
HC_LIBC int (accept4)(int, struct sockaddr *, unsigned int *, int);
HC_LIBC int (access)(const char *, int);
HC_LIBC void * (aligned_alloc)(long unsigned int, long unsigned int);
HC_LIBC int (alphasort)(const struct dirent **, const struct dirent **);
HC_LIBC char * (asctime)(const struct tm *);
HC_LIBC char * (asctime_r)(const struct tm *, char *);
HC_LIBC int (at_quick_exit)(void (*)(void));
HC_LIBC int (atexit)(void (*)(void));
HC_LIBC double (atof)(const char *);
HC_LIBC int (atoi)(const char *);
HC_LIBC long (atol)(const char *);
HC_LIBC long long (atoll)(const char *);
HC_LIBC int (bcmp)(const void *, const void *, long unsigned int);
HC_LIBC void (bcopy)(const void *, void *, long unsigned int);
HC_LIBC int (bind)(int, const struct sockaddr *, unsigned int);
HC_LIBC void * (bsearch)(const void *, const void *, long unsigned int, long unsigned int, int (*)(const void *, const void *));
HC_LIBC unsigned int (btowc)(int);
HC_LIBC void (bzero)(void *, long unsigned int);
HC_LIBC void (call_once)(int *, void (*)(void));
HC_LIBC void * (calloc)(long unsigned int, long unsigned int);
HC_LIBC unsigned int (cfgetispeed)(const struct termios *);
HC_LIBC unsigned int (cfgetospeed)(const struct termios *);
HC_LIBC int (chdir)(const char *);
HC_LIBC int (chmod)(const char *, unsigned int);
HC_LIBC int (chown)(const char *, unsigned int, unsigned int);
HC_LIBC int (chroot)(const char *);
HC_LIBC int (clearenv)();
HC_LIBC void (clearerr)(struct _IO_FILE *);
HC_LIBC void (clearerr_unlocked)(struct _IO_FILE *);
HC_LIBC long (clock)();
HC_LIBC int (clock_getres)(int, struct timespec *);
HC_LIBC int (clock_gettime)(int, struct timespec *);
HC_LIBC int (clock_nanosleep)(int, int, const struct timespec *, struct timespec *);
HC_LIBC int (close)(int);
HC_LIBC int (closedir)(struct hc_libc_dir *);
HC_LIBC long unsigned int (confstr)(int, char *, long unsigned int);
HC_LIBC int (connect)(int, const struct sockaddr *, unsigned int);
HC_LIBC long (copy_file_range)(int, long *, int, long *, long unsigned int, unsigned int);
HC_LIBC int (creat)(const char *, unsigned int);
HC_LIBC char * (ctermid)(char *);
HC_LIBC char * (ctime)(const long *);
HC_LIBC char * (ctime_r)(const long *, char *);
HC_LIBC double (difftime)(long, long);
HC_LIBC int (dirfd)(struct hc_libc_dir *);
HC_LIBC char * (dirname)(char *);
HC_LIBC int (dlclose)(void *);
HC_LIBC char * (dlerror)();
HC_LIBC void * (dlopen)(const char *, int);
HC_LIBC void * (dlsym)(void *, const char *);
HC_LIBC double (drand48)();
HC_LIBC int (dup)(int);
HC_LIBC int (dup2)(int, int);
HC_LIBC int (dup3)(int, int, int);
HC_LIBC int (eaccess)(const char *, int);
HC_LIBC double (erand48)(unsigned short[3]);
HC_LIBC int (euidaccess)(const char *, int);
namespace detail {
HC_LIBC int (execl)(const char *, const char *, const void *);
}
namespace detail {
HC_LIBC int (execle)(const char *, const char *, const void *);
}
namespace detail {
HC_LIBC int (execlp)(const char *, const char *, const void *);
}
HC_LIBC int (execv)(const char *, char *const[]);
HC_LIBC int (execve)(const char *, char *const[], char *const[]);
HC_LIBC int (execvp)(const char *, char *const[]);
HC_LIBC int (execvpe)(const char *, char *const[], char *const[]);
HC_LIBC void (exit)(int);
HC_LIBC void (explicit_bzero)(void *, long unsigned int);
HC_LIBC int (faccessat)(int, const char *, int, int);
HC_LIBC int (fallocate)(int, int, long, long);
HC_LIBC int (fchdir)(int);
HC_LIBC int (fchmod)(int, unsigned int);
HC_LIBC int (fchmodat)(int, const char *, unsigned int, int);
HC_LIBC int (fchown)(int, unsigned int, unsigned int);
HC_LIBC int (fchownat)(int, const char *, unsigned int, unsigned int, int);
HC_LIBC int (fclose)(struct _IO_FILE *);
namespace detail {
HC_LIBC int (fcntl)(int, int, const void *);
}
HC_LIBC int (fdatasync)(int);
HC_LIBC struct _IO_FILE * (fdopen)(int, const char *);
HC_LIBC struct hc_libc_dir * (fdopendir)(int);
HC_LIBC int (feof)(struct _IO_FILE *);
HC_LIBC int (feof_unlocked)(struct _IO_FILE *);
HC_LIBC int (ferror)(struct _IO_FILE *);
HC_LIBC int (ferror_unlocked)(struct _IO_FILE *);
HC_LIBC int (fexecve)(int, char *const[], char *const[]);
HC_LIBC int (fflush)(struct _IO_FILE *);
HC_LIBC int (fflush_unlocked)(struct _IO_FILE *);
HC_LIBC int (ffs)(int);
HC_LIBC int (ffsl)(long);
HC_LIBC int (ffsll)(long long);
HC_LIBC int (fgetc)(struct _IO_FILE *);
HC_LIBC int (fgetc_unlocked)(struct _IO_FILE *);
HC_LIBC char * (fgets)(char *, int, struct _IO_FILE *);
HC_LIBC char * (fgets_unlocked)(char *, int, struct _IO_FILE *);
HC_LIBC int (fileno)(struct _IO_FILE *);
HC_LIBC int (fileno_unlocked)(struct _IO_FILE *);
HC_LIBC int (flock)(int, int);
HC_LIBC void (flockfile)(struct _IO_FILE *);
HC_LIBC struct _IO_FILE * (fmemopen)(void *, long unsigned int, const char *);
HC_LIBC int (fnmatch)(const char *, const char *, int);
HC_LIBC struct _IO_FILE * (fopen)(const char *, const char *);
HC_LIBC int (fork)();
HC_LIBC long (fpathconf)(int, int);
HC_LIBC int (fputc)(int, struct _IO_FILE *);
HC_LIBC int (fputc_unlocked)(int, struct _IO_FILE *);
HC_LIBC int (fputs)(const char *, struct _IO_FILE *);
HC_LIBC int (fputs_unlocked)(const char *, struct _IO_FILE *);
HC_LIBC long unsigned int (fread)(void *, long unsigned int, long unsigned int, struct _IO_FILE *);
HC_LIBC long unsigned int (fread_unlocked)(void *, long unsigned int, long unsigned int, struct _IO_FILE *);
HC_LIBC void (free)(void *);
HC_LIBC void (freeaddrinfo)(struct addrinfo *);
HC_LIBC struct _IO_FILE * (freopen)(const char *, const char *, struct _IO_FILE *);
HC_LIBC int (fseek)(struct _IO_FILE *, long, int);
HC_LIBC int (fseeko)(struct _IO_FILE *, long, int);
HC_LIBC int (fstat)(int, struct stat *);
HC_LIBC int (fstatat)(int, const char *, struct stat *, int);
HC_LIBC int (fstatvfs)(int, struct statvfs *);
HC_LIBC int (fsync)(int);
HC_LIBC long (ftell)(struct _IO_FILE *);
HC_LIBC long (ftello)(struct _IO_FILE *);
HC_LIBC int (ftruncate)(int, long);
HC_LIBC int (ftrylockfile)(struct _IO_FILE *);
HC_LIBC int (ftw)(const char *, int (*)(const char *, const struct stat *, int), int);
HC_LIBC void (funlockfile)(struct _IO_FILE *);
HC_LIBC int (futimens)(int, const struct timespec[2]);
HC_LIBC int (futimes)(int, const struct timeval[2]);
HC_LIBC long unsigned int (fwrite)(const void *, long unsigned int, long unsigned int, struct _IO_FILE *);
HC_LIBC long unsigned int (fwrite_unlocked)(const void *, long unsigned int, long unsigned int, struct _IO_FILE *);
HC_LIBC const char * (gai_strerror)(int);
HC_LIBC char * (get_current_dir_name)();
HC_LIBC int (get_nprocs)();
HC_LIBC int (get_nprocs_conf)();
HC_LIBC int (getaddrinfo)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
HC_LIBC unsigned long (getauxval)(unsigned long);
HC_LIBC int (getc)(struct _IO_FILE *);
HC_LIBC int (getc_unlocked)(struct _IO_FILE *);
HC_LIBC int (getchar)();
HC_LIBC int (getchar_unlocked)();
HC_LIBC char * (getcwd)(char *, long unsigned int);
HC_LIBC long (getdelim)(char **, long unsigned int *, int, struct _IO_FILE *);
HC_LIBC int (getdomainname)(char *, long unsigned int);
HC_LIBC int (getdtablesize)();
HC_LIBC unsigned int (getegid)();
HC_LIBC int (getentropy)(void *, long unsigned int);
HC_LIBC char * (getenv)(const char *);
HC_LIBC unsigned int (geteuid)();
HC_LIBC unsigned int (getgid)();
HC_LIBC struct group * (getgrgid)(unsigned int);
HC_LIBC int (getgrgid_r)(unsigned int, struct group *, char *, long unsigned int, struct group **);
HC_LIBC struct group * (getgrnam)(const char *);
HC_LIBC int (getgrnam_r)(const char *, struct group *, char *, long unsigned int, struct group **);
HC_LIBC int (getgroups)(int, unsigned int[]);
HC_LIBC struct hostent * (gethostbyname)(const char *);
HC_LIBC long (gethostid)();
HC_LIBC int (gethostname)(char *, long unsigned int);
HC_LIBC long (getline)(char **, long unsigned int *, struct _IO_FILE *);
HC_LIBC int (getloadavg)(double[], int);
HC_LIBC char * (getlogin)();
HC_LIBC int (getlogin_r)(char *, long unsigned int);
HC_LIBC int (getnameinfo)(const struct sockaddr *, unsigned int, char *, unsigned int, char *, unsigned int, int);
HC_LIBC int (getopt)(int, char *const[], const char *);
HC_LIBC int (getopt_long)(int, char *const[], const char *, const struct option *, int *);
HC_LIBC int (getopt_long_only)(int, char *const[], const char *, const struct option *, int *);
HC_LIBC int (getpagesize)();
HC_LIBC int (getpeername)(int, struct sockaddr *, unsigned int *);
HC_LIBC int (getpgid)(int);
HC_LIBC int (getpgrp)();
HC_LIBC int (getpid)();
HC_LIBC int (getppid)();
HC_LIBC int (getpriority)(int, unsigned int);
HC_LIBC struct passwd * (getpwnam)(const char *);
HC_LIBC int (getpwnam_r)(const char *, struct passwd *, char *, long unsigned int, struct passwd **);
HC_LIBC struct passwd * (getpwuid)(unsigned int);
HC_LIBC int (getpwuid_r)(unsigned int, struct passwd *, char *, long unsigned int, struct passwd **);
HC_LIBC long (getrandom)(void *, long unsigned int, unsigned int);
HC_LIBC int (getrlimit)(int, struct rlimit *);
HC_LIBC int (getrusage)(int, struct rusage *);
HC_LIBC int (getsid)(int);
HC_LIBC int (getsockname)(int, struct sockaddr *, unsigned int *);
HC_LIBC int (getsockopt)(int, int, int, void *, unsigned int *);
HC_LIBC int (getsubopt)(char **, char *const *, char **);
HC_LIBC int (gettid)();
HC_LIBC int (gettimeofday)(struct timeval *, void *);
HC_LIBC unsigned int (getuid)();
HC_LIBC struct tm * (gmtime)(const long *);
HC_LIBC struct tm * (gmtime_r)(const long *, struct tm *);
HC_LIBC unsigned int (htonl)(unsigned int);
HC_LIBC unsigned short (htons)(unsigned short);
HC_LIBC long (imaxabs)(long);
HC_LIBC char * (index)(const char *, int);
HC_LIBC unsigned int (inet_addr)(const char *);
HC_LIBC int (inet_aton)(const char *, struct in_addr *);
HC_LIBC char * (inet_ntoa)(struct in_addr);
HC_LIBC const char * (inet_ntop)(int, const void *, char *, unsigned int);
HC_LIBC int (inet_pton)(int, const char *, void *);
HC_LIBC char * (initstate)(unsigned int, char *, long unsigned int);
namespace detail {
HC_LIBC int (ioctl)(int, unsigned long, const void *);
}
HC_LIBC int (isalnum)(int);
HC_LIBC int (isalpha)(int);
HC_LIBC int (isascii)(int);
HC_LIBC int (isatty)(int);
HC_LIBC int (isblank)(int);
HC_LIBC int (iscntrl)(int);
HC_LIBC int (isdigit)(int);
HC_LIBC int (isgraph)(int);
HC_LIBC int (islower)(int);
HC_LIBC int (isprint)(int);
HC_LIBC int (ispunct)(int);
HC_LIBC int (isspace)(int);
HC_LIBC int (isupper)(int);
HC_LIBC int (isxdigit)(int);
HC_LIBC long (jrand48)(unsigned short[3]);
HC_LIBC int (kill)(int, int);
HC_LIBC long (labs)(long);
HC_LIBC int (lchown)(const char *, unsigned int, unsigned int);
HC_LIBC void (lcong48)(unsigned short[7]);
HC_LIBC int (link)(const char *, const char *);
HC_LIBC int (linkat)(int, const char *, int, const char *, int);
HC_LIBC int (listen)(int, int);
HC_LIBC long long (llabs)(long long);
HC_LIBC struct lconv * (localeconv)();
HC_LIBC struct tm * (localtime)(const long *);
HC_LIBC struct tm * (localtime_r)(const long *, struct tm *);
HC_LIBC int (lockf)(int, int, long);
HC_LIBC long (lrand48)();
HC_LIBC long (lseek)(int, long, int);
HC_LIBC int (lstat)(const char *, struct stat *);
HC_LIBC int (lutimes)(const char *, const struct timeval[2]);
HC_LIBC int (madvise)(void *, long unsigned int, int);
HC_LIBC void * (malloc)(long unsigned int);
HC_LIBC long unsigned int (malloc_usable_size)(void *);
HC_LIBC int (mblen)(const char *, long unsigned int);
HC_LIBC long unsigned int (mbstowcs)(int *, const char *, long unsigned int);
HC_LIBC int (mbtowc)(int *, const char *, long unsigned int);
HC_LIBC void * (memalign)(long unsigned int, long unsigned int);
HC_LIBC void * (memccpy)(void *, const void *, int, long unsigned int);
HC_LIBC void * (memchr)(const void *, int, long unsigned int);
HC_LIBC int (memcmp)(const void *, const void *, long unsigned int);
HC_LIBC void * (memcpy)(void *, const void *, long unsigned int);
HC_LIBC void * (memmem)(const void *, long unsigned int, const void *, long unsigned int);
HC_LIBC void * (memmove)(void *, const void *, long unsigned int);
HC_LIBC void * (mempcpy)(void *, const void *, long unsigned int);
HC_LIBC void * (memrchr)(const void *, int, long unsigned int);
HC_LIBC void * (memset)(void *, int, long unsigned int);
HC_LIBC int (mkdir)(const char *, unsigned int);
HC_LIBC int (mkdirat)(int, const char *, unsigned int);
HC_LIBC char * (mkdtemp)(char *);
HC_LIBC int (mkfifo)(const char *, unsigned int);
HC_LIBC int (mkfifoat)(int, const char *, unsigned int);
HC_LIBC int (mknod)(const char *, unsigned int, unsigned long);
HC_LIBC int (mknodat)(int, const char *, unsigned int, unsigned long);
HC_LIBC int (mkostemp)(char *, int);
HC_LIBC int (mkostemps)(char *, int, int);
HC_LIBC int (mkstemp)(char *);
HC_LIBC int (mkstemps)(char *, int);
HC_LIBC long (mktime)(struct tm *);
HC_LIBC int (mlock)(const void *, long unsigned int);
HC_LIBC void * (mmap)(void *, long unsigned int, int, int, int, long);
HC_LIBC int (mprotect)(void *, long unsigned int, int);
HC_LIBC long (mrand48)();
namespace detail {
HC_LIBC void * (mremap)(void *, long unsigned int, long unsigned int, int, const void *);
}
HC_LIBC int (msync)(void *, long unsigned int, int);
HC_LIBC int (munlock)(const void *, long unsigned int);
HC_LIBC int (munmap)(void *, long unsigned int);
HC_LIBC int (nanosleep)(const struct timespec *, struct timespec *);
HC_LIBC int (nftw)(const char *, int (*)(const char *, const struct stat *, int, struct FTW *), int, int);
HC_LIBC int (nice)(int);
HC_LIBC long (nrand48)(unsigned short[3]);
HC_LIBC unsigned int (ntohl)(unsigned int);
HC_LIBC unsigned short (ntohs)(unsigned short);
HC_LIBC int (on_exit)(void (*)(int, void *), void *);
namespace detail {
HC_LIBC int (open)(const char *, int, const void *);
}
HC_LIBC struct _IO_FILE * (open_memstream)(char **, long unsigned int *);
namespace detail {
HC_LIBC int (openat)(int, const char *, int, const void *);
}
HC_LIBC struct hc_libc_dir * (opendir)(const char *);
HC_LIBC long (pathconf)(const char *, int);
HC_LIBC int (pause)();
HC_LIBC int (pclose)(struct _IO_FILE *);
HC_LIBC void (perror)(const char *);
HC_LIBC int (pipe)(int[2]);
HC_LIBC int (pipe2)(int[2], int);
HC_LIBC int (poll)(struct pollfd *, unsigned long, int);
HC_LIBC struct _IO_FILE * (popen)(const char *, const char *);
HC_LIBC int (posix_fadvise)(int, long, long, int);
HC_LIBC int (posix_fallocate)(int, long, long);
HC_LIBC int (posix_madvise)(void *, long unsigned int, int);
HC_LIBC int (posix_memalign)(void **, long unsigned int, long unsigned int);
HC_LIBC long (pread)(int, void *, long unsigned int, long);
HC_LIBC long (preadv)(int, const struct iovec *, int, long);
HC_LIBC int (pthread_atfork)(void (*)(void), void (*)(void), void (*)(void));
HC_LIBC int (pthread_cancel)(unsigned long);
HC_LIBC int (pthread_detach)(unsigned long);
HC_LIBC int (pthread_equal)(unsigned long, unsigned long);
HC_LIBC void (pthread_exit)(void *);
HC_LIBC int (pthread_getconcurrency)();
HC_LIBC int (pthread_getcpuclockid)(unsigned long, int *);
HC_LIBC int (pthread_getname_np)(unsigned long, char *, long unsigned int);
HC_LIBC int (pthread_getschedparam)(unsigned long, int *, struct sched_param *);
HC_LIBC void * (pthread_getspecific)(unsigned int);
HC_LIBC int (pthread_join)(unsigned long, void **);
HC_LIBC int (pthread_key_create)(unsigned int *, void (*)(void *));
HC_LIBC int (pthread_key_delete)(unsigned int);
HC_LIBC int (pthread_kill)(unsigned long, int);
HC_LIBC int (pthread_once)(int *, void (*)(void));
HC_LIBC unsigned long (pthread_self)();
HC_LIBC int (pthread_setcancelstate)(int, int *);
HC_LIBC int (pthread_setcanceltype)(int, int *);
HC_LIBC int (pthread_setconcurrency)(int);
HC_LIBC int (pthread_setname_np)(unsigned long, const char *);
HC_LIBC int (pthread_setschedparam)(unsigned long, int, const struct sched_param *);
HC_LIBC int (pthread_setspecific)(unsigned int, const void *);
HC_LIBC int (pthread_spin_destroy)(int *);
HC_LIBC int (pthread_spin_init)(int *, int);
HC_LIBC int (pthread_spin_lock)(int *);
HC_LIBC int (pthread_spin_trylock)(int *);
HC_LIBC int (pthread_spin_unlock)(int *);
HC_LIBC void (pthread_testcancel)();
HC_LIBC int (pthread_timedjoin_np)(unsigned long, void **, const struct timespec *);
HC_LIBC int (pthread_tryjoin_np)(unsigned long, void **);
HC_LIBC int (pthread_yield)();
HC_LIBC int (putc)(int, struct _IO_FILE *);
HC_LIBC int (putc_unlocked)(int, struct _IO_FILE *);
HC_LIBC int (putchar)(int);
HC_LIBC int (putchar_unlocked)(int);
HC_LIBC int (putenv)(char *);
HC_LIBC int (puts)(const char *);
HC_LIBC long (pwrite)(int, const void *, long unsigned int, long);
HC_LIBC long (pwritev)(int, const struct iovec *, int, long);
HC_LIBC void (qsort)(void *, long unsigned int, long unsigned int, int (*)(const void *, const void *));
HC_LIBC void (qsort_r)(void *, long unsigned int, long unsigned int, int (*)(const void *, const void *, void *), void *);
HC_LIBC void (quick_exit)(int);
HC_LIBC int (raise)(int);
HC_LIBC int (rand)();
HC_LIBC int (rand_r)(unsigned int *);
HC_LIBC long (random)();
HC_LIBC void * (rawmemchr)(const void *, int);
HC_LIBC long (read)(int, void *, long unsigned int);
HC_LIBC struct dirent * (readdir)(struct hc_libc_dir *);
HC_LIBC int (readdir_r)(struct hc_libc_dir *, struct dirent *, struct dirent **);
HC_LIBC long (readlink)(const char *, char *, long unsigned int);
HC_LIBC long (readlinkat)(int, const char *, char *, long unsigned int);
HC_LIBC long (readv)(int, const struct iovec *, int);
HC_LIBC void * (realloc)(void *, long unsigned int);
HC_LIBC void * (reallocarray)(void *, long unsigned int, long unsigned int);
HC_LIBC char * (realpath)(const char *, char *);
HC_LIBC long (recv)(int, void *, long unsigned int, int);
HC_LIBC long (recvfrom)(int, void *, long unsigned int, int, struct sockaddr *, unsigned int *);
HC_LIBC long (recvmsg)(int, struct msghdr *, int);
HC_LIBC int (remove)(const char *);
HC_LIBC int (rename)(const char *, const char *);
HC_LIBC int (renameat)(int, const char *, int, const char *);
HC_LIBC void (rewind)(struct _IO_FILE *);
HC_LIBC void (rewinddir)(struct hc_libc_dir *);
HC_LIBC char * (rindex)(const char *, int);
HC_LIBC int (rmdir)(const char *);
HC_LIBC int (scandir)(const char *, struct dirent ***, int (*)(const struct dirent *), int (*)(const struct dirent **, const struct dirent **));
HC_LIBC int (sched_get_priority_max)(int);
HC_LIBC int (sched_get_priority_min)(int);
HC_LIBC int (sched_getcpu)();
HC_LIBC int (sched_getparam)(int, struct sched_param *);
HC_LIBC int (sched_getscheduler)(int);
HC_LIBC int (sched_rr_get_interval)(int, struct timespec *);
HC_LIBC int (sched_setparam)(int, const struct sched_param *);
HC_LIBC int (sched_setscheduler)(int, int, const struct sched_param *);
HC_LIBC int (sched_yield)();
HC_LIBC char * (secure_getenv)(const char *);
HC_LIBC unsigned short * (seed48)(unsigned short[3]);
HC_LIBC void (seekdir)(struct hc_libc_dir *, long);
HC_LIBC int (sem_unlink)(const char *);
HC_LIBC long (send)(int, const void *, long unsigned int, int);
HC_LIBC long (sendfile)(int, int, long *, long unsigned int);
HC_LIBC long (sendmsg)(int, const struct msghdr *, int);
HC_LIBC long (sendto)(int, const void *, long unsigned int, int, const struct sockaddr *, unsigned int);
HC_LIBC void (setbuf)(struct _IO_FILE *, char *);
HC_LIBC void (setbuffer)(struct _IO_FILE *, char *, long unsigned int);
HC_LIBC int (setegid)(unsigned int);
HC_LIBC int (setenv)(const char *, const char *, int);
HC_LIBC int (seteuid)(unsigned int);
HC_LIBC int (setgid)(unsigned int);
HC_LIBC int (setgroups)(long unsigned int, const unsigned int *);
HC_LIBC void (setlinebuf)(struct _IO_FILE *);
HC_LIBC char * (setlocale)(int, const char *);
HC_LIBC int (setpgid)(int, int);
HC_LIBC int (setpriority)(int, unsigned int, int);
HC_LIBC int (setrlimit)(int, const struct rlimit *);
HC_LIBC int (setsid)();
HC_LIBC int (setsockopt)(int, int, int, const void *, unsigned int);
HC_LIBC char * (setstate)(char *);
HC_LIBC int (setuid)(unsigned int);
HC_LIBC int (setvbuf)(struct _IO_FILE *, char *, int, long unsigned int);
HC_LIBC int (shutdown)(int, int);
HC_LIBC int (sigaction)(int, const struct sigaction *, struct sigaction *);
HC_LIBC const char * (sigdescr_np)(int);
HC_LIBC int (siginterrupt)(int, int);
HC_LIBC unsigned int (sleep)(unsigned int);
HC_LIBC int (socket)(int, int, int);
HC_LIBC int (socketpair)(int, int, int, int[2]);
HC_LIBC void (srand)(unsigned int);
HC_LIBC void (srand48)(long);
HC_LIBC void (srandom)(unsigned int);
HC_LIBC int (stat)(const char *, struct stat *);
HC_LIBC int (statvfs)(const char *, struct statvfs *);
HC_LIBC char * (stpcpy)(char *, const char *);
HC_LIBC char * (stpncpy)(char *, const char *, long unsigned int);
HC_LIBC int (strcasecmp)(const char *, const char *);
HC_LIBC char * (strcasestr)(const char *, const char *);
HC_LIBC char * (strcat)(char *, const char *);
HC_LIBC char * (strchr)(const char *, int);
HC_LIBC char * (strchrnul)(const char *, int);
HC_LIBC int (strcmp)(const char *, const char *);
HC_LIBC int (strcoll)(const char *, const char *);
HC_LIBC char * (strcpy)(char *, const char *);
HC_LIBC long unsigned int (strcspn)(const char *, const char *);
HC_LIBC char * (strdup)(const char *);
HC_LIBC char * (strerror)(int);
HC_LIBC char * (strerror_r)(int, char *, long unsigned int);
HC_LIBC const char * (strerrordesc_np)(int);
HC_LIBC long unsigned int (strftime)(char *, long unsigned int, const char *, const struct tm *);
HC_LIBC long unsigned int (strlcat)(char *, const char *, long unsigned int);
HC_LIBC long unsigned int (strlcpy)(char *, const char *, long unsigned int);
HC_LIBC long unsigned int (strlen)(const char *);
HC_LIBC int (strncasecmp)(const char *, const char *, long unsigned int);
HC_LIBC char * (strncat)(char *, const char *, long unsigned int);
HC_LIBC int (strncmp)(const char *, const char *, long unsigned int);
HC_LIBC char * (strncpy)(char *, const char *, long unsigned int);
HC_LIBC char * (strndup)(const char *, long unsigned int);
HC_LIBC long unsigned int (strnlen)(const char *, long unsigned int);
HC_LIBC char * (strpbrk)(const char *, const char *);
HC_LIBC char * (strptime)(const char *, const char *, struct tm *);
HC_LIBC char * (strrchr)(const char *, int);
HC_LIBC char * (strsep)(char **, const char *);
HC_LIBC char * (strsignal)(int);
HC_LIBC long unsigned int (strspn)(const char *, const char *);
HC_LIBC char * (strstr)(const char *, const char *);
HC_LIBC double (strtod)(const char *, char **);
HC_LIBC float (strtof)(const char *, char **);
HC_LIBC long (strtoimax)(const char *, char **, int);
HC_LIBC char * (strtok)(char *, const char *);
HC_LIBC char * (strtok_r)(char *, const char *, char **);
HC_LIBC long (strtol)(const char *, char **, int);
HC_LIBC long double (strtold)(const char *, char **);
HC_LIBC long long (strtoll)(const char *, char **, int);
HC_LIBC unsigned long (strtoul)(const char *, char **, int);
HC_LIBC unsigned long long (strtoull)(const char *, char **, int);
HC_LIBC unsigned long (strtoumax)(const char *, char **, int);
HC_LIBC int (strverscmp)(const char *, const char *);
HC_LIBC long unsigned int (strxfrm)(char *, const char *, long unsigned int);
HC_LIBC int (symlink)(const char *, const char *);
HC_LIBC int (symlinkat)(const char *, int, const char *);
HC_LIBC void (sync)();
HC_LIBC int (syncfs)(int);
namespace detail {
HC_LIBC long (syscall)(long, const void *);
}
HC_LIBC long (sysconf)(int);
HC_LIBC int (sysinfo)(struct sysinfo *);
HC_LIBC int (system)(const char *);
HC_LIBC int (tcdrain)(int);
HC_LIBC int (tcflush)(int, int);
HC_LIBC int (tcgetattr)(int, struct termios *);
HC_LIBC int (tcgetpgrp)(int);
HC_LIBC int (tcsetattr)(int, int, const struct termios *);
HC_LIBC int (tcsetpgrp)(int, int);
HC_LIBC long (telldir)(struct hc_libc_dir *);
HC_LIBC unsigned long (thrd_current)();
HC_LIBC int (thrd_detach)(unsigned long);
HC_LIBC int (thrd_equal)(unsigned long, unsigned long);
HC_LIBC void (thrd_exit)(int);
HC_LIBC int (thrd_join)(unsigned long, int *);
HC_LIBC int (thrd_sleep)(const struct timespec *, struct timespec *);
HC_LIBC void (thrd_yield)();
HC_LIBC long (time)(long *);
HC_LIBC long (timegm)(struct tm *);
HC_LIBC long (timelocal)(struct tm *);
HC_LIBC long (times)(struct tms *);
HC_LIBC int (timespec_get)(struct timespec *, int);
HC_LIBC struct _IO_FILE * (tmpfile)();
HC_LIBC char * (tmpnam)(char *);
HC_LIBC int (toascii)(int);
HC_LIBC int (tolower)(int);
HC_LIBC int (toupper)(int);
HC_LIBC int (truncate)(const char *, long);
HC_LIBC void (tss_delete)(unsigned int);
HC_LIBC void * (tss_get)(unsigned int);
HC_LIBC int (tss_set)(unsigned int, void *);
HC_LIBC char * (ttyname)(int);
HC_LIBC int (ttyname_r)(int, char *, long unsigned int);
HC_LIBC void (tzset)();
HC_LIBC unsigned int (umask)(unsigned int);
HC_LIBC int (uname)(struct utsname *);
HC_LIBC int (ungetc)(int, struct _IO_FILE *);
HC_LIBC int (unlink)(const char *);
HC_LIBC int (unlinkat)(int, const char *, int);
HC_LIBC int (unsetenv)(const char *);
HC_LIBC int (usleep)(unsigned int);
HC_LIBC int (utime)(const char *, const struct utimbuf *);
HC_LIBC int (utimensat)(int, const char *, const struct timespec[2], int);
HC_LIBC int (utimes)(const char *, const struct timeval[2]);
HC_LIBC void * (valloc)(long unsigned int);
HC_LIBC int (vasprintf)(char **, const char *, const void *);
HC_LIBC int (vdprintf)(int, const char *, const void *);
HC_LIBC void (verr)(int, const char *, const void *);
HC_LIBC void (verrx)(int, const char *, const void *);
HC_LIBC int (vfork)();
HC_LIBC int (vfprintf)(struct _IO_FILE *, const char *, const void *);
HC_LIBC int (vfscanf)(struct _IO_FILE *, const char *, const void *);
HC_LIBC int (vprintf)(const char *, const void *);
HC_LIBC int (vscanf)(const char *, const void *);
HC_LIBC int (vsnprintf)(char *, long unsigned int, const char *, const void *);
HC_LIBC int (vsprintf)(char *, const char *, const void *);
HC_LIBC int (vsscanf)(const char *, const char *, const void *);
HC_LIBC void (vwarn)(const char *, const void *);
HC_LIBC void (vwarnx)(const char *, const void *);
HC_LIBC int (wait)(int *);
HC_LIBC int (waitpid)(int, int *, int);
HC_LIBC int * (wcscat)(int *, const int *);
HC_LIBC int * (wcschr)(const int *, int);
HC_LIBC int (wcscmp)(const int *, const int *);
HC_LIBC int (wcscoll)(const int *, const int *);
HC_LIBC int * (wcscpy)(int *, const int *);
HC_LIBC long unsigned int (wcscspn)(const int *, const int *);
HC_LIBC int * (wcsdup)(const int *);
HC_LIBC long unsigned int (wcslen)(const int *);
HC_LIBC int * (wcsncat)(int *, const int *, long unsigned int);
HC_LIBC int (wcsncmp)(const int *, const int *, long unsigned int);
HC_LIBC int * (wcsncpy)(int *, const int *, long unsigned int);
HC_LIBC long unsigned int (wcsnlen)(const int *, long unsigned int);
HC_LIBC int * (wcspbrk)(const int *, const int *);
HC_LIBC int * (wcsrchr)(const int *, int);
HC_LIBC long unsigned int (wcsspn)(const int *, const int *);
HC_LIBC int * (wcsstr)(const int *, const int *);
HC_LIBC int * (wcstok)(int *, const int *, int **);
HC_LIBC long unsigned int (wcstombs)(char *, const int *, long unsigned int);
HC_LIBC int (wctob)(unsigned int);
HC_LIBC int (wctomb)(char *, int);
HC_LIBC int * (wmemchr)(const int *, int, long unsigned int);
HC_LIBC int (wmemcmp)(const int *, const int *, long unsigned int);
HC_LIBC int * (wmemcpy)(int *, const int *, long unsigned int);
HC_LIBC int * (wmemmove)(int *, const int *, long unsigned int);
HC_LIBC int * (wmemset)(int *, int, long unsigned int);
HC_LIBC long (write)(int, const void *, long unsigned int);
HC_LIBC long (writev)(int, const struct iovec *, int);

namespace detail {
/* What C passes for `...`: every argument at its natural alignment, promoted. */
template <class T> __device__ inline auto promoted(T value) -> decltype(+value) { return +value; }
__device__ inline double promoted(float value) { return value; }
template <unsigned Count> struct packed {
    alignas(8) unsigned char bytes[8 * Count + 8];
    unsigned end = 0;
    template <class T> __device__ void add(T value) {
        end = (end + unsigned(sizeof value) - 1u) / unsigned(sizeof value) * unsigned(sizeof value);
        *reinterpret_cast<T *>(bytes + end) = value;
        end += unsigned(sizeof value);
    }
};
template <class... Arguments> __device__ inline packed<sizeof...(Arguments)> pack(Arguments... arguments) {
    packed<sizeof...(Arguments)> all;
    (all.add(promoted(arguments)), ...);
    return all;
}
} // namespace detail

template <class... Arguments> __device__ inline int asprintf(char ** hc_0, const char * hc_1, Arguments... arguments) {
    return vasprintf(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int dprintf(int hc_0, const char * hc_1, Arguments... arguments) {
    return vdprintf(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline void err(int hc_0, const char * hc_1, Arguments... arguments) {
    return verr(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline void errx(int hc_0, const char * hc_1, Arguments... arguments) {
    return verrx(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int execl(const char * hc_0, const char * hc_1, Arguments... arguments) {
    return detail::execl(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int execle(const char * hc_0, const char * hc_1, Arguments... arguments) {
    return detail::execle(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int execlp(const char * hc_0, const char * hc_1, Arguments... arguments) {
    return detail::execlp(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int fcntl(int hc_0, int hc_1, Arguments... arguments) {
    return detail::fcntl(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int fprintf(struct _IO_FILE * hc_0, const char * hc_1, Arguments... arguments) {
    return vfprintf(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int fscanf(struct _IO_FILE * hc_0, const char * hc_1, Arguments... arguments) {
    return vfscanf(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int ioctl(int hc_0, unsigned long hc_1, Arguments... arguments) {
    return detail::ioctl(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline void * mremap(void * hc_0, long unsigned int hc_1, long unsigned int hc_2, int hc_3, Arguments... arguments) {
    return detail::mremap(hc_0, hc_1, hc_2, hc_3, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int open(const char * hc_0, int hc_1, Arguments... arguments) {
    return detail::open(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int openat(int hc_0, const char * hc_1, int hc_2, Arguments... arguments) {
    return detail::openat(hc_0, hc_1, hc_2, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int scanf(const char * hc_0, Arguments... arguments) {
    return vscanf(hc_0, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int snprintf(char * hc_0, long unsigned int hc_1, const char * hc_2, Arguments... arguments) {
    return vsnprintf(hc_0, hc_1, hc_2, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int sprintf(char * hc_0, const char * hc_1, Arguments... arguments) {
    return vsprintf(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline int sscanf(const char * hc_0, const char * hc_1, Arguments... arguments) {
    return vsscanf(hc_0, hc_1, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline long syscall(long hc_0, Arguments... arguments) {
    return detail::syscall(hc_0, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline void warn(const char * hc_0, Arguments... arguments) {
    return vwarn(hc_0, detail::pack(arguments...).bytes);
}
template <class... Arguments> __device__ inline void warnx(const char * hc_0, Arguments... arguments) {
    return vwarnx(hc_0, detail::pack(arguments...).bytes);
}
} // namespace hostcall

#pragma nv_diagnostic pop
#endif
