/* SPDX-License-Identifier: Apache-2.0
 *
 * Waits with a moment in the past end with ETIMEDOUT.
 * libs: -pthread
 */
#include <pthread.h>
#include <time.h>
#include "check.h"

int main(void) {
    pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t c = PTHREAD_COND_INITIALIZER;
    struct timespec past = {1, 0}, soon;
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec += 3000000;
    if (soon.tv_nsec >= 1000000000) {
        soon.tv_sec++;
        soon.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&m);
    I(pthread_cond_timedwait(&c, &m, &past) == ETIMEDOUT);
    I(pthread_cond_timedwait(&c, &m, &soon) == ETIMEDOUT);
    I(pthread_mutex_timedlock(&m, &past) == ETIMEDOUT);
    I(pthread_mutex_unlock(&m));
    I(pthread_cond_destroy(&c));
    return 0;
}
