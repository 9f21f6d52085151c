/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys hold a value per thread; their destructors run.
 * libs: -pthread
 */
#include <pthread.h>
#include "check.h"

static pthread_key_t key;
static int destroyed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void destroy(void *p) {
    pthread_mutex_lock(&lock);
    destroyed += (int)(long)p;
    pthread_mutex_unlock(&lock);
}
static void *run(void *p) {
    if (pthread_getspecific(key) != NULL) puts("not empty");
    pthread_setspecific(key, p);
    return (void *)(long)(pthread_getspecific(key) == p);
}

int main(void) {
    pthread_t t[3];
    void *r;
    I(pthread_key_create(&key, destroy));
    pthread_setspecific(key, (void *)1000);
    for (long i = 0; i < 3; i++) pthread_create(&t[i], NULL, run, (void *)(i + 1));
    for (int i = 0; i < 3; i++) {
        pthread_join(t[i], &r);
        I((long)r);
    }
    I(destroyed);
    I((long)pthread_getspecific(key));
    I(pthread_key_delete(key));
    return 0;
}
