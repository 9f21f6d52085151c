/* SPDX-License-Identifier: Apache-2.0
 *
 * Types of time, shared by <time.h>, <sys/time.h> and the headers whose structures hold times.
 */
#ifndef _HC_BITS_TIME_H
#define _HC_BITS_TIME_H

typedef long time_t;
typedef long clock_t;
typedef int clockid_t;
typedef long suseconds_t;

struct timespec {
    time_t tv_sec;
    long tv_nsec;
};
struct timeval {
    time_t tv_sec;
    suseconds_t tv_usec;
};

#endif
