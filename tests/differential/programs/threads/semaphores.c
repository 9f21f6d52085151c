/* SPDX-License-Identifier: Apache-2.0
 *
 * Semaphores count, and refuse to go below.
 * libs: -pthread
 */
#include <semaphore.h>
#include <time.h>
#include "check.h"

int main(void) {
    sem_t s;
    int v;
    struct timespec past = {1, 0};
    I(sem_init(&s, 0, 2));
    I(sem_wait(&s));
    I(sem_trywait(&s));
    X(sem_trywait(&s));
    X(sem_timedwait(&s, &past));
    I(sem_post(&s));
    I(sem_getvalue(&s, &v));
    I(v);
    I(sem_destroy(&s));
    return 0;
}
