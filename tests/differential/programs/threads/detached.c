/* SPDX-License-Identifier: Apache-2.0
 *
 * A detached thread ends by itself; joining it is refused.
 * libs: -pthread
 * choice: joining a detached thread is undefined; the state by the attribute is compared.
 */
#include <pthread.h>
#include <semaphore.h>
#include "check.h"

static sem_t done;
static void *run(void *p) {
    sem_post(&done);
    return p;
}

int main(void) {
    pthread_t t;
    pthread_attr_t a;
    int state = -1;
    I(sem_init(&done, 0, 0));
    pthread_attr_init(&a);
    I(pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED));
    I(pthread_attr_getdetachstate(&a, &state));
    I(state == PTHREAD_CREATE_DETACHED);
    I(pthread_create(&t, &a, run, NULL));
    I(sem_wait(&done));
    I(pthread_create(&t, NULL, run, NULL));
    I(pthread_detach(t));
    I(sem_wait(&done));
    pthread_attr_destroy(&a);
    return 0;
}
