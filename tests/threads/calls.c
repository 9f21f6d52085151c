/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads that ask the host at once: files of their own, one descriptor for all, standard output line by line.
 */
#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define THREADS 8
#define LINES 20

static int shared;

static void *work(void *argument) {
    int me = (int)(long)argument, i, fd;
    char name[32], line[32], back[32];
    snprintf(name, sizeof name, "part-%d", me);
    fd = open(name, O_CREAT | O_EXCL | O_RDWR, 0644);
    CHECK(fd >= 0);
    for (i = 0; i < LINES; i++) {
        int n = snprintf(line, sizeof line, "%d:%03d\n", me, i);
        CHECK_IS(write(fd, line, (size_t)n), n);
        CHECK_IS(pwrite(shared, line, (size_t)n, (me * LINES + i) * (long)n), n);
        CHECK_IS(pread(fd, back, (size_t)n, (long)i * n), n);
        CHECK(memcmp(line, back, (size_t)n) == 0);
        CHECK_IS(open("not-there", O_RDONLY), -1);
        CHECK_IS(errno, ENOENT);
    }
    CHECK_IS(close(fd), 0);
    CHECK_IS(unlink(name), 0);
    return NULL;
}

int main(void) {
    static char all[THREADS * LINES * 6 + 1];
    pthread_t threads[THREADS];
    long i;
    shared = open("all", O_CREAT | O_TRUNC | O_RDWR, 0644);
    CHECK(shared >= 0);
    for (i = 0; i < THREADS; i++) CHECK_IS(pthread_create(&threads[i], NULL, work, (void *)i), 0);
    for (i = 0; i < THREADS; i++) CHECK_IS(pthread_join(threads[i], NULL), 0);
    CHECK_IS(pread(shared, all, sizeof all, 0), THREADS * LINES * 6);
    fputs(all, stdout);
    return 0;
}
