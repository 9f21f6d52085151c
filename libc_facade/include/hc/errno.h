/* SPDX-License-Identifier: Apache-2.0
 *
 * errno of a lane, and the numbers it takes: Linux's on x86-64, on every device. Where the place of a lane is, client.h knows.
 */
#ifndef HC_ERRNO_H
#define HC_ERRNO_H
#include "client.h"

#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#define HC_NVCC 1
/* The host's declarations come before any standard name is a macro: wrappers below call the host's function in host code. */
#define HC_PASS_THROUGH 1
#include <arpa/inet.h>
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <grp.h>
#include <libgen.h>
#include <locale.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>
#undef HC_PASS_THROUGH
#endif

/* A facade function. Under nvcc the standard names are macros in host code too, so there each is both: HC_SPLIT says what it does on a
 * device and what on the host. Everywhere else the second expression is never seen by the compiler. */
#if defined(HC_NVCC)
#define HC_API static __host__ __device__ __forceinline__
#else
#define HC_API HC_FN
#endif
#if defined(HC_NVCC) && !defined(__CUDA_ARCH__)
#define HC_SPLIT(device, host) return host;
#define HC_SPLIT_VOID(device, host) host;
#else
#define HC_SPLIT(device, host) return device;
#define HC_SPLIT_VOID(device, host) device;
#endif

/* The bodies: one for each opcode and never shared. Were the opcode an argument, a compiler could merge the calls in the two arms of a
 * branch into one, and lanes with different opcodes would begin one packet. Not inlined: each holds a whole transaction. */
#if defined(HC_CUDA)
#define HC_BODY static __device__ __attribute__((noinline, unused))
#else
#define HC_BODY static __attribute__((noinline, unused))
#endif
/* PoCL moves a kernel's __local arrays only for code that is inlined into the kernel. */
#define HC_LOCAL_BODY static __attribute__((always_inline, unused))

/* HC_NO_UNROLL for loops that share a line with it, mostly in macros. */
#define HC_ROLLED HC_NO_UNROLL

/* X(space, attributes, body qualifier) for every space that a pointer parameter can have. */
#if defined(HC_OPENCL)
#define HC_FOR_IN(X)                                                                                                                      \
    X(__private, HC_OVERLOAD, HC_BODY) X(__global, HC_OVERLOAD, HC_BODY) X(__constant, HC_OVERLOAD, HC_BODY)                               \
    X(__local, HC_OVERLOAD, HC_LOCAL_BODY)
#define HC_FOR_OUT(X) X(__private, HC_OVERLOAD, HC_BODY) X(__global, HC_OVERLOAD, HC_BODY) X(__local, HC_OVERLOAD, HC_LOCAL_BODY)
#else
#define HC_FOR_IN(X) X(, , HC_BODY)
#define HC_FOR_OUT(X) X(, , HC_BODY)
#endif

/* C's long, size_t and ssize_t; 64 bits on every device there is. */
#if defined(HC_HOST)
typedef __SIZE_TYPE__ size_t;
#endif
#if defined(_WIN64) && !defined(HC_OPENCL)
typedef long long hc_long;
#else
typedef long hc_long;
#endif
HC_STATIC_ASSERT(sizeof(hc_long) == 8 && sizeof(size_t) == 8, hc_long_width);
#define HC_SSIZE_MAX 0x7fffffffffffffffull

#define HC_EPERM 1
#define HC_ENOENT 2
#define HC_EBADF 9
#define HC_EFAULT 14
#define HC_EISDIR 21
#define HC_ENOTTY 25
#define HC_ERANGE 34
#define HC_ENAMETOOLONG 36
#define HC_EOVERFLOW 75

/* errno is an lvalue also where no runtime is bound and no lane has a place: there it reads ENODEV, which is what every call answers. */
#if defined(HC_CUDA)
static __device__ hc_i32 hc_errno_nowhere = HC_ENODEV;
#endif
HC_API HC_GLOBAL int *hc_errno_place(void) {
#if defined(HC_NVCC) && !defined(__CUDA_ARCH__)
    return &errno;
#elif defined(HC_CUDA)
    hc_i32 *p = hc_errno_location();
    return p ? p : &hc_errno_nowhere;
#else
    return hc_errno_location();
#endif
}
/* Code that only computes reports through this on either side. */
HC_API void hc_errno_note(int code) { HC_SPLIT_VOID(hc_errno_set(code), errno = code) }
#undef HC_SET_ERRNO
#define HC_SET_ERRNO(code) hc_errno_note(code)

#endif
