/* SPDX-License-Identifier: Apache-2.0
 *
 * thread_local variables and errno belong to their thread.
 * libs: -pthread
 */
#include <pthread.h>
#include <unistd.h>
#include "check.h"

static _Thread_local int mine = 5;
static void *run(void *p) {
    mine += (int)(long)p;
    errno = 0;
    close(-1);
    return (void *)(long)(mine * 1000 + errno);
}

int main(void) {
    pthread_t t[3];
    void *r;
    errno = 3;
    mine = 100;
    for (long i = 0; i < 3; i++) pthread_create(&t[i], NULL, run, (void *)i);
    for (int i = 0; i < 3; i++) {
        pthread_join(t[i], &r);
        I((long)r);
    }
    I(mine);
    errno = 3;
    pthread_create(&t[0], NULL, run, NULL);
    pthread_join(t[0], &r);
    I(errno);
    return 0;
}
