/* SPDX-License-Identifier: Apache-2.0
 *
 * A barrier lets all go together, and tells one of them.
 * libs: -pthread
 */
#include <pthread.h>
#include "check.h"

static pthread_barrier_t barrier;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int arrived, early, serial;
static void *run(void *p) {
    for (int round = 1; round <= 3; round++) {
        pthread_mutex_lock(&lock);
        arrived++;
        pthread_mutex_unlock(&lock);
        int r = pthread_barrier_wait(&barrier);
        pthread_mutex_lock(&lock);
        if (arrived < round * 4) early++;
        if (r == PTHREAD_BARRIER_SERIAL_THREAD) serial++;
        pthread_mutex_unlock(&lock);
        pthread_barrier_wait(&barrier);
    }
    return p;
}

int main(void) {
    pthread_t t[3];
    I(pthread_barrier_init(&barrier, NULL, 4));
    for (int i = 0; i < 3; i++) pthread_create(&t[i], NULL, run, NULL);
    run(NULL);
    for (int i = 0; i < 3; i++) pthread_join(t[i], NULL);
    I(arrived);
    I(early);
    I(serial);
    I(pthread_barrier_destroy(&barrier));
    I(pthread_barrier_init(&barrier, NULL, 0));
    return 0;
}
