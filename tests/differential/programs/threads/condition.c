/* SPDX-License-Identifier: Apache-2.0
 *
 * Two threads take turns by a condition variable.
 * libs: -pthread
 */
#include <pthread.h>
#include "check.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;
static void *play(void *p) {
    long me = (long)p;
    for (int i = 0; i < 20; i++) {
        pthread_mutex_lock(&lock);
        while (turn % 2 != me) pthread_cond_wait(&changed, &lock);
        printf("%s %d\n", me ? "pong" : "ping", turn);
        turn++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int main(void) {
    pthread_t t;
    pthread_create(&t, NULL, play, (void *)1);
    play((void *)0);
    pthread_join(t, NULL);
    I(turn);
    return 0;
}
