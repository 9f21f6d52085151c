/* SPDX-License-Identifier: Apache-2.0
 *
 * A reader and a writer at the ends of a pipe.
 * libs: -pthread
 */
#include <pthread.h>
#include <unistd.h>
#include "check.h"

static int ends[2];
static void *feed(void *p) {
    static char block[10000];
    for (int i = 0; i < 30; i++) {
        size_t done = 0;
        memset(block, 'a' + i % 26, sizeof block);
        while (done < sizeof block) {
            ssize_t n = write(ends[1], block + done, sizeof block - done);
            if (n < 0) return p;
            done += (size_t)n;
        }
    }
    close(ends[1]);
    return NULL;
}

int main(void) {
    pthread_t t;
    char part[777];
    long total = 0, sum = 0;
    ssize_t n;
    pipe(ends);
    pthread_create(&t, NULL, feed, NULL);
    while ((n = read(ends[0], part, sizeof part)) > 0) {
        total += n;
        for (ssize_t i = 0; i < n; i++) sum += part[i];
    }
    pthread_join(t, NULL);
    I(n);
    I(total);
    I(sum);
    return 0;
}
